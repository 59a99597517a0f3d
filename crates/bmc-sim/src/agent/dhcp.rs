//! What a DHCP server answers that keeps its answers in the files of dnsmasq.
//!
//! Source: dnsmasq(8), `--dhcp-hostsdir` and `--dhcp-optsdir`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::DhcpFiles;

/// Options by number, as text.
pub(super) type Lease = BTreeMap<String, String>;

/// The options for a network card that shows these tags of its own (`ipxe`); none when the server does not know it.
pub(super) fn lease(files: &DhcpFiles, mac: &str, shown: &[&str]) -> Option<Lease> {
    let tags = host_tags(&read_all(&files.hostsdir), mac)?;
    let tags: BTreeSet<&str> = tags.iter().map(String::as_str).chain(shown.iter().copied()).collect();
    let mut lease = Lease::new();
    for line in read_all(&files.optsdir).lines() {
        if let Some((option, value)) = option(line, &tags) {
            lease.insert(option.to_owned(), value.to_owned());
        }
    }
    Some(lease)
}

fn host_tags(hosts: &str, mac: &str) -> Option<Vec<String>> {
    let line = hosts.lines().find(|line| line.split(',').next() == Some(mac))?;
    let fields: Vec<&str> = line.split(',').skip(1).collect();
    if fields.contains(&"ignore") {
        return None;
    }
    Some(fields.iter().filter_map(|field| field.strip_prefix("set:")).map(str::to_owned).collect())
}

/// The option of a line whose tags all apply.
fn option<'a>(line: &'a str, tags: &BTreeSet<&str>) -> Option<(&'a str, &'a str)> {
    let mut rest = line.trim();
    while let Some(tagged) = rest.strip_prefix("tag:") {
        let (tag, after) = tagged.split_once(',')?;
        let applies = match tag.strip_prefix('!') {
            Some(absent) => !tags.contains(absent),
            None => tags.contains(tag),
        };
        if !applies {
            return None;
        }
        rest = after;
    }
    rest.split_once(',')
}

fn read_all(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else { return String::new() };
    let mut text = String::new();
    for entry in entries.flatten() {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && let Ok(content) = std::fs::read_to_string(entry.path()) {
            text.push_str(&content);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_decide_what_a_card_is_told() {
        let tags = BTreeSet::from(["n1", "ipxe"]);
        assert_eq!(option("tag:n1,tag:ipxe,67,http://b/x,y", &tags), Some(("67", "http://b/x,y")));
        assert_eq!(option("tag:n1,tag:!ipxe,67,a", &tags), None);
        assert_eq!(option("tag:n2,66,a", &tags), None);
        assert_eq!(host_tags("aa:bb,set:n1,set:ironic\n", "aa:bb"), Some(vec!["n1".into(), "ironic".into()]));
        assert_eq!(host_tags("aa:bb,ignore\n", "aa:bb"), None);
        assert_eq!(host_tags("", "aa:bb"), None);
    }
}
