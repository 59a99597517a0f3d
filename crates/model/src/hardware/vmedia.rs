//! What is known of virtual media by firmware: rows that others have found out, and what Ferric's own boots show.

use crate::failure::wilson_lower;

/// Something that others have found out, one row each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VmediaRow {
    /// The maker's name begins with this.
    pub vendor: &'static str,
    /// First firmware of the BMC that it is true of; empty for all.
    pub from: &'static str,
    /// First firmware of the BMC that it is not true of any more; empty for none.
    pub before: &'static str,
    /// Whether virtual media works.
    pub works: bool,
    /// What to know, or to do.
    pub note: &'static str,
    /// Who found it out.
    pub source: &'static str,
}

/// The rows.
pub const VMEDIA_ROWS: &[VmediaRow] = &[
    VmediaRow {
        vendor: "Dell",
        from: "",
        before: "3.30",
        works: false,
        note: "the BMC shows its virtual media and cannot insert any: it needs iDRAC 3.30 or newer",
        source: "https://github.com/dell/iDRAC-Redfish-Scripting/issues/24",
    },
    VmediaRow {
        vendor: "Dell",
        from: "4.40.00.00",
        before: "4.40.10",
        works: false,
        note: "the plug-in type eHTML5 of the virtual console gets in the way of inserting: set it to HTML5",
        source: "https://github.com/openshift/openshift-docs/pull/29321",
    },
    VmediaRow {
        vendor: "Dell",
        from: "3.30",
        before: "",
        works: true,
        note: "the attach mode of virtual media must be AutoAttach, else images are inserted and not seen by the node",
        source: "https://github.com/openshift/openshift-docs/pull/29321",
    },
    VmediaRow {
        vendor: "Dell",
        from: "",
        before: "",
        works: true,
        note: "a BMC without DNS servers cannot fetch images by name: give it DNS, or let boot_url have an address",
        source: "https://github.com/redhat-performance/jetlag/issues/286",
    },
    VmediaRow {
        vendor: "Supermicro",
        from: "",
        before: "",
        works: true,
        note: "an ejected slot keeps the name of its last image; only ConnectedVia tells that it is empty",
        source: "https://github.com/ansible-collections/community.general/issues/6969",
    },
];

/// What is known of a firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VmediaVerdict {
    /// It boots nearly always.
    KnownGood,
    /// It boots at times.
    Flaky,
    /// It hardly ever boots.
    KnownBad,
    /// Too little was seen.
    Unproven,
}

/// How a boot from virtual media ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VmediaOutcome {
    /// The ramdisk was heard of.
    Booted,
    /// The BMC did not take the image.
    Refused,
    /// The image was inserted and the ramdisk was never heard of.
    Silent,
}

/// What was seen of a firmware: how many boots from virtual media were tried and how far they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VmediaCount {
    /// Who made the node.
    pub vendor: String,
    /// What it is.
    pub model: String,
    /// Version of the BMC's firmware.
    pub bmc_firmware: String,
    /// Boots after which the ramdisk was heard of.
    pub booted: i64,
    /// Boots where the BMC did not take the image.
    pub refused: i64,
    /// Boots where the image was inserted and the ramdisk was never heard of.
    pub silent: i64,
}

/// With fewer boots nothing is said.
const ENOUGH: i64 = 5;

/// With fewer boots nothing is called good.
const MANY: i64 = 20;

impl VmediaVerdict {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KnownGood => "known-good",
            Self::Flaky => "flaky",
            Self::KnownBad => "known-bad",
            Self::Unproven => "unproven",
        }
    }
}

impl VmediaCount {
    /// How many boots were tried.
    pub const fn tried(&self) -> i64 {
        self.booted + self.refused + self.silent
    }

    /// The share of boots that succeed, at least, with 95 % confidence.
    pub fn at_least(&self) -> f64 {
        wilson_lower(self.booted, self.tried())
    }

    /// What that means: good with many boots of which at least four in five succeed, bad when at most half of them do.
    pub fn verdict(&self) -> VmediaVerdict {
        let tried = self.tried();
        let at_most = 1.0 - wilson_lower(tried - self.booted, tried);
        if tried < ENOUGH {
            VmediaVerdict::Unproven
        } else if at_most <= 0.5 {
            VmediaVerdict::KnownBad
        } else if tried >= MANY && self.at_least() >= 0.8 {
            VmediaVerdict::KnownGood
        } else if self.refused + self.silent > 0 {
            VmediaVerdict::Flaky
        } else {
            VmediaVerdict::Unproven
        }
    }
}

/// The rows that are true of a firmware.
pub fn vmedia_rows(vendor: &str, bmc_firmware: &str) -> impl Iterator<Item = &'static VmediaRow> {
    let (vendor, version) = (vendor.to_lowercase(), version(bmc_firmware));
    VMEDIA_ROWS.iter().filter(move |row| {
        vendor.starts_with(&row.vendor.to_lowercase())
            && (row.from.is_empty() || !version.is_empty() && version >= self::version(row.from))
            && (row.before.is_empty() || !version.is_empty() && version < self::version(row.before))
    })
}

/// The numbers of a version.
fn version(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{VMEDIA_ROWS, VmediaCount, VmediaVerdict, vmedia_rows};

    #[test]
    fn rows_hold_for_their_firmware() {
        let works = |vendor: &str, firmware: &str| -> Vec<bool> {
            vmedia_rows(vendor, firmware).map(|row| row.works).collect()
        };
        assert_eq!(works("Dell Inc.", "2.75.75.75"), [false, true]);
        assert_eq!(works("DELL", "4.40.00.00"), [false, true, true]);
        assert_eq!(works("Dell Inc.", "7.10.30.00"), [true, true]);
        assert_eq!(works("Dell Inc.", ""), [true]);
        assert_eq!(works("Super Micro", "1.0"), Vec::<bool>::new());
        assert_eq!(works("Supermicro", ""), [true]);
        assert!(VMEDIA_ROWS.iter().all(|row| row.source.starts_with("https://")));
    }

    #[test]
    fn verdicts_need_boots() {
        for (booted, refused, silent, verdict) in [
            (0, 0, 0, VmediaVerdict::Unproven),
            (4, 0, 0, VmediaVerdict::Unproven),
            (10, 0, 0, VmediaVerdict::Unproven),
            (20, 0, 0, VmediaVerdict::KnownGood),
            (97, 1, 2, VmediaVerdict::KnownGood),
            (15, 5, 5, VmediaVerdict::Flaky),
            (0, 4, 4, VmediaVerdict::KnownBad),
        ] {
            let count = VmediaCount { booted, refused, silent, ..VmediaCount::default() };
            assert_eq!(count.verdict(), verdict, "{count:?}");
        }
    }
}
