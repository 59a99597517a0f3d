//! Troubles: what went wrong during a task without ending it, and which of them explains the failure that did.

use super::code;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Something that went wrong during a task and did not end it.
///
/// **Invariant**: no part holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Stable code: a row of [`super::CODES`].
    pub code: String,
    /// What went wrong, in one sentence without a full stop.
    pub summary: String,
    /// What was said, when there is more to say.
    pub evidence: Option<String>,
    /// When it was seen first.
    #[serde(with = "time::serde::rfc3339")]
    pub first_at: OffsetDateTime,
    /// When it was seen last.
    #[serde(with = "time::serde::rfc3339")]
    pub last_at: OffsetDateTime,
    /// How often it was seen.
    pub seen: i64,
}

impl Trouble {
    /// Seen once, now.
    pub fn new(code: &str, summary: impl Into<String>, now: OffsetDateTime) -> Self {
        let (code, summary) = (code.to_owned(), summary.into());
        Self { code, summary, evidence: None, first_at: now, last_at: now, seen: 1 }
    }

    /// Adds what was said.
    #[must_use]
    pub fn said(mut self, evidence: Option<String>) -> Self {
        self.evidence = evidence;
        self
    }

    /// What to try against it.
    pub fn remedy(&self) -> Option<&'static str> {
        code::find(&self.code).map(|row| row.remedy)
    }
}

/// What explains what, one row a step of reasoning: each cause on the left may bring each symptom on the right about.
struct Rule {
    causes: &'static [&'static str],
    symptoms: &'static [&'static str],
}

/// Nobody can talk to the BMC.
const BMC_GONE: &[&str] = &[
    code::REDFISH_UNREACHABLE,
    code::REDFISH_TIMEOUT,
    code::REDFISH_TLS,
    code::REDFISH_UNAUTHORIZED,
    code::IPMI_NO_SESSION,
    code::IPMI_SILENT,
    code::IPMI_TIMEOUT,
    code::IPMI_UNAUTHORIZED,
    code::POWER_STATE_TIMEOUT,
];

/// The boot image did not get into the node.
const NO_MEDIA: &[&str] =
    &[code::VMEDIA_NOT_SUPPORTED, code::VMEDIA_INSERT_REFUSED, code::VMEDIA_NOT_INSERTED];

/// An agent runs that nobody can work with.
const STRANGE_AGENT: &[&str] =
    &[code::AGENT_TOKEN_MISMATCH, code::AGENT_TOKEN_REFUSED, code::AGENT_CHANGED, code::AGENT_REBOOTED];

/// The network service does not do its part.
const NETWORK_GONE: &[&str] =
    &[code::NEUTRON_UNREACHABLE, code::NEUTRON_UNAUTHORIZED, code::NEUTRON_REFUSED, code::NEUTRON_FAILED];

/// The node did not get, or did not finish, what it was to boot.
const UNFETCHED: &[&str] = &[
    code::BOOT_NEVER_FETCHED,
    code::BOOT_LENGTH_ONLY,
    code::BOOT_SCRIPT_ONLY,
    code::BOOT_FETCH_STOPPED,
    code::BOOT_URL_NOT_SHOWN,
];

const SILENCE: &[&str] = &[code::RAMDISK_SILENT, code::BOOT_AGENT_SILENT, code::AGENT_UNREACHABLE];

