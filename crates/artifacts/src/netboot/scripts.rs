//! Boot files for one node.

use ferric_model::secret::Secret;
use url::Url;

use crate::iso::grub_words;
use crate::netboot::Menu;
use crate::netboot::quote::{check_line, for_ipxe};
use crate::{ArtifactError, Result};

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

    /// What a boot loader of this language is told.
    ///
    /// Errors: those of the language.
    pub fn menu(&self, menu: Menu) -> Result<String> {
        match menu {
            Menu::Ipxe => self.ipxe_script(),
            Menu::Pxelinux => self.pxelinux_config(),
            Menu::Grub => self.grub_config(),
        }
    }

    /// The grub configuration of a node.
    ///
    /// Errors: `Invalid` when the kernel line is unusable; `Unsupported` for URLs other than http, which is all that grub
    /// can fetch.
    pub fn grub_config(&self) -> Result<String> {
        let (kernel, ramdisk) = (grub_path(&self.kernel)?, grub_path(&self.ramdisk)?);
        let line = grub_words(self.kernel_cmdline.expose())?;
        Ok(format!(
            "set default=0\nset timeout=0\nmenuentry \"Ferric ramdisk\" {{\n    linux {kernel} {line} \
             BOOTIF=$net_default_mac\n    initrd {ramdisk}\n}}\n"
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

/// A boot image that iPXE starts as a CD.
#[derive(Debug, Clone)]
pub struct SanBoot {
    /// Where it lies.
    pub image: Url,
}

impl SanBoot {
    /// What a boot loader of this language is told.
    ///
    /// Errors: `Unsupported` for boot loaders that cannot start an image; `Invalid` for a URL that iPXE would interpret.
    pub fn menu(&self, menu: Menu) -> Result<String> {
        if menu != Menu::Ipxe {
            return Err(ArtifactError::Unsupported {
                what: "boot image for",
                value: "grub or pxelinux".to_owned(),
                supported: "iPXE (the boot interfaces ipxe and http-ipxe), and a kernel with a ramdisk",
            });
        }
        let image = script_url(&self.image)?;
        Ok(format!("#!ipxe\nsanboot --no-describe {image} || exit 0\n"))
    }
}

/// A URL as one word; it may hold characters that iPXE interprets.
fn script_url(url: &Url) -> Result<String> {
    for_ipxe(url.as_str())
}

/// A URL as grub writes it: device, then path.
fn grub_path(url: &Url) -> Result<String> {
    let (Some(host), "http") = (url.host_str(), url.scheme()) else {
        return Err(ArtifactError::Unsupported {
            what: "boot URL for grub",
            value: format!("{}:", url.scheme()),
            supported: "http:// URLs",
        });
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    grub_words(&format!("(http,{host}{port}){}{query}", url.path()))
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
    fn grub_fetches_from_the_server_by_its_own_name_for_it() {
        let config = boot("nofb a=$x").grub_config().unwrap();
        let line = |word: &str| config.lines().map(str::trim).find(|line| line.starts_with(word)).unwrap();
        assert_eq!(line("linux "), r"linux (http,boot:8080)/t/kernel nofb a=\$x BOOTIF=$net_default_mac");
        assert_eq!(line("initrd "), "initrd (http,boot:8080)/t/ramdisk?x=1");
        let secure = NetBoot { kernel: Url::parse("https://boot/k").unwrap(), ..boot("") };
        assert_eq!(secure.grub_config().unwrap_err().kind(), "unsupported");
    }
}
