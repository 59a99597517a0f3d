//! Kernel parameters: finding them in a boot image, and what the agent reads from them.

use std::collections::BTreeMap;

use super::iso::Iso;
use crate::fetch::{FetchFailure, Source};

/// The words of every kernel line in a configuration, kernel and command excluded.
type Reader = fn(&str) -> Vec<Vec<String>>;

/// Boot loader configurations, in the order a firmware would meet them.
const CONFIGURATIONS: &[(&[&str], Reader)] = &[
    (&["EFI", "BOOT", "grub.cfg"], grub_lines),
    (&["boot", "grub", "grub.cfg"], grub_lines),
    (&["isolinux", "isolinux.cfg"], isolinux_lines),
];

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
    for (path, read) in CONFIGURATIONS {
        if let Some(bytes) = iso.find_file(path).await?
            && let Some(words) = choose(read(&String::from_utf8_lossy(&bytes)))
        {
            // What the boot loader and the kernel read next.
            for file in ["vmlinuz", "initrd"] {
                iso.pass_over(file).await?;
            }
            return Ok(Some(parse(&words)));
        }
    }
    Ok(None)
}

/// The first kernel line, preferring one that is meant for an agent.
fn choose(mut lines: Vec<Vec<String>>) -> Option<Vec<String>> {
    let for_agent = lines.iter().position(|words| words.iter().any(|word| word.starts_with("ipa-api-url=")));
    (!lines.is_empty()).then(|| lines.swap_remove(for_agent.unwrap_or(0)))
}

fn grub_lines(configuration: &str) -> Vec<Vec<String>> {
    grub_commands(configuration)
        .into_iter()
        .filter(|words| words.first().is_some_and(|word| word.starts_with("linux")))
        .map(|words| words.into_iter().skip(2).collect())
        .collect()
}

fn isolinux_lines(configuration: &str) -> Vec<Vec<String>> {
    configuration
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .filter(|(word, _)| word.eq_ignore_ascii_case("append"))
        .map(|(_, rest)| rest.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// Commands of grub's shell, each split into words with quotes and escapes resolved (GRUB manual, "Writing full
/// configuration files directly").
pub(super) fn grub_commands(configuration: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = configuration.chars().filter(|one| *one != '\r');
    while let Some(one) = characters.next() {
        match (quote, one) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None | Some('"'), '\\') => match characters.next() {
                Some('\n') | None => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            (Some(_), one) => word.get_or_insert_default().push(one),
            (None, '\'' | '"') => {
                quote = Some(one);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => {
                // A comment ends with its line, and so does the command before it.
                while characters.next().is_some_and(|one| one != '\n') {}
                commands.push(std::mem::take(&mut words));
            }
            (None, '\n' | ';' | '{' | '}') => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            (None, one) if one.is_whitespace() => words.extend(word.take()),
            (None, one) => word.get_or_insert_default().push(one),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

pub(super) fn parse(words: &[String]) -> BTreeMap<String, String> {
    words
        .iter()
        .map(|word| {
            let word = word.trim_matches('"');
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            (name.to_owned(), value.trim_matches('"').to_owned())
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

    fn read(reader: Reader, configuration: &str) -> Option<AgentParameters> {
        AgentParameters::read(&parse(&choose(reader(configuration))?))
    }

    #[test]
    fn kernel_lines_of_grub_are_words_of_its_shell() {
        let grub = "set timeout=1 # soon\nmenuentry \"install; now\" {\n  linuxefi /vmlinuz quiet \\\n   \
                    ipa-api-url=http://a,http://b/ BOOTIF=52:54:00:00:00:00 \"ipa-agent-token=t t\"\n  initrd /i\n}\n";
        let parameters = read(grub_lines, grub).unwrap();
        assert_eq!(parameters.api_urls, ["http://a", "http://b"]);
        assert_eq!(parameters.boot_interface.as_deref(), Some("52:54:00:00:00:00"));
        assert_eq!(parameters.token.as_deref(), Some("t t"));

        let escaped = r#"linux /k 'x=#' ipa-api-url=http://h/?a=1\&b=\{2\} ipa-agent-token="a\$b""#;
        let parameters = read(grub_lines, escaped).unwrap();
        assert_eq!(parameters.api_urls, ["http://h/?a=1&b={2}"]);
        assert_eq!((parameters.token.as_deref(), parameters.boot_interface), (Some("a$b"), None));

        let single = "menuentry x { linux /vmlinuz ipa-api-url=http://d; initrd /i }";
        assert_eq!(read(grub_lines, single).unwrap().api_urls, ["http://d"]);
        let second = "linux /live quiet\nlinux /vmlinuz ipa-api-url=http://c\n";
        assert_eq!(read(grub_lines, second).unwrap().api_urls, ["http://c"]);
        assert!(read(grub_lines, "linux /vmlinuz quiet").is_none());
        assert!(choose(grub_lines("# linux /vmlinuz ipa-api-url=http://c\nset x=y\n")).is_none());
    }

    #[test]
    fn kernel_lines_of_isolinux_are_taken_as_they_are() {
        let text = "default x\nlabel x\nkernel /vmlinuz\nAPPEND initrd=/initrd ipa-api-url=http://a;b --\n";
        let parameters = read(isolinux_lines, text).unwrap();
        assert_eq!((parameters.api_urls[0].as_str(), parameters.token), ("http://a;b", None));
    }
}