const RULES: &[Rule] = &[
    Rule { causes: BMC_GONE, symptoms: BMC_GONE },
    Rule {
        causes: BMC_GONE,
        symptoms: &[
            code::POWER_STATE_NOT_REACHED,
            code::POWER_STATE_UNKNOWN,
            code::REDFISH_OUTCOME_UNKNOWN,
            code::REDFISH_TASK_TIMEOUT,
            code::REDFISH_SETTING_NOT_SHOWN,
            code::VMEDIA_EJECT_REFUSED,
            code::BIOS_SETTINGS_NOT_APPLIED,
        ],
    },
    Rule { causes: BMC_GONE, symptoms: NO_MEDIA },
    Rule { causes: BMC_GONE, symptoms: UNFETCHED },
    Rule { causes: &[code::BOOT_SOURCE_FAILED], symptoms: NO_MEDIA },
    Rule { causes: &[code::BOOT_SOURCE_FAILED], symptoms: SILENCE },
    Rule { causes: NO_MEDIA, symptoms: UNFETCHED },
    Rule { causes: NO_MEDIA, symptoms: SILENCE },
    Rule { causes: UNFETCHED, symptoms: SILENCE },
    Rule {
        causes: &[code::POWER_STATE_NOT_REACHED],
        symptoms: &[code::BIOS_SETTINGS_NOT_APPLIED, code::REDFISH_TASK_TIMEOUT],
    },
    Rule { causes: &[code::POWER_STATE_NOT_REACHED], symptoms: UNFETCHED },
    Rule { causes: &[code::POWER_STATE_NOT_REACHED], symptoms: SILENCE },
    Rule { causes: STRANGE_AGENT, symptoms: SILENCE },
    Rule { causes: STRANGE_AGENT, symptoms: &[code::STEP_OUTCOME_UNKNOWN] },
    Rule { causes: &[code::AGENT_UNREACHABLE], symptoms: SILENCE },
    Rule { causes: NETWORK_GONE, symptoms: UNFETCHED },
    Rule { causes: NETWORK_GONE, symptoms: SILENCE },
    Rule {
        causes: &[code::IMAGE_UNREACHABLE, code::IMAGE_DENIED, code::IMAGE_NOT_FOUND],
        symptoms: &[code::AGENT_COMMAND_FAILED],
    },
];

/// Whether the one may have brought the other about, in one step or several.
pub fn explains(cause: &str, symptom: &str) -> bool {
    let mut reached: Vec<&str> = vec![cause];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        next += 1;
        for rule in RULES.iter().filter(|rule| rule.causes.contains(&from)) {
            if rule.symptoms.contains(&symptom) {
                return true;
            }
            let new: Vec<&str> =
                rule.symptoms.iter().filter(|code| !reached.contains(code)).copied().collect();
            reached.extend(new);
        }
    }
    false
}

/// The earliest of the troubles that explains a failure with this code.
pub fn root_cause<'a>(troubles: &'a [Trouble], symptom: &str) -> Option<&'a Trouble> {
    let explaining =
        troubles.iter().filter(|trouble| trouble.code != symptom && explains(&trouble.code, symptom));
    explaining.min_by_key(|trouble| trouble.first_at)
}

#[cfg(test)]
mod tests {
    use super::{Trouble, code, explains, root_cause};
    use time::{Duration, OffsetDateTime};

    #[test]
    fn causes_reach_through_what_they_bring_about() {
        assert!(explains(code::REDFISH_UNREACHABLE, code::POWER_STATE_NOT_REACHED));
        assert!(explains(code::REDFISH_UNREACHABLE, code::RAMDISK_SILENT));
        assert!(explains(code::BOOT_SOURCE_FAILED, code::RAMDISK_SILENT));
        assert!(explains(code::AGENT_TOKEN_MISMATCH, code::RAMDISK_SILENT));
        assert!(explains(code::NEUTRON_FAILED, code::BOOT_NEVER_FETCHED));
        assert!(!explains(code::AGENT_TOKEN_MISMATCH, code::BOOT_NEVER_FETCHED));
        assert!(!explains(code::RAMDISK_SILENT, code::REDFISH_UNREACHABLE));
        assert!(!explains(code::IMAGE_NOT_FOUND, code::RAMDISK_SILENT));
        assert!(!explains("of-another-version", code::RAMDISK_SILENT));
    }

    #[test]
    fn the_earliest_that_explains_is_the_cause() {
        let at = |secs| OffsetDateTime::UNIX_EPOCH + Duration::seconds(secs);
        let troubles = [
            Trouble::new(code::IMAGE_NOT_FOUND, "does not matter", at(1)),
            Trouble::new(code::POWER_STATE_NOT_REACHED, "came later", at(9)),
            Trouble::new(code::REDFISH_UNREACHABLE, "came first", at(2)),
        ];
        let cause = root_cause(&troubles, code::RAMDISK_SILENT).unwrap();
        assert_eq!(cause.summary, "came first");
        assert_eq!(root_cause(&troubles, code::ABORTED), None);
    }
}
