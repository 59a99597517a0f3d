//! How far a boot came, by what was fetched, and what a failure of it is called.
//!
//! The ladder: the length was asked for, the file was asked for, every byte went out, the agent was heard of. Each rung on
//! which a boot ends has a code of its own, for each has causes of its own.

use ferric_model::boot::{BootAttempt, BootFile};
use ferric_model::failure::code;
use ferric_model::hardware::NETWORK_BOOT;
use ferric_model::report::Failure;
use time::OffsetDateTime;

/// Scripts of boot loaders, which are followed by more.
const SCRIPTS: [&str; 3] = ["boot.ipxe", "grub.cfg", "pxelinux.cfg"];

/// Files that hold everything, with the words for each.
const IMAGES: [(&str, &str); 2] = [("boot.iso", "the boot image"), ("boot.efi", "the boot program")];

/// What a boot loader fetches, in its order.
const PARTS: [(&str, &str); 2] = [("kernel", "the kernel"), ("ramdisk", "the ramdisk")];

/// How far a boot came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing that can be booted was asked for.
    Unasked,
    /// Something was, and there is more.
    Partial,
    /// Everything went out.
    Complete,
}

/// How far a boot came, by what is known of its files.
pub(crate) fn standing(files: &[BootFile]) -> Standing {
    let find = |name: &str| files.iter().find(|file| file.file == name && file.get_at.is_some());
    let done = |name: &str| find(name).is_some_and(BootFile::is_complete);
    let image = IMAGES.iter().any(|(name, _)| done(name));
    if image || PARTS.iter().all(|(name, _)| done(name)) {
        return Standing::Complete;
    }
    let begun = files.iter().any(|file| file.get_at.is_some());
    if begun { Standing::Partial } else { Standing::Unasked }
}

/// Why the agent of a ramdisk was never heard of, as far as what was fetched tells.
pub(crate) fn verdict(
    attempt: &BootAttempt,
    files: &[BootFile],
    doing: String,
    now: OffsetDateTime,
) -> Failure {
    let (code, summary, advice) = explain(attempt, files, now);
    let mut failure =
        Failure::new(code, doing, summary).advised(advice).said(evidence(files).unwrap_or_default());
    failure.duration_ms = u64::try_from((now - attempt.started_at).whole_milliseconds()).unwrap_or_default();
    failure
}

fn explain(
    attempt: &BootAttempt,
    files: &[BootFile],
    now: OffsetDateTime,
) -> (&'static str, String, &'static str) {
    let over_network = NETWORK_BOOT.contains(&attempt.interface.as_str());
    let who = if attempt.interface == "redfish-virtual-media" { "the BMC" } else { "the firmware" };
    if let Some((file, error)) = files.iter().find_map(|file| Some((file, file.error.as_ref()?))) {
        return (
            code::BOOT_SOURCE_FAILED,
            format!("{} could not be given to the node: {error}", words_for(&file.file)),
            "make that address answer the boot service, then try again; the node and its BMC are not to blame",
        );
    }
    let fetched = files.iter().filter(|file| file.get_at.is_some());
    let Some(last) = fetched.clone().max_by_key(|file| (rank(&file.file), file.seen_at)) else {
        return unasked(files, over_network, who);
    };
    if standing(files) == Standing::Complete {
        return (
            code::BOOT_AGENT_SILENT,
            format!(
                "{} fetched completely, but no agent was heard of in {} s",
                if last.file == "ramdisk" { "kernel and ramdisk were" } else { "the boot image was" },
                (now - last.seen_at).whole_seconds().max(0)
            ),
            "look at the node's console: the ramdisk does not start, has no network, or does not reach the API",
        );
    }
    if SCRIPTS.contains(&last.file.as_str()) {
        return (
            code::BOOT_SCRIPT_ONLY,
            "the boot loader fetched its script and never asked for the kernel".to_owned(),
            "look at the node's console: the boot loader says there why it does not go on",
        );
    }
    let (what, percent) = (words_for(&last.file), last.percent());
    let stopped = match percent {
        100 => format!("fetched {what}, then stopped"),
        _ => format!("fetched {percent} % of {what}, then stopped"),
    };
    (
        code::BOOT_FETCH_STOPPED,
        format!("{} {stopped}", if over_network { "the boot loader" } else { who }),
        "look at the network between the node (for virtual media: its BMC) and the boot service, and whether the image fits \
         into what the firmware reserves for it",
    )
}

fn unasked(files: &[BootFile], over_network: bool, who: &str) -> (&'static str, String, &'static str) {
    if let Some(asked) = files.iter().find(|file| file.head_at.is_some()) {
        let what = words_for(&asked.file);
        return (
            code::BOOT_LENGTH_ONLY,
            format!("{who} asked how long {what} is and never fetched it"),
            "see whether it has room for the image, and whether it takes the address it was given",
        );
    }
    if over_network {
        return (
            code::BOOT_NEVER_FETCHED,
            "no boot loader asked for the node's boot script".to_owned(),
            "check that the node's card gets an address and the name of a boot loader from DHCP, that it is the card of a \
             port with pxe_enabled, and that the node boots from the network at all",
        );
    }
    (
        code::BOOT_NEVER_FETCHED,
        format!("{who} never fetched the boot image"),
        "check that it reaches the address of the boot service (control.boot_url), and that it boots what it was told to",
    )
}

