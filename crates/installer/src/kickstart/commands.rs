//! Which commands and sections there are, and the options of those that are understood.

use super::arguments::OptionRow;
use super::arguments::Takes::{Nothing, OneOf, Text, Whole};

/// Commands of which only the name is checked: what they mean, Anaconda decides.
pub(super) const NAMES_ONLY: [&str; 56] = [
    "auth",
    "authconfig",
    "authselect",
    "autostep",
    "btrfs",
    "cdrom",
    "cmdline",
    "driverdisk",
    "eula",
    "fcoe",
    "firewall",
    "firstboot",
    "graphical",
    "group",
    "halt",
    "harddrive",
    "hmc",
    "iscsi",
    "iscsiname",
    "keyboard",
    "lang",
    "logging",
    "mediacheck",
    "method",
    "module",
    "mount",
    "network",
    "nfs",
    "nvdimm",
    "ostreecontainer",
    "ostreesetup",
    "poweroff",
    "realm",
    "reboot",
    "repo",
    "rescue",
    "rhsm",
    "selinux",
    "services",
    "shutdown",
    "skipx",
    "snapshot",
    "sshkey",
    "sshpw",
    "syspurpose",
    "text",
    "timesource",
    "timezone",
    "updates",
    "user",
    "vnc",
    "xconfig",
    "zfcp",
    "zipl",
    "reqpart",
    "bootc",
];

/// Commands that install something from somewhere.
pub(super) const SOURCES: [&str; 10] = [
    "bootc",
    "cdrom",
    "harddrive",
    "hmc",
    "liveimg",
    "method",
    "nfs",
    "ostreecontainer",
    "ostreesetup",
    "url",
];

/// Options that concern encryption.
macro_rules! encryption {
    ($($row:expr),* $(,)?) => { &[
        $($row,)*
        ("--encrypted", &[], Nothing),
        ("--passphrase", &[], Text),
        ("--escrowcert", &[], Text),
        ("--backuppassphrase", &[], Nothing),
        ("--cipher", &[], Text),
        ("--luks-version", &[], Text),
        ("--pbkdf", &[], Text),
        ("--pbkdf-memory", &[], Whole),
        ("--pbkdf-time", &[], Whole),
        ("--pbkdf-iterations", &[], Whole),
    ] };
}

pub(super) const PART: &[OptionRow] = encryption![
    ("--asprimary", &[], Nothing),
    ("--fstype", &["--type"], Text),
    ("--grow", &[], Nothing),
    ("--maxsize", &[], Whole),
    ("--noformat", &[], Nothing),
    ("--onbiosdisk", &[], Text),
    ("--ondisk", &["--ondrive"], Text),
    ("--onpart", &["--usepart"], Text),
    ("--recommended", &[], Nothing),
    ("--size", &[], Whole),
    ("--fsoptions", &[], Text),
    ("--label", &[], Text),
    ("--fsprofile", &[], Text),
    ("--resize", &[], Nothing),
    ("--hibernation", &[], Nothing),
    ("--mkfsoptions", &[], Text),
];

pub(super) const RAID: &[OptionRow] = encryption![
    ("--device", &[], Text),
    ("--fstype", &[], Text),
    ("--level", &[], Text),
    ("--noformat", &[], Nothing),
    ("--spares", &[], Whole),
    ("--useexisting", &[], Nothing),
    ("--fsoptions", &[], Text),
    ("--fsprofile", &[], Text),
    ("--label", &[], Text),
    ("--mkfsoptions", &[], Text),
    ("--chunksize", &[], Whole),
];

pub(super) const VOLGROUP: &[OptionRow] = &[
    ("--noformat", &[], Nothing),
    ("--useexisting", &[], Nothing),
    ("--reserved-space", &[], Whole),
    ("--reserved-percent", &[], Whole),
    ("--pesize", &[], Whole),
];

pub(super) const LOGVOL: &[OptionRow] = encryption![
    ("--fstype", &[], Text),
    ("--grow", &[], Nothing),
    ("--maxsize", &[], Whole),
    ("--name", &[], Text),
    ("--noformat", &[], Nothing),
    ("--percent", &[], Whole),
    ("--recommended", &[], Nothing),
    ("--size", &[], Whole),
    ("--useexisting", &[], Nothing),
    ("--vgname", &[], Text),
    ("--fsoptions", &[], Text),
    ("--fsprofile", &[], Text),
    ("--label", &[], Text),
    ("--resize", &[], Nothing),
    ("--hibernation", &[], Nothing),
    ("--thinpool", &[], Nothing),
    ("--thin", &[], Nothing),
    ("--poolname", &[], Text),
    ("--chunksize", &[], Whole),
    ("--metadatasize", &[], Whole),
    ("--profile", &[], Text),
    ("--cachesize", &[], Whole),
    ("--cachemode", &[], Text),
    ("--cachepvs", &[], Text),
    ("--mkfsoptions", &[], Text),
];

