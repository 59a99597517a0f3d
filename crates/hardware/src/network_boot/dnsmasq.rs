//! Files that dnsmasq reads without a restart: who boots, and what it is told.
//!
//! Source: dnsmasq(8), `--dhcp-hostsdir`, `--dhcp-optsdir`; `contract: boot-and-images` section 4.

use super::dhcp::Offer;
use crate::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::fs;
use uuid::Uuid;

/// The folders of one dnsmasq.
#[derive(Debug)]
pub(super) struct Dnsmasq {
    hostsdir: PathBuf,
    optsdir: PathBuf,
}

impl Dnsmasq {
    pub(super) const fn new(hostsdir: PathBuf, optsdir: PathBuf) -> Self {
        Self { hostsdir, optsdir }
    }

    /// Tells dnsmasq what the node is to boot. The node itself is the tag, so that there is nothing to remember.
    pub(super) async fn offer(&self, node: Uuid, offer: &Offer) -> Result<(), HardwareError> {
        write(&self.options_file(node), &options(node, offer)).await?;
        for card in &offer.cards {
            write(&self.host_file(card), &format!("{card},set:{node},set:ironic\n")).await?;
        }
        Ok(())
    }

    /// Lets dnsmasq be silent towards the node.
    pub(super) async fn withdraw(&self, node: Uuid, cards: &[String]) -> Result<(), HardwareError> {
        for card in cards {
            let path = self.host_file(card);
            if fs::try_exists(&path).await.unwrap_or(false) {
                write(&path, &format!("{card},ignore\n")).await?;
            }
        }
        let path = self.options_file(node);
        match fs::remove_file(&path).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unwritable(&path, &error)),
            _ => Ok(()),
        }
    }

    fn options_file(&self, node: Uuid) -> PathBuf {
        self.optsdir.join(format!("ironic-{node}.conf"))
    }

    fn host_file(&self, card: &str) -> PathBuf {
        self.hostsdir.join(format!("ironic-{card}.conf"))
    }
}

/// The options, for both versions of the protocol.
fn options(node: Uuid, offer: &Offer) -> String {
    let mut lines = Vec::new();
    let mut say =
        |tags: &str, option: &str, value: &str| lines.push(format!("tag:{node}{tags},{option},{value}"));
    let is_url = offer.loader.contains("://");
    let v6_loader = match (&offer.tftp_server, is_url) {
        (Some(server), false) => Some(format!("tftp://{server}/{}", offer.loader)),
        (None, false) => None,
        (_, true) => Some(offer.loader.clone()),
    };
    let first = if offer.script.is_some() { ",tag:!ipxe" } else { "" };
    say(first, "67", &offer.loader);
    if let Some(loader) = v6_loader {
        say(&first.replace("ipxe", "ipxe6"), "option6:59", &loader);
    }
    if let Some(script) = &offer.script {
        say(",tag:ipxe", "67", script);
        say(",tag:ipxe6", "option6:59", script);
    }
    if is_url {
        say("", "60", "HTTPClient");
    }
    if let Some(server) = &offer.tftp_server {
        for option in ["66", "150", "255"] {
            say("", option, server);
        }
    }
    lines.join("\n") + "\n"
}

/// Replaced as a whole: dnsmasq reads a file in the moment it changes.
async fn write(path: &Path, text: &str) -> Result<(), HardwareError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // dnsmasq leaves out what begins with a dot.
    let draft = path.with_file_name(format!(".{name}.new"));
    let written = async {
        fs::write(&draft, text).await?;
        fs::rename(&draft, path).await
    };
    written.await.map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Unreachable,
        code::DHCP_NOT_TOLD,
        format!("{} cannot be written: {error}", path.display()),
        "let conductors write the folders of dnsmasq (dhcp.hostsdir, dhcp.optsdir), or set dhcp.provider to none",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn dnsmasq_is_told_and_told_to_be_silent() {
        let folder = tempfile::tempdir().unwrap();
        let dnsmasq = Dnsmasq::new(folder.path().to_owned(), folder.path().to_owned());
        let node = Uuid::from_u128(5);
        let offer = Offer {
            loader: "snponly.efi".to_owned(),
            script: Some("http://b/boot/boot.ipxe".to_owned()),
            tftp_server: Some("10.0.0.1".to_owned()),
            cards: vec!["52:54:00:00:00:01".to_owned()],
        };
        dnsmasq.offer(node, &offer).await.unwrap();
        let read = |name: String| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let hosts = || read("ironic-52:54:00:00:00:01.conf".to_owned());
        assert_eq!(hosts(), format!("52:54:00:00:00:01,set:{node},set:ironic\n"));
        let expected = [
            "tag:N,tag:!ipxe,67,snponly.efi",
            "tag:N,tag:!ipxe6,option6:59,tftp://10.0.0.1/snponly.efi",
            "tag:N,tag:ipxe,67,http://b/boot/boot.ipxe",
            "tag:N,tag:ipxe6,option6:59,http://b/boot/boot.ipxe",
            "tag:N,66,10.0.0.1",
            "tag:N,150,10.0.0.1",
            "tag:N,255,10.0.0.1",
            "",
        ];
        let text = expected.join("\n").replace("tag:N", &format!("tag:{node}"));
        assert_eq!(read(format!("ironic-{node}.conf")), text);

        let url =
            Offer { loader: "http://b/x.efi".to_owned(), script: None, tftp_server: None, ..offer.clone() };
        dnsmasq.offer(node, &url).await.unwrap();
        let text = "tag:N,67,http://b/x.efi\ntag:N,option6:59,http://b/x.efi\ntag:N,60,HTTPClient\n";
        assert_eq!(read(format!("ironic-{node}.conf")), text.replace("tag:N", &format!("tag:{node}")));

        for _ in 0..2 {
            dnsmasq.withdraw(node, &offer.cards).await.unwrap();
            assert_eq!(hosts(), "52:54:00:00:00:01,ignore\n");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
