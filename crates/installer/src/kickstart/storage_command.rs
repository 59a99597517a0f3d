//! Commands that ask something of disks, understood.
//!
//! Sizes are MiB. What these commands refuse is what pykickstart refuses; whether it fits is for [`crate::storage`].

use super::arguments::{Arguments, OptionRow};
use super::commands::{AUTOPART, BOOTLOADER, CLEARPART, IGNOREDISK, LOGVOL, PART, RAID, VOLGROUP};
use serde::Serialize;

/// A command that asks something of disks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "command", rename_all = "lowercase")]
pub enum StorageCommand {
    /// `part`, `partition`
    Part(Partition),
    /// `raid`
    Raid(Raid),
    /// `volgroup`
    VolGroup(VolumeGroup),
    /// `logvol`
    LogVol(LogicalVolume),
    /// `clearpart`
    ClearPart(ClearPart),
    /// `ignoredisk`
    IgnoreDisk(IgnoreDisk),
    /// `autopart`
    AutoPart(AutoPart),
    /// `zerombr`
    ZeroMbr,
    /// `bootloader`
    BootLoader(BootLoader),
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Partition {
    /// Mount point, `swap`, or the name of a member: `raid.x`, `pv.x`.
    pub mountpoint: String,
    /// Least size.
    pub size: Option<i64>,
    /// Largest size of one that grows.
    pub maxsize: Option<i64>,
    /// Whether it takes what is left.
    pub grow: bool,
    /// The disk that it must be on.
    pub ondisk: Option<String>,
    /// The partition that exists already and is used.
    pub onpart: Option<String>,
    /// Whether the installer finds its size.
    pub sized_by_installer: bool,
}

/// A software RAID.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raid {
    /// Mount point, `swap`, or `pv.x`.
    pub mountpoint: String,
    /// Its device.
    pub device: String,
    /// Its level; none when it exists already.
    pub level: Option<RaidLevel>,
    /// Names of its members.
    pub members: Vec<String>,
    /// Members that only stand by.
    pub spares: i64,
}

/// Levels of RAID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum RaidLevel {
    /// Stripes.
    #[serde(rename = "0")]
    Raid0,
    /// Mirrors.
    #[serde(rename = "1")]
    Raid1,
    /// Parity on one member.
    #[serde(rename = "4")]
    Raid4,
    /// Parity.
    #[serde(rename = "5")]
    Raid5,
    /// Double parity.
    #[serde(rename = "6")]
    Raid6,
    /// Striped mirrors.
    #[serde(rename = "10")]
    Raid10,
}

/// A volume group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VolumeGroup {
    /// Its name.
    pub name: String,
    /// Names of its members.
    pub members: Vec<String>,
    /// Whether it exists already.
    pub existing: bool,
    /// Size of an extent, in KiB.
    pub extent_kib: i64,
    /// Space that stays free.
    pub reserved_space: i64,
    /// Percentage that stays free.
    pub reserved_percent: i64,
}

/// A logical volume.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LogicalVolume {
    /// Mount point, `swap` or `none`.
    pub mountpoint: String,
    /// Its name.
    pub name: String,
    /// Its volume group.
    pub vgname: String,
    /// Least size.
    pub size: Option<i64>,
    /// Size as a percentage of what its group has left.
    pub percent: Option<i64>,
    /// Whether it takes what is left.
    pub grow: bool,
    /// Whether it exists already.
    pub existing: bool,
    /// Whether it is a pool of thin volumes.
    pub thinpool: bool,
    /// The pool of a thin volume.
    pub pool: Option<String>,
    /// Space for its cache.
    pub cachesize: i64,
}

/// What is cleared before.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ClearPart {
    /// Only these disks.
    pub drives: Vec<String>,
}

/// Disks that are left alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct IgnoreDisk {
    /// These.
    pub drives: Vec<String>,
    /// All but these.
    pub only_use: Vec<String>,
}

/// A layout that the installer makes up.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AutoPart {
    /// `lvm`, `plain`, `thinp`
    pub scheme: Option<String>,
}

/// The boot loader.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct BootLoader {
    /// The disk that it goes to.
    pub boot_drive: Option<String>,
    /// Disks in the order of the firmware.
    pub driveorder: Vec<String>,
}

