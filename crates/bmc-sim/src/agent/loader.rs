//! What boot loaders do with their scripts: iPXE, grub and pxelinux, as far as a network boot needs them.

use url::Url;

use super::kernel::grub_commands;

/// What a script says is to be booted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// A kernel with its ramdisk.
    Kernel { kernel: String, ramdisk: String, words: Vec<String> },
    /// An image, as a CD.
    Image { url: String },
}

/// The scripts that an entry script of iPXE goes on with, in its order.
pub(super) fn chained(script: &str, at: &Url, boot_mac: &str, macs: &[String]) -> Vec<Url> {
    let hyphens = |mac: &str| mac.replace(':', "-");
    let lines = script.lines().filter_map(|line| line.trim().strip_prefix("chain "));
    lines
        .filter_map(|line| {
            let target = line.split_whitespace().find(|word| !word.starts_with("--") && *word != "||")?;
            let mut target = target.replace("${mac:hexhyp}", &hyphens(boot_mac));
            for (number, mac) in macs.iter().enumerate() {
                target = target.replace(&format!("${{net{number}/mac:hexhyp}}"), &hyphens(mac));
            }
            if target.contains("${") { None } else { at.join(&target).ok() }
        })
        .collect()
}

/// Reads a script of iPXE that boots something.
pub(super) fn ipxe(script: &str, boot_mac: &str) -> Option<Order> {
    let command = |name: &str| {
        let line = script.lines().find_map(|line| line.trim().strip_prefix(name))?;
        let line = line.split("||").next()?.replace("${mac}", boot_mac);
        let mut words = line.split_whitespace().map(str::to_owned).peekable();
        let mut kept = Vec::new();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--name" => drop(words.next()),
                option if option.starts_with("--") => {}
                _ => kept.push(word.replace('\\', "")),
            }
        }
        (!kept.is_empty()).then_some(kept)
    };
    if let Some(mut image) = command("sanboot ") {
        return Some(Order::Image { url: image.remove(0) });
    }
    let mut kernel = command("kernel ")?;
    let ramdisk = command("initrd ")?.remove(0);
    Some(Order::Kernel { kernel: kernel.remove(0), ramdisk, words: kernel })
}

/// Reads a configuration of grub.
pub(super) fn grub(script: &str, boot_mac: &str) -> Option<Order> {
    let commands = grub_commands(script);
    let find = |name: &str| commands.iter().find(|words| words.first().is_some_and(|word| word == name));
    let linux = find("linux")?;
    let words = linux.iter().skip(2).map(|word| word.replace("$net_default_mac", boot_mac)).collect();
    Some(Order::Kernel {
        kernel: grub_url(linux.get(1)?)?,
        ramdisk: grub_url(find("initrd")?.get(1)?)?,
        words,
    })
}

/// `(http,host:port)/path` as a URL.
fn grub_url(path: &str) -> Option<String> {
    let (host, path) = path.strip_prefix("(http,")?.split_once(')')?;
    Some(format!("http://{host}{path}"))
}

/// Reads a configuration of pxelinux.
pub(super) fn pxelinux(script: &str, boot_mac: &str) -> Option<Order> {
    let line = |name: &str| script.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let mut words: Vec<String> = line("append ")?.split_whitespace().map(str::to_owned).collect();
    let at = words.iter().position(|word| word.starts_with("initrd="))?;
    let ramdisk = words.remove(at).split_off("initrd=".len());
    if line("ipappend ").is_some_and(|number| number == "2") {
        words.push(format!("BOOTIF=01-{}", boot_mac.replace(':', "-")));
    }
    Some(Order::Kernel { kernel: line("kernel ")?.to_owned(), ramdisk, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: &str = "52:54:00:00:00:01";

    #[test]
    fn every_language_names_kernel_and_ramdisk() {
        let ipxe_script = "#!ipxe\n:fetch\nkernel --name vmlinuz http://b/t/kernel a=\\\"1\\\" BOOTIF=${mac} initrd=initrd || goto again\n\
                           initrd --name initrd http://b/t/ramdisk || goto again\nboot || goto again\n";
        let grub_script = "menuentry x {\n linux (http,b:80)/t/kernel a=\\$1 BOOTIF=$net_default_mac\n initrd (http,b:80)/t/ramdisk\n}\n";
        let pxelinux_script = "default r\nlabel r\nkernel http://b/t/kernel\nappend initrd=http://b/t/ramdisk a=1\nipappend 2\n";
        let cases = [
            (
                ipxe(ipxe_script, MAC),
                "b",
                vec!["a=\"1\"".to_owned(), format!("BOOTIF={MAC}"), "initrd=initrd".into()],
            ),
            (grub(grub_script, MAC), "b:80", vec!["a=$1".to_owned(), format!("BOOTIF={MAC}")]),
            (
                pxelinux(pxelinux_script, MAC),
                "b",
                vec!["a=1".to_owned(), "BOOTIF=01-52-54-00-00-00-01".into()],
            ),
        ];
        for (order, host, words) in cases {
            let (kernel, ramdisk) = (format!("http://{host}/t/kernel"), format!("http://{host}/t/ramdisk"));
            assert_eq!(order, Some(Order::Kernel { kernel, ramdisk, words }));
        }
        let image = ipxe("#!ipxe\nsanboot --no-describe http://b/t/boot.iso || exit 0\n", MAC);
        assert_eq!(image, Some(Order::Image { url: "http://b/t/boot.iso".to_owned() }));
    }

    #[test]
    fn an_entry_script_asks_for_each_card() {
        let script = "#!ipxe\nchain --autofree pxelinux.cfg/${mac:hexhyp} ||\nchain pxelinux.cfg/${net1/mac:hexhyp} ||\nchain pxelinux.cfg/${net9/mac:hexhyp} ||\n";
        let at = Url::parse("http://b/boot/boot.ipxe").unwrap();
        let macs = [MAC.to_owned(), "52:54:00:00:00:02".to_owned()];
        let urls: Vec<String> = chained(script, &at, MAC, &macs).iter().map(Url::to_string).collect();
        assert_eq!(
            urls,
            ["http://b/boot/pxelinux.cfg/52-54-00-00-00-01", "http://b/boot/pxelinux.cfg/52-54-00-00-00-02"]
        );
    }
}