/// Every file with how much of it went out.
fn evidence(files: &[BootFile]) -> Option<String> {
    let told: Vec<String> = files
        .iter()
        .map(|file| match (file.get_at, file.head_at) {
            (Some(_), _) => format!("{}: {} of {} bytes", file.file, file.bytes, file.total_bytes),
            (None, Some(_)) => format!("{}: asked for its length", file.file),
            (None, None) => format!("{}: not given out", file.file),
        })
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// How far on the way to the agent a file is fetched.
fn rank(file: &str) -> usize {
    let parts = PARTS.iter().position(|(name, _)| *name == file).map(|at| at + 1);
    parts.unwrap_or_else(|| if SCRIPTS.contains(&file) { 0 } else { PARTS.len() + 1 })
}

fn words_for(file: &str) -> &str {
    let known = IMAGES.iter().chain(&PARTS).find(|(name, _)| *name == file);
    match known {
        Some((_, words)) => words,
        None if SCRIPTS.contains(&file) => "the boot script",
        None => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::boot::BootPurpose;
    use time::Duration;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn attempt(interface: &str) -> BootAttempt {
        BootAttempt {
            id: 1,
            node_uuid: uuid::Uuid::nil(),
            task_id: None,
            purpose: BootPurpose::Ramdisk,
            token: String::new(),
            interface: interface.to_owned(),
            number: 1,
            started_at: START,
            deadline_at: None,
            ended_at: None,
        }
    }

    fn file(name: &str, bytes: i64, total_bytes: i64) -> BootFile {
        let seen_at = START + Duration::seconds(40);
        BootFile {
            file: name.to_owned(),
            head_at: None,
            get_at: Some(seen_at),
            bytes,
            total_bytes,
            seen_at,
            error: None,
        }
    }

    fn head(name: &str) -> BootFile {
        BootFile { head_at: Some(START), get_at: None, ..file(name, 0, 100) }
    }

    fn broken(name: &str, error: &str) -> BootFile {
        BootFile { error: Some(error.to_owned()), ..file(name, 0, 0) }
    }

    #[test]
    fn each_rung_has_its_own_words() {
        let cases: [(&str, Vec<BootFile>, &str, &str); 11] = [
            ("redfish-virtual-media", vec![], "boot-never-fetched", "the BMC never fetched the boot image"),
            ("redfish-https", vec![], "boot-never-fetched", "the firmware never fetched the boot image"),
            ("ipxe", vec![], "boot-never-fetched", "no boot loader asked for the node's boot script"),
            (
                "redfish-https",
                vec![head("boot.efi")],
                "boot-length-only",
                "the firmware asked how long the boot program is and never fetched it",
            ),
            (
                "redfish-virtual-media",
                vec![file("boot.iso", 12, 100)],
                "boot-fetch-stopped",
                "the BMC fetched 12 % of the boot image, then stopped",
            ),
            (
                "ipxe",
                vec![file("boot.ipxe", 5, 5)],
                "boot-script-only",
                "the boot loader fetched its script and never asked for the kernel",
            ),
            (
                "ipxe",
                vec![file("boot.ipxe", 5, 5), file("kernel", 9, 9)],
                "boot-fetch-stopped",
                "the boot loader fetched the kernel, then stopped",
            ),
            (
                "http",
                vec![file("grub.cfg", 5, 5), file("kernel", 9, 9), file("ramdisk", 30, 90)],
                "boot-fetch-stopped",
                "the boot loader fetched 33 % of the ramdisk, then stopped",
            ),
            (
                "ipxe",
                vec![file("boot.ipxe", 5, 5), file("kernel", 9, 9), file("ramdisk", 90, 90)],
                "boot-agent-silent",
                "kernel and ramdisk were fetched completely, but no agent was heard of in 60 s",
            ),
            (
                "redfish-virtual-media",
                vec![file("boot.iso", 100, 100)],
                "boot-agent-silent",
                "the boot image was fetched completely, but no agent was heard of in 60 s",
            ),
            (
                "redfish-virtual-media",
                vec![broken("boot.iso", "the origin of the kernel: http://i/k cannot be reached: 502")],
                "boot-source-failed",
                "the boot image could not be given to the node: the origin of the kernel: http://i/k cannot be reached: 502",
            ),
        ];
        for (interface, files, code, summary) in cases {
            let now = START + Duration::seconds(100);
            let failure = verdict(&attempt(interface), &files, "waiting".to_owned(), now);
            assert_eq!(
                (failure.code.as_str(), failure.summary.as_str()),
                (code, summary),
                "{interface} {files:?}"
            );
            assert_eq!(failure.evidence.is_some(), !files.is_empty());
            assert_eq!(failure.duration_ms, 100_000);
        }
    }

    #[test]
    fn what_is_expected_next_follows_from_what_was_fetched() {
        assert_eq!(standing(&[]), Standing::Unasked);
        assert_eq!(standing(&[head("boot.iso")]), Standing::Unasked);
        assert_eq!(standing(&[file("boot.ipxe", 5, 5)]), Standing::Partial);
        assert_eq!(standing(&[file("kernel", 5, 5)]), Standing::Partial);
        assert_eq!(standing(&[file("kernel", 5, 5), file("ramdisk", 7, 7)]), Standing::Complete);
        assert_eq!(standing(&[file("boot.efi", 99, 100)]), Standing::Partial);
        assert_eq!(standing(&[file("boot.efi", 100, 100)]), Standing::Complete);
    }
}
