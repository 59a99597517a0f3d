//! Fingerprints: the same failure on many nodes has the same one, whatever the node, its addresses and its numbers are.

use crate::report::Failure;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;
use uuid::Uuid;

/// What makes two failures the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// 32 hexadecimal digits over the other fields.
    pub id: String,
    /// Code of the failure, or of the cause when one is known.
    pub code: String,
    /// The step that was running.
    pub step: Option<String>,
    /// The first message that the BMC refused with.
    pub message_id: Option<String>,
    /// What went wrong and what was said, with everything masked that differs between nodes and runs.
    pub template: String,
}

/// Longest template that is kept, in characters.
const LONGEST: usize = 400;

/// Identities of fingerprints are made within this one. It must never change: what was counted would be counted anew.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b1f_0e5c_2d7a_4a61_9d0b_7f3f_c1a4_5e92);

impl Fingerprint {
    /// The fingerprint of a failure: of its cause when one is known, for a silence has many causes.
    pub fn of(failure: &Failure) -> Self {
        let (code, summary, said) = match &failure.cause {
            Some(cause) => (&cause.code, &cause.summary, &cause.evidence),
            None => (&failure.code, &failure.summary, &failure.evidence),
        };
        let text = match said {
            Some(said) => Cow::Owned(format!("{summary}: {said}")),
            None => Cow::Borrowed(summary.as_str()),
        };
        let template: String = template(&text).chars().take(LONGEST).collect();
        let (step, message_id) = (failure.step.clone(), failure.message_id.clone());
        let parts =
            [code.as_str(), step.as_deref().unwrap_or(""), message_id.as_deref().unwrap_or(""), &template];
        let id = Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes()).simple().to_string();
        Self { id, code: code.clone(), step, message_id, template }
    }
}

/// What is masked, the first alternative that fits a place; the name of the group is the mask.
const MASKED: &str = r"(?x)
    (?P<url> \b [A-Za-z][A-Za-z0-9+.-]* :// ) [^\s/?\#'<>,)]+
  | (?P<uuid> \b [0-9A-Fa-f]{8} -? [0-9A-Fa-f]{4} -? [0-9A-Fa-f]{4} -? [0-9A-Fa-f]{4} -? [0-9A-Fa-f]{12} \b )
  | (?P<mac> \b [0-9A-Fa-f]{2} (?: [:-] [0-9A-Fa-f]{2} ){5} \b )
  | (?P<time> \b \d{4}-\d{2}-\d{2} [T\ ] \d{2}:\d{2}:\d{2} (?: \.\d+ )? (?: Z | [+-]\d{2}:?\d{2} )? )
  | (?P<ip> \b \d{1,3} (?: \.\d{1,3} ){3} (?: /\d{1,2} | :\d{1,5} )? \b
          | \b [0-9A-Fa-f]{1,4} (?: : [0-9A-Fa-f]{0,4} ){2,7} \b )
  | (?P<hex> \b 0x [0-9A-Fa-f]+ \b )
  | (?P<duration> \b \d+ (?: \.\d+ )? \s? (?: ms | s | min | h | seconds? | minutes? | hours? ) \b )
  | (?P<word> \b [A-Za-z0-9]{6,} \b )
  | (?P<number> \b \d+ (?: \.\d+ )? )";

const NAMES: [&str; 8] = ["uuid", "mac", "time", "ip", "hex", "duration", "word", "number"];

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(MASKED).ok());

/// The text with everything masked that differs between nodes and runs: identities, addresses, hosts, times, numbers.
pub fn template(text: &str) -> String {
    let Some(pattern) = &*PATTERN else { return String::new() };
    let mask = |found: &Captures<'_>| {
        if let Some(scheme) = found.name("url") {
            return format!("{}<host>", scheme.as_str());
        }
        let whole = &found[0];
        match NAMES.iter().find(|name| found.name(name).is_some()) {
            // A word is kept unless it mixes letters and digits as serial numbers and identifiers do.
            Some(&"word") if !is_identifier(whole) => whole.to_owned(),
            Some(&"word") if whole.chars().all(|c| c.is_ascii_digit()) => "<number>".to_owned(),
            Some(&"word") => "<id>".to_owned(),
            Some(name) => format!("<{name}>"),
            None => whole.to_owned(),
        }
    };
    pattern.replace_all(text, mask).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_identifier(word: &str) -> bool {
    word.chars().filter(char::is_ascii_digit).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, template};
    use crate::failure::code;
    use crate::report::Failure;

    #[test]
    fn what_differs_between_nodes_is_masked() {
        for (text, expected) in [
            (
                "GET https://bmc-17.lab:8443/redfish/v1/Systems/1 got no answer",
                "GET https://<host>/redfish/v1/Systems/<number> got no answer",
            ),
            ("node 3f2b0a8c-1d5e-4f6a-9b7c-0123456789ab is gone", "node <uuid> is gone"),
            ("port 52:54:00:AB:cd:01 of 10.2.3.4:9999 and fe80::1", "port <mac> of <ip> and <ip>"),
            ("failed at LBA 1847296 after 12.3 s", "failed at LBA <number> after <duration>"),
            ("writing to /dev/sda failed: 0xdeadbeef", "writing to /dev/sda failed: <hex>"),
            ("slot of server 437XR1138R2 since 2026-11-30T02:10:11Z", "slot of server <id> since <time>"),
            ("plain words  stay as\nthey are", "plain words stay as they are"),
        ] {
            assert_eq!(template(text), expected, "{text}");
            assert_eq!(template(&template(text)), template(text), "{text}");
        }
    }

    #[test]
    fn the_same_failure_of_two_nodes_has_one_fingerprint_and_another_step_another() {
        let at = |host: &str, secs: u32| {
            let summary = format!("GET https://{host}/redfish/v1 was not answered within {secs}s");
            Failure::new(code::REDFISH_TIMEOUT, "verify", summary)
        };
        let (one, two) = (Fingerprint::of(&at("bmc-1", 30)), Fingerprint::of(&at("10.0.0.2:443", 60)));
        assert_eq!(one, two);
        assert_eq!(one.id.len(), 32);
        let other = Fingerprint::of(&at("bmc-1", 30).in_step(Some("deploy.deploy".into())));
        assert_ne!(other.id, one.id);
        let mut refused = at("bmc-1", 30);
        refused.message_id = Some("Base.1.8.Busy".into());
        assert_ne!(Fingerprint::of(&refused).id, one.id);
    }
}
