//! Boot files for one node.

use ferric_model::secret::Secret;
use url::Url;

use crate::Result;
use crate::boot::MacAddress;
use crate::ipxe::quote::{check_line, for_ipxe};

/// Downloads iPXE tries before it gives up and powers off.
const TRIES: u32 = 10;

/// A ramdisk fetched over the network.
#[derive(Debug, Clone)]
pub struct NetBoot {
    /// Where the firmware fetches the kernel.
    pub kernel: Url,
    /// Where the firmware fetches the ramdisk.
    pub ramdisk: Url,
    /// One line, see [`crate::boot`]. `BOOTIF` is added by the loader, which knows the interface it booted from.
    pub kernel_cmdline: Secret<String>,
}

impl NetBoot {
    /// The iPXE script of a node. It carries the kernel line, so it is as secret.
    ///
    /// Errors: `Invalid` when the kernel line has what iPXE would interpret.
    pub fn ipxe_script(&self) -> Result<String> {
        let (kernel, ramdisk) = (script_url(&self.kernel)?, script_url(&self.ramdisk)?);
        let line = for_ipxe(self.kernel_cmdline.expose())?;
        Ok(format!(
            "#!ipxe\n\
             set tries:int32 0\n\
             :fetch\n\
             imgfree\n\
             kernel --name vmlinuz {kernel} {line} BOOTIF=${{mac}} initrd=initrd || goto again\n\
             initrd --name initrd {ramdisk} || goto again\n\
             boot || goto again\n\
             :again\n\
             inc tries\n\
             iseq ${{tries}} {TRIES} && goto give_up ||\n\
             echo Boot failed, trying again in ${{tries}} s\n\
             sleep ${{tries}}\n\
             goto fetch\n\
             :give_up\n\
             echo Boot failed {TRIES} times, powering off in 30 s\n\
             sleep 30\n\
             poweroff\n"
        ))
    }

    /// The pxelinux configuration of a node; pxelinux appends `BOOTIF` itself.
    ///
    /// Errors: `Invalid` when the kernel line has control characters.
    pub fn pxelinux_config(&self) -> Result<String> {
        let line = self.kernel_cmdline.expose();
        check_line(line)?;
        let (kernel, ramdisk) = (&self.kernel, &self.ramdisk);
        Ok(format!(
            "default ramdisk\n\nlabel ramdisk\nkernel {kernel}\nappend initrd={ramdisk} {line}\nipappend 2\n"
        ))
    }
}

/// Where iPXE looks for the script of a port, relative to the entry script.
pub fn ipxe_file_name(mac: MacAddress) -> String {
    format!("pxelinux.cfg/{}", mac.hyphenated())
}

/// Where pxelinux looks for the configuration of an Ethernet port.
pub fn pxelinux_file_name(mac: MacAddress) -> String {
    format!("pxelinux.cfg/01-{}", mac.hyphenated())
}

/// The script every node starts with: goes on with the file of the interface it booted from, else of the first others.
pub fn ipxe_entry_script() -> String {
    let mut script = String::from("#!ipxe\nchain --autofree pxelinux.cfg/${mac:hexhyp} ||\n");
    for interface in 0..4 {
        script += &format!("chain --autofree pxelinux.cfg/${{net{interface}/mac:hexhyp}} ||\n");
    }
    script += "echo No boot configuration for this node, rebooting in 180 s\nsleep 180\nreboot\n";
    script
}

/// A URL as one word; it may hold characters that iPXE interprets.
fn script_url(url: &Url) -> Result<String> {
    for_ipxe(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(line: &str) -> NetBoot {
        NetBoot {
            kernel: Url::parse("http://boot:8080/t/kernel").unwrap(),
            ramdisk: Url::parse("http://boot:8080/t/ramdisk?x=1").unwrap(),
            kernel_cmdline: Secret::new(line.to_owned()),
        }
    }

    #[test]
    fn ipxe_fetches_both_and_passes_the_line() {
        let script = boot("nofb ipa-api-url=http://a").ipxe_script().unwrap();
        let kernel = script.lines().find(|line| line.starts_with("kernel ")).unwrap();
        let (command, otherwise) = kernel.split_once("||").unwrap();
        assert_eq!(
            command.split_whitespace().collect::<Vec<_>>()[3..],
            ["http://boot:8080/t/kernel", "nofb", "ipa-api-url=http://a", "BOOTIF=${mac}", "initrd=initrd"]
        );
        assert_eq!(otherwise.trim(), "goto again");
        assert!(
            script.starts_with("#!ipxe\n") && script.contains("http://boot:8080/t/ramdisk?x=1 ||"),
            "{script}"
        );
        for label in script.split("goto ").skip(1).map(|rest| rest.split_whitespace().next().unwrap()) {
            assert!(script.lines().any(|line| line == format!(":{label}")), "{label}");
        }
    }

    #[test]
    fn pxelinux_has_one_append_line() {
        let config = boot("nofb a=1").pxelinux_config().unwrap();
        let append = config.lines().filter(|line| line.starts_with("append ")).collect::<Vec<_>>();
        assert_eq!(append, ["append initrd=http://boot:8080/t/ramdisk?x=1 nofb a=1"]);
        assert_eq!(boot("a\nb").pxelinux_config().unwrap_err().kind(), "invalid");
        assert_eq!(boot("a\nb").ipxe_script().unwrap_err().kind(), "invalid");
    }

    #[test]
    fn files_are_named_by_address() {
        let mac: MacAddress = "52:54:00:AB:00:01".parse().unwrap();
        assert_eq!(ipxe_file_name(mac), "pxelinux.cfg/52-54-00-ab-00-01");
        assert_eq!(pxelinux_file_name(mac), "pxelinux.cfg/01-52-54-00-ab-00-01");
        assert!(ipxe_entry_script().contains("pxelinux.cfg/${net3/mac:hexhyp} ||\n"));
    }
}