pub(super) const CLEARPART: &[OptionRow] = &[
    ("--all", &[], Nothing),
    ("--initlabel", &[], Nothing),
    ("--linux", &[], Nothing),
    ("--none", &[], Nothing),
    ("--disklabel", &[], Text),
    ("--drives", &[], Text),
    ("--list", &[], Text),
    ("--cdl", &[], Nothing),
];

pub(super) const IGNOREDISK: &[OptionRow] = &[("--drives", &[], Text), ("--only-use", &[], Text)];

pub(super) const AUTOPART: &[OptionRow] = encryption![
    ("--nolvm", &[], Nothing),
    ("--type", &[], OneOf(&["btrfs", "lvm", "plain", "thinp"])),
    ("--fstype", &[], Text),
    ("--nohome", &[], Nothing),
    ("--noboot", &[], Nothing),
    ("--noswap", &[], Nothing),
];

pub(super) const BOOTLOADER: &[OptionRow] = &[
    ("--append", &[], Text),
    ("--location", &[], OneOf(&["mbr", "partition", "none", "boot"])),
    ("--password", &[], Text),
    ("--driveorder", &[], Text),
    ("--timeout", &[], Whole),
    ("--default", &[], Text),
    ("--iscrypted", &[], Nothing),
    ("--md5pass", &[], Text),
    ("--boot-drive", &[], Text),
    ("--leavebootorder", &[], Nothing),
    ("--extlinux", &[], Nothing),
    ("--disabled", &[], Nothing),
    ("--nombr", &[], Nothing),
];

pub(super) const ROOTPW: &[OptionRow] = &[
    ("--iscrypted", &[], Nothing),
    ("--lock", &[], Nothing),
    ("--plaintext", &[], Nothing),
    ("--allow-ssh", &[], Nothing),
];

pub(super) const LIVEIMG: &[OptionRow] = &[
    ("--url", &[], Text),
    ("--proxy", &[], Text),
    ("--noverifyssl", &[], Nothing),
    ("--checksum", &[], Text),
];

pub(super) const URL: &[OptionRow] = &[
    ("--proxy", &[], Text),
    ("--noverifyssl", &[], Nothing),
    ("--mirrorlist", &[], Text),
    ("--url", &[], Text),
    ("--metalink", &[], Text),
    ("--sslcacert", &[], Text),
    ("--sslclientcert", &[], Text),
    ("--sslclientkey", &[], Text),
];

/// Options of a script's header.
const SCRIPT: &[OptionRow] =
    &[("--erroronfail", &[], Nothing), ("--interpreter", &[], Text), ("--log", &["--logfile"], Text)];

const POST: &[OptionRow] = &[
    ("--erroronfail", &[], Nothing),
    ("--interpreter", &[], Text),
    ("--log", &["--logfile"], Text),
    ("--nochroot", &[], Nothing),
];

const PACKAGES: &[OptionRow] = &[
    ("--excludedocs", &[], Nothing),
    ("--ignoremissing", &[], Nothing),
    ("--ignorebroken", &[], Nothing),
    ("--default", &[], Nothing),
    ("--instLangs", &[], Text),
    ("--inst-langs", &[], Text),
    ("--multilib", &[], Nothing),
    ("--nocore", &[], Nothing),
    ("--timeout", &[], Whole),
    ("--retries", &[], Whole),
    ("--excludeWeakdeps", &[], Nothing),
    ("--exclude-weakdeps", &[], Nothing),
];

/// Sections, and the options of their headers where those are checked.
pub(super) const SECTIONS: [(&str, Option<&[OptionRow]>); 9] = [
    ("%pre", Some(SCRIPT)),
    ("%pre-install", Some(SCRIPT)),
    ("%post", Some(POST)),
    ("%onerror", Some(SCRIPT)),
    ("%traceback", Some(SCRIPT)),
    ("%packages", Some(PACKAGES)),
    ("%certificate", None),
    ("%addon", None),
    ("%anaconda", None),
];