/// Levels of RAID as they are written, with or without `RAID` in front.
const LEVELS: [(&str, RaidLevel); 6] = [
    ("0", RaidLevel::Raid0),
    ("1", RaidLevel::Raid1),
    ("4", RaidLevel::Raid4),
    ("5", RaidLevel::Raid5),
    ("6", RaidLevel::Raid6),
    ("10", RaidLevel::Raid10),
];

/// Kinds of these commands, before their words are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storage(&'static Row);

type Reader = fn(&Arguments) -> Result<StorageCommand, String>;

/// Names, options, most operands, reader.
type Row = (&'static [&'static str], &'static [OptionRow], usize, Reader);

const ROWS: [Row; 9] = [
    (&["part", "partition"], PART, 1, partition),
    (&["raid"], RAID, usize::MAX, raid),
    (&["volgroup"], VOLGROUP, usize::MAX, volume_group),
    (&["logvol"], LOGVOL, 1, logical_volume),
    (&["clearpart"], CLEARPART, 0, clear_part),
    (&["ignoredisk"], IGNOREDISK, 0, ignore_disk),
    (&["autopart"], AUTOPART, 0, auto_part),
    (&["zerombr"], &[], 0, |_| Ok(StorageCommand::ZeroMbr)),
    (&["bootloader"], BOOTLOADER, 0, boot_loader),
];

impl Storage {
    pub(super) fn find(name: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.0.contains(&name)).map(Self)
    }

    pub(super) fn read(self, words: &[String]) -> Result<(Arguments, StorageCommand), String> {
        let (_, options, most, reader) = self.0;
        let read = Arguments::read(words, options)?;
        if read.operands.len() > *most {
            return Err(match most {
                0 => "it takes options only".to_owned(),
                _ => "it takes one operand".to_owned(),
            });
        }
        let command = reader(&read)?;
        Ok((read, command))
    }
}

fn refuse(condition: bool, text: &str) -> Result<(), String> {
    if condition { Err(text.to_owned()) } else { Ok(()) }
}

