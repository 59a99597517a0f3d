//! Arrays, volume groups and logical volumes: whether their members are there, and whether they fit.

use super::simulate::Sizes;
use crate::Problem;
use crate::kickstart::{Document, LogicalVolume, Raid, RaidLevel, StorageCommand, VolumeGroup};
use std::collections::{BTreeMap, BTreeSet};

/// Level, fewest members, members whose space is lost.
const LEVELS: [(RaidLevel, usize, usize); 6] = [
    (RaidLevel::Raid0, 2, 0),
    (RaidLevel::Raid1, 2, 0),
    (RaidLevel::Raid4, 3, 1),
    (RaidLevel::Raid5, 3, 1),
    (RaidLevel::Raid6, 4, 2),
    (RaidLevel::Raid10, 2, 0),
];

/// A member that holds less than one extent is of no use, and LVM keeps some of each for itself.
const METADATA_KIB: i64 = 1024;

#[derive(Default)]
pub(super) struct Volumes {
    pub problems: Vec<Problem>,
    taken: BTreeSet<String>,
    groups: BTreeMap<String, Group>,
}

/// A volume group while it is filled.
struct Group {
    /// The most extents it can have; none when it exists already.
    extents: Option<i64>,
    extent_kib: i64,
    used: i64,
    percent: i64,
    volumes: BTreeSet<String>,
    pools: BTreeSet<String>,
}

impl Volumes {
    /// Reads arrays, groups and volumes over partitions of these sizes, in the order in which they build on each other.
    pub fn read(&mut self, document: &Document, partitions: &Sizes) {
        let mut sizes = partitions.clone();
        for (line, command) in document.storage() {
            if let StorageCommand::Raid(raid) = command {
                self.raid(line, raid, &mut sizes);
            }
        }
        for (line, command) in document.storage() {
            if let StorageCommand::VolGroup(group) = command {
                self.group(line, group, &sizes);
            }
        }
        // Pools are there before their volumes, wherever they stand in the file.
        for (line, command) in document.storage() {
            if let StorageCommand::LogVol(volume) = command {
                self.volume(line, volume);
            }
        }
        for (line, command) in document.storage() {
            if let StorageCommand::LogVol(LogicalVolume { pool: Some(pool), vgname, .. }) = command {
                let known = self
                    .groups
                    .get(vgname)
                    .is_none_or(|group| group.extents.is_none() || group.pools.contains(pool));
                if !known {
                    self.wrong(line, format!("there is no pool {pool} in the volume group {vgname}"));
                }
            }
        }
    }

    fn wrong(&mut self, line: usize, text: String) {
        self.problems.push(Problem::at(line, text));
    }

    /// The least and most sizes of members, each of which is taken by this only.
    fn members(
        &mut self,
        line: usize,
        what: &str,
        names: &[String],
        sizes: &Sizes,
    ) -> Option<Vec<(i64, i64)>> {
        let mut found = Vec::new();
        for name in names {
            match sizes.get(name) {
                None => self.wrong(line, format!("{what}: no partition is called {name}")),
                Some(_) if !self.taken.insert(name.clone()) => {
                    self.wrong(line, format!("{what}: {name} belongs to something else already"));
                }
                Some(size) => found.push(*size),
            }
        }
        (found.len() == names.len()).then_some(found)
    }

    fn raid(&mut self, line: usize, raid: &Raid, sizes: &mut Sizes) {
        let what = format!("raid {}", raid.device);
        let Some(level) = raid.level.filter(|_| !raid.members.is_empty()) else {
            sizes.insert(raid.mountpoint.clone(), (0, i64::MAX));
            return;
        };
        let Some(members) = self.members(line, &what, &raid.members, sizes) else {
            // What is missing was said; what builds on this is not to be blamed.
            sizes.insert(raid.mountpoint.clone(), (0, i64::MAX));
            return;
        };
        let Some((_, fewest, lost)) = LEVELS.into_iter().find(|row| row.0 == level) else { return };
        let active = members.len().saturating_sub(usize::try_from(raid.spares).unwrap_or(0));
        if active < fewest {
            let text = format!("{what}: its level needs {fewest} members beside spares, it has {active}");
            self.wrong(line, text);
        }
        let data = match level {
            RaidLevel::Raid1 => 1,
            RaidLevel::Raid10 => active / 2,
            _ => active.saturating_sub(lost),
        };
        let data = i64::try_from(data).unwrap_or(0).max(1);
        let smallest = |pick: fn(&(i64, i64)) -> i64| members.iter().map(pick).min().unwrap_or(0);
        let size = (smallest(|size| size.0), smallest(|size| size.1));
        sizes.insert(raid.mountpoint.clone(), (size.0.saturating_mul(data), size.1.saturating_mul(data)));
    }

    fn group(&mut self, line: usize, group: &VolumeGroup, sizes: &Sizes) {
        let what = format!("volgroup {}", group.name);
        let extents = if group.existing {
            None
        } else {
            self.members(line, &what, &group.members, sizes).and_then(|members| {
                let unlimited = members.iter().any(|size| size.1 == i64::MAX);
                let extents = |size: &(i64, i64)| {
                    (size.1.saturating_mul(1024) - METADATA_KIB).max(0) / group.extent_kib
                };
                let all: i64 = if unlimited { i64::MAX } else { members.iter().map(extents).sum() };
                let reserved = (group.reserved_space.saturating_mul(1024) / group.extent_kib)
                    .max(all / 100 * group.reserved_percent);
                (!unlimited).then_some(all - reserved)
            })
        };
        let fresh = Group {
            extents,
            extent_kib: group.extent_kib,
            used: 0,
            percent: 0,
            volumes: BTreeSet::new(),
            pools: BTreeSet::new(),
        };
        if self.groups.insert(group.name.clone(), fresh).is_some() {
            self.wrong(line, format!("{what} is there already"));
        }
    }

    fn volume(&mut self, line: usize, volume: &LogicalVolume) {
        let what = format!("logvol {}", volume.name);
        let Some(group) = self.groups.get_mut(&volume.vgname) else {
            return self.wrong(line, format!("{what}: there is no volume group {}", volume.vgname));
        };
        if volume.thinpool {
            group.pools.insert(volume.name.clone());
        }
        if !group.volumes.insert(volume.name.clone()) {
            let text = format!("{what} is in the volume group {} already", volume.vgname);
            return self.wrong(line, text);
        }
        // A thin volume takes space of its pool only.
        if volume.pool.is_some() || volume.existing {
            return;
        }
        group.percent += volume.percent.unwrap_or(0);
        let kib = (volume.size.unwrap_or(0).max(0) + volume.cachesize.max(0)).saturating_mul(1024);
        group.used = group.used.saturating_add(kib.saturating_add(group.extent_kib - 1) / group.extent_kib);
        let (used, percent, extent) = (group.used, group.percent, group.extent_kib);
        let room = group.extents;
        if room.is_some_and(|room| used > room) {
            // Once is enough.
            group.extents = None;
        }
        if percent > 100 {
            self.wrong(line, format!("the volumes of {} take {percent} % of it", volume.vgname));
        }
        if let Some(room) = room
            && used > room
        {
            let mib = |extents: i64| extents.saturating_mul(extent) / 1024;
            let text = format!(
                "the volumes of {} need {} MiB up to {}, it has at most {} MiB",
                volume.vgname,
                mib(used),
                volume.name,
                mib(room.max(0))
            );
            self.wrong(line, text);
        }
    }
}
