//! Kernel parameters: finding them in a boot image, and what the agent reads from them.

use std::collections::BTreeMap;

use super::iso::Iso;
use crate::fetch::{FetchFailure, Source};

/// Boot loader configurations, in the order a firmware would meet them.
const CONFIGURATIONS: &[&[&str]] =
    &[&["EFI", "BOOT", "grub.cfg"], &["boot", "grub", "grub.cfg"], &["isolinux", "isolinux.cfg"]];

/// What the agent is told at boot (section 8 of the protocol).
#[derive(Debug)]
pub(super) struct AgentParameters {
    /// Base URLs of the API, in the order they are tried.
    pub api_urls: Vec<String>,
    pub token: Option<String>,
    pub inspection_callback_url: Option<String>,
    pub boot_interface: Option<String>,
}

/// Reads the kernel parameters out of an ISO; `None` when it has no configuration with a kernel in it.
pub(super) async fn read_parameters(
    client: &reqwest::Client,
    source: &Source,
) -> Result<Option<BTreeMap<String, String>>, FetchFailure> {
    let mut iso = Iso::open(client, source).await?;
    for path in CONFIGURATIONS {
        if let Some(bytes) = iso.find_file(path).await?
            && let Some(line) = kernel_line(&String::from_utf8_lossy(&bytes))
        {
            return Ok(Some(parse(&line)));
        }
    }
    Ok(None)
}

/// The parameters on the first kernel line, preferring one that is meant for an agent.
fn kernel_line(configuration: &str) -> Option<String> {
    let joined = configuration.replace("\\\r\n", " ").replace("\\\n", " ");
    let mut lines = joined.split(['\n', '{', '}']).filter_map(|line| {
        let (word, rest) = line.trim().split_once(char::is_whitespace)?;
        if word.eq_ignore_ascii_case("append") {
            return Some(rest.trim().to_owned());
        }
        let after_kernel =
            rest.trim().split_once(char::is_whitespace).map_or("", |(_, parameters)| parameters);
        word.to_ascii_lowercase().starts_with("linux").then(|| after_kernel.to_owned())
    });
    let first = lines.next()?;
    if first.contains("ipa-api-url") {
        return Some(first);
    }
    Some(lines.find(|line| line.contains("ipa-api-url")).unwrap_or(first))
}

fn parse(line: &str) -> BTreeMap<String, String> {
    line.split_whitespace()
        .map(|word| {
            let word = word.trim_matches(['"', '\'']);
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            (name.to_owned(), value.trim_matches(['"', '\'']).to_owned())
        })
        .collect()
}

impl AgentParameters {
    /// The agent's part of the kernel parameters; `None` when they are not meant for one.
    pub(super) fn read(parameters: &BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| parameters.get(name).filter(|value| !value.is_empty()).cloned();
        let urls = text("ipa-api-url")?;
        Some(Self {
            api_urls: urls.split(',').map(|url| url.trim().trim_end_matches('/').to_owned()).collect(),
            token: text("ipa-agent-token"),
            inspection_callback_url: text("ipa-inspection-callback-url"),
            boot_interface: text("BOOTIF"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_lines_of_grub_and_isolinux_are_understood() {
        let grub = "set timeout=1\nmenuentry \"install\" {\n  linuxefi /vmlinuz quiet \\\n   ipa-api-url=http://a,http://b/ BOOTIF=52:54:00:00:00:00\n  initrd /initrd\n}\n";
        let parameters = AgentParameters::read(&parse(&kernel_line(grub).unwrap())).unwrap();
        assert_eq!(parameters.api_urls, ["http://a", "http://b"]);
        assert_eq!(parameters.boot_interface.as_deref(), Some("52:54:00:00:00:00"));
        assert_eq!(parameters.token, None);

        let isolinux = "default x\nlabel x\nkernel /vmlinuz\nappend initrd=/initrd ipa-api-url=http://a \"ipa-agent-token=t\" --\n";
        let parameters = AgentParameters::read(&parse(&kernel_line(isolinux).unwrap())).unwrap();
        assert_eq!((parameters.api_urls[0].as_str(), parameters.token.as_deref()), ("http://a", Some("t")));

        let single = "menuentry x { linux /vmlinuz ipa-api-url=http://d }";
        assert_eq!(kernel_line(single).unwrap(), "ipa-api-url=http://d");

        let other = "linux /live quiet\nlinux /vmlinuz ipa-api-url=http://c\n";
        assert_eq!(kernel_line(other).unwrap(), "ipa-api-url=http://c");
        assert!(AgentParameters::read(&parse("quiet splash")).is_none());
        assert_eq!(kernel_line("set x=y\n"), None);
    }
}