fn owned(value: Option<&str>) -> Option<String> {
    value.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The first operand, a path without what does not matter in it.
fn mountpoint(read: &Arguments) -> Result<String, String> {
    let given = read.operands.first().ok_or("it needs a mount point")?;
    if !given.starts_with('/') {
        return Ok(given.clone());
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in given.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Ok(format!("/{}", parts.join("/")))
}

/// Rules that whatever holds a file system has in common.
fn file_system(read: &Arguments) -> Result<(), String> {
    let format_options = read.has("--mkfsoptions");
    refuse(format_options && read.has("--noformat"), "--mkfsoptions has no effect with --noformat")?;
    refuse(format_options && read.has("--fsprofile"), "--mkfsoptions and --fsprofile exclude each other")?;
    key_derivation(read)?;
    refuse(read.text("--fstype") == Some("btrfs"), "btrfs is not supported")
}

fn key_derivation(read: &Arguments) -> Result<(), String> {
    let both =
        read.whole("--pbkdf-time").unwrap_or(0) != 0 && read.whole("--pbkdf-iterations").unwrap_or(0) != 0;
    refuse(both, "--pbkdf-time and --pbkdf-iterations exclude each other")
}

fn partition(read: &Arguments) -> Result<StorageCommand, String> {
    let mountpoint = mountpoint(read)?;
    let size = read.whole("--size");
    refuse(read.has("--resize") && owned(read.text("--onpart")).is_none(), "--resize needs --onpart")?;
    refuse(read.has("--resize") && size.is_none(), "--resize needs --size")?;
    let grows = read.has("--grow") || read.whole("--maxsize").unwrap_or(0) != 0;
    refuse(read.text("--fstype") == Some("tmpfs") && grows, "a tmpfs does not grow")?;
    file_system(read)?;
    Ok(StorageCommand::Part(Partition {
        mountpoint,
        size,
        maxsize: read.whole("--maxsize"),
        grow: read.has("--grow"),
        ondisk: owned(read.text("--ondisk")),
        onpart: owned(read.text("--onpart")),
        sized_by_installer: read.has("--recommended") || read.has("--hibernation"),
    }))
}

fn raid(read: &Arguments) -> Result<StorageCommand, String> {
    let mountpoint = mountpoint(read)?;
    let device = read.text("--device").ok_or("it needs --device")?;
    let level = read.text("--level").map(raid_level).transpose()?;
    let existing = read.has("--useexisting") || read.has("--noformat");
    let members = read.operands[1..].to_vec();
    refuse(existing && !members.is_empty(), "one that exists already takes no members")?;
    refuse(!existing && members.is_empty(), "it needs members")?;
    refuse(!existing && level.is_none(), "it needs --level")?;
    refuse(existing && device.is_empty(), "one that exists already needs --device")?;
    file_system(read)?;
    Ok(StorageCommand::Raid(Raid {
        mountpoint,
        device: device.to_owned(),
        level,
        members,
        spares: read.whole("--spares").unwrap_or(0),
    }))
}

fn raid_level(text: &str) -> Result<RaidLevel, String> {
    let upper = text.to_ascii_uppercase();
    let plain = upper.strip_prefix("RAID").unwrap_or(&upper);
    let found = LEVELS.iter().find(|(name, _)| *name == plain);
    found.map(|row| row.1).ok_or_else(|| "there is no such level of RAID".to_owned())
}

fn volume_group(read: &Arguments) -> Result<StorageCommand, String> {
    let name = read.operands.first().ok_or("it needs a name")?.clone();
    let members = read.operands[1..].to_vec();
    let existing = read.has("--useexisting") || read.has("--noformat");
    refuse(!existing && members.is_empty(), "it needs members")?;
    refuse(existing && !members.is_empty(), "one that exists already takes no members")?;
    let reserved_space = read.whole("--reserved-space").unwrap_or(0);
    let reserved_percent = read.whole("--reserved-percent").unwrap_or(0);
    refuse(reserved_space < 0, "--reserved-space must not be negative")?;
    refuse(
        reserved_percent != 0 && !(1..100).contains(&reserved_percent),
        "--reserved-percent must be between 1 and 99",
    )?;
    let extent_kib = read.whole("--pesize").filter(|size| *size > 0).unwrap_or(4096);
    Ok(StorageCommand::VolGroup(VolumeGroup {
        name,
        members,
        existing,
        extent_kib,
        reserved_space,
        reserved_percent,
    }))
}

fn logical_volume(read: &Arguments) -> Result<StorageCommand, String> {
    let mountpoint = mountpoint(read)?;
    let name = read.text("--name").ok_or("it needs --name")?.to_owned();
    let vgname = read.text("--vgname").ok_or("it needs --vgname")?.to_owned();
    let nonzero = |name: &str| read.whole(name).filter(|value| *value != 0);
    let (size, percent) = (nonzero("--size"), nonzero("--percent"));
    let (thin, thinpool) = (read.has("--thin"), read.has("--thinpool"));
    let pool = owned(read.text("--poolname"));
    refuse(read.has("--resize") && !read.has("--useexisting"), "--resize needs --useexisting")?;
    refuse(read.has("--resize") && size.is_none(), "--resize needs --size")?;
    refuse(thin && thinpool, "--thin and --thinpool exclude each other")?;
    refuse(thin && pool.is_none(), "--thin needs --poolname")?;
    let pool_only = nonzero("--chunksize").is_some() || nonzero("--metadatasize").is_some();
    refuse(pool_only && !thinpool, "--chunksize and --metadatasize are for pools of thin volumes")?;
    let existing = read.has("--useexisting") || read.has("--noformat");
    let unsized_volume = !existing && !read.has("--hibernation") && !read.has("--recommended");
    refuse(unsized_volume && size.is_none() && percent.is_none(), "it needs a size")?;
    refuse(
        percent.is_some_and(|percent| !(1..=100).contains(&percent)),
        "--percent must be between 1 and 100",
    )?;
    refuse(size.is_some() && percent.is_some(), "--size and --percent exclude each other")?;
    cache(read, existing, thin)?;
    file_system(read)?;
    Ok(StorageCommand::LogVol(LogicalVolume {
        mountpoint,
        name,
        vgname,
        size,
        percent,
        grow: read.has("--grow"),
        existing,
        thinpool,
        pool: pool.filter(|_| thin),
        cachesize: nonzero("--cachesize").unwrap_or(0),
    }))
}

fn cache(read: &Arguments, existing: bool, thin: bool) -> Result<(), String> {
    let members = !read.list("--cachepvs").is_empty();
    let size = read.whole("--cachesize").is_some_and(|size| size != 0);
    let mode = owned(read.text("--cachemode"));
    if !members && !size && mode.is_none() {
        return Ok(());
    }
    refuse(existing, "an existing volume gets no cache")?;
    refuse(thin, "thin volumes have no cache")?;
    refuse(!members, "a cache needs --cachepvs")?;
    refuse(!size, "a cache needs --cachesize")?;
    let unknown = mode.is_some_and(|mode| !["writeback", "writethrough"].contains(&mode.as_str()));
    refuse(unknown, "--cachemode is writeback or writethrough")
}

fn clear_part(read: &Arguments) -> Result<StorageCommand, String> {
    Ok(StorageCommand::ClearPart(ClearPart { drives: read.list("--drives") }))
}

fn ignore_disk(read: &Arguments) -> Result<StorageCommand, String> {
    let (drives, only_use) = (read.list("--drives"), read.list("--only-use"));
    Ok(StorageCommand::IgnoreDisk(IgnoreDisk { drives, only_use }))
}

fn auto_part(read: &Arguments) -> Result<StorageCommand, String> {
    let btrfs = read.text("--type") == Some("btrfs") || read.text("--fstype") == Some("btrfs");
    refuse(btrfs, "btrfs is not supported")?;
    key_derivation(read)?;
    Ok(StorageCommand::AutoPart(AutoPart { scheme: owned(read.text("--type")) }))
}

fn boot_loader(read: &Arguments) -> Result<StorageCommand, String> {
    let boot_drive = owned(read.text("--boot-drive"));
    let several = boot_drive.as_ref().is_some_and(|drive| drive.contains(','));
    refuse(several, "--boot-drive takes one disk")?;
    Ok(StorageCommand::BootLoader(BootLoader { boot_drive, driveorder: read.list("--driveorder") }))
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn rules_between_options_hold() {
        // Each line is refused by pykickstart for the same reason.
        let lines = [
            "part",
            "part / /b --size=5",
            "part / --resize --size=4",
            "part / --onpart=sda1 --resize",
            "part / --fstype=tmpfs --grow",
            "part / --noformat --mkfsoptions=x",
            "part / --fsprofile=a --mkfsoptions=b",
            "part / --pbkdf-time=1 --pbkdf-iterations=2",
            "part / --fstype=btrfs",
            "raid / --level=1 raid.1",
            "raid / --device=md0 raid.1",
            "raid / --device=md0 --level=3 raid.1",
            "raid / --device=md0 --level=1",
            "raid / --device=md0 --useexisting raid.1",
            "volgroup",
            "volgroup v",
            "volgroup v --useexisting pv.1",
            "volgroup v pv.1 --reserved-percent=100",
            "logvol / --name=r --vgname=v",
            "logvol / --name=r --size=1",
            "logvol / --name=r --vgname=v --percent=101",
            "logvol / --name=r --vgname=v --size=1 --percent=10",
            "logvol / --name=r --vgname=v --thin --thinpool --size=2",
            "logvol / --name=r --vgname=v --thin --size=2",
            "logvol / --name=r --vgname=v --chunksize=5 --size=2",
            "logvol / --name=r --vgname=v --resize --size=2",
            "logvol / --name=r --vgname=v --cachesize=4 --size=4",
            "clearpart x",
            "ignoredisk",
            "ignoredisk --drives=a --only-use=b",
            "autopart x",
            "autopart --type=foo",
            "autopart --type=btrfs",
            "bootloader --location=foo",
            "bootloader --boot-drive=a,b",
            "zerombr yes",
        ];
        for line in lines {
            assert_eq!(parse(line).1.len(), 1, "{line}");
        }
    }

    #[test]
    fn values_are_understood() {
        let text = "part //boot/../boot/efi --size 600 --ondrive=sda\nraid pv.1 --device=md0 --level=RAID1 raid.1 raid.2\n\
                    volgroup v pv.1 --pesize=32768\nlogvol / --name=r --vgname=v --percent=50\nignoredisk --only-use=sda,sdb\n";
        let (document, problems) = parse(text);
        assert_eq!(problems, []);
        let all: Vec<_> = document.storage().map(|(_, one)| serde_json::to_value(one).unwrap()).collect();
        assert_eq!(all[0]["mountpoint"], "/boot/efi");
        assert_eq!((&all[0]["size"], &all[0]["ondisk"]), (&600.into(), &"sda".into()));
        assert_eq!(
            (&all[1]["level"], &all[1]["members"]),
            (&"1".into(), &serde_json::json!(["raid.1", "raid.2"]))
        );
        assert_eq!(all[2]["extent_kib"], 32768);
        assert_eq!(all[3]["percent"], 50);
        assert_eq!(all[4]["only_use"], serde_json::json!(["sda", "sdb"]));
    }
}
