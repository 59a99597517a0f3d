//! The dry run.

use super::disk::{Disk, Named, find};
use super::place::{Placed, Wanted, place};
use super::volumes::Volumes;
use crate::Problem;
use crate::kickstart::{Document, IgnoreDisk, Partition, StorageCommand};
use std::collections::BTreeMap;

/// What the installer needs at the least to make up a layout, in MiB.
const LEAST_FOR_AUTOPART: i64 = 2048;

/// What of the layout cannot be made on these disks.
pub fn simulate(document: &Document, disks: &[Disk]) -> Vec<Problem> {
    let mut run = Run { disks, used: vec![true; disks.len()], problems: Vec::new() };
    run.choose_disks(document);
    run.check_names(document);
    // Included files, and scripts that write them, may lay disks out as well.
    let complete = document.includes.is_empty();
    let partitions: Vec<(usize, &Partition)> = document
        .storage()
        .filter_map(|(line, command)| match command {
            StorageCommand::Part(partition) => Some((line, partition)),
            _ => None,
        })
        .collect();
    let auto = document.storage().find(|(_, command)| matches!(command, StorageCommand::AutoPart(_)));
    match auto {
        Some((line, _)) => run.check_automatic(line),
        None if complete => run.check_completeness(document),
        None => {}
    }
    let sizes = run.place(&partitions);
    if complete {
        let mut volumes = Volumes::default();
        volumes.read(document, &sizes);
        run.problems.extend(volumes.problems);
    }
    run.problems
}

struct Run<'a> {
    disks: &'a [Disk],
    /// Which disks the installer may use.
    used: Vec<bool>,
    problems: Vec<Problem>,
}

/// How large each partition is at the least and can be at the most, by its name.
pub(super) type Sizes = BTreeMap<String, (i64, i64)>;

impl Run<'_> {
    fn choose_disks(&mut self, document: &Document) {
        // What one of them says takes the place of what an earlier one said.
        let last = document.storage().filter_map(|(line, command)| match command {
            StorageCommand::IgnoreDisk(ignored) if *ignored != IgnoreDisk::default() => Some((line, ignored)),
            _ => None,
        });
        let Some((line, IgnoreDisk { drives, only_use })) = last.last() else { return };
        if !only_use.is_empty() {
            let named: Vec<Named> = only_use.iter().map(|name| find(self.disks, name)).collect();
            if !named.contains(&Named::Unsure) {
                for (index, used) in self.used.iter_mut().enumerate() {
                    *used = named.contains(&Named::Disk(index));
                }
            }
            self.check_named(line, "ignoredisk --only-use", only_use);
        }
        // A disk that is not there is ignored easily.
        for name in drives {
            if let Named::Disk(index) = find(self.disks, name) {
                self.used[index] = false;
            }
        }
    }

    fn check_names(&mut self, document: &Document) {
        for (line, command) in document.storage() {
            match command {
                StorageCommand::ClearPart(clear) => {
                    self.check_used(line, "clearpart --drives", &clear.drives)
                }
                StorageCommand::BootLoader(loader) => {
                    let drive: Vec<String> = loader.boot_drive.iter().cloned().collect();
                    self.check_used(line, "bootloader --boot-drive", &drive);
                    self.check_used(line, "bootloader --driveorder", &loader.driveorder);
                }
                StorageCommand::Part(partition) => {
                    let disk: Vec<String> = partition.ondisk.iter().cloned().collect();
                    self.check_used(line, "part --ondisk", &disk);
                }
                _ => {}
            }
        }
    }

    fn check_named(&mut self, line: usize, what: &str, names: &[String]) {
        for name in names {
            if find(self.disks, name) == Named::Nothing {
                let text = format!("{what} names the disk {name}; the node has {}", self.names());
                self.problems.push(Problem::at(line, text));
            }
        }
    }

    fn check_used(&mut self, line: usize, what: &str, names: &[String]) {
        self.check_named(line, what, names);
        for name in names {
            if let Named::Disk(index) = find(self.disks, name)
                && !self.used[index]
            {
                let text = format!("{what} names the disk {name}, which ignoredisk excludes");
                self.problems.push(Problem::at(line, text));
            }
        }
    }

    fn check_automatic(&mut self, line: usize) {
        let total: i64 = self.free().iter().sum();
        if total < LEAST_FOR_AUTOPART {
            let text = format!(
                "autopart needs at least {LEAST_FOR_AUTOPART} MiB; the disks that it may use have {total} MiB ({})",
                self.names()
            );
            self.problems.push(Problem::at(line, text));
        }
    }

    /// Whether the file says where everything goes; an installer that must ask waits for ever.
    fn check_completeness(&mut self, document: &Document) {
        let mut mounts: Vec<(usize, &str)> = document
            .storage()
            .filter_map(|(line, command)| match command {
                StorageCommand::Part(one) => Some((line, one.mountpoint.as_str())),
                StorageCommand::Raid(one) => Some((line, one.mountpoint.as_str())),
                StorageCommand::LogVol(one) => Some((line, one.mountpoint.as_str())),
                _ => None,
            })
            .collect();
        let mounted = document.commands.iter().filter(|command| command.name == "mount");
        mounts.extend(mounted.filter_map(|command| Some((command.line, command.words.get(1)?.as_str()))));
        mounts.retain(|(_, target)| target.starts_with('/'));
        if !mounts.iter().any(|(_, target)| *target == "/") {
            let text = "nothing is mounted at /: use autopart, or give / a partition, volume or array";
            self.problems.push(Problem::of_file(text));
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (line, target) in mounts {
            if let Some(first) = seen.insert(target, line) {
                let text = format!("{target} is mounted already by line {first}");
                self.problems.push(Problem::at(line, text));
            }
        }
    }

    /// Finds places for partitions, and says how large each can get.
    fn place(&mut self, partitions: &[(usize, &Partition)]) -> Sizes {
        let free = self.free();
        let mut sizes = Sizes::new();
        let mut unsure = false;
        let (mut wanted, mut made) = (Vec::new(), Vec::new());
        for (line, partition) in partitions {
            if partition.onpart.is_some() {
                // How large an existing partition is, the inventory does not tell.
                sizes.insert(partition.mountpoint.clone(), (0, i64::MAX));
                continue;
            }
            let disk = partition.ondisk.as_deref().map(|name| find(self.disks, name));
            unsure |= disk == Some(Named::Unsure);
            let disk = match disk {
                Some(Named::Disk(index)) if self.used[index] => Some(index),
                // What is wrong with these was said.
                Some(Named::Disk(_) | Named::Nothing) => continue,
                Some(Named::Unsure) | None => None,
            };
            let size = partition.size.filter(|_| !partition.sized_by_installer).unwrap_or(0).max(0);
            wanted.push(Wanted { size, disk });
            made.push((*line, *partition));
        }
        let found = match place(&free, &wanted) {
            Placed::Found(found) if !unsure => Some(found),
            Placed::Found(_) | Placed::Undecided => None,
            Placed::Impossible => {
                self.no_place(&free, &wanted, &made);
                None
            }
        };
        let all: i64 = free.iter().sum();
        for (index, (_, partition)) in made.iter().enumerate() {
            let least = wanted[index].size;
            // Which of those that grow gets how much is the installer's choice: each may get everything.
            let most = match &found {
                Some(found) if wanted[index].disk.is_some() => {
                    let disk = found[index];
                    let taken: i64 =
                        (0..wanted.len()).filter(|i| found[*i] == disk).map(|i| wanted[i].size).sum();
                    least + free[disk] - taken
                }
                _ => all,
            };
            let limit = partition.maxsize.filter(|size| *size > 0).unwrap_or(i64::MAX);
            let grows = partition.grow || partition.sized_by_installer;
            let most = if grows { most.min(limit).max(least) } else { least };
            sizes.insert(partition.mountpoint.clone(), (least, most));
        }
        sizes
    }

    fn no_place(&mut self, free: &[i64], wanted: &[Wanted], made: &[(usize, &Partition)]) {
        let largest = free.iter().copied().max().unwrap_or(0);
        for (index, one) in wanted.iter().enumerate() {
            let (line, room, place) = match one.disk {
                Some(disk) => (made[index].0, free[disk], self.disks[disk].name.clone()),
                None => (made[index].0, largest, "the largest disk".to_owned()),
            };
            if one.size > room {
                let target = &made[index].1.mountpoint;
                let text = format!("{target} needs {} MiB, {place} has {room} MiB", one.size);
                return self.problems.push(Problem::at(line, text));
            }
        }
        for (disk, room) in free.iter().enumerate() {
            let on_it: i64 = wanted.iter().filter(|one| one.disk == Some(disk)).map(|one| one.size).sum();
            if on_it > *room {
                let name = &self.disks[disk].name;
                let text = format!("the partitions on {name} need {on_it} MiB, it has {room} MiB");
                return self.problems.push(Problem::of_file(text));
            }
        }
        let needed: i64 = wanted.iter().map(|one| one.size).sum();
        let total: i64 = free.iter().sum();
        let text = format!(
            "the partitions need {needed} MiB; {total} MiB on these disks do not hold them: {}",
            self.names()
        );
        self.problems.push(Problem::of_file(text));
    }

    fn free(&self) -> Vec<i64> {
        self.disks.iter().zip(&self.used).map(|(disk, used)| if *used { disk.usable } else { 0 }).collect()
    }

    fn names(&self) -> String {
        if self.disks.is_empty() {
            return "no disks".to_owned();
        }
        let names: Vec<String> =
            self.disks.iter().map(|disk| format!("{} ({} MiB)", disk.name, disk.usable)).collect();
        names.join(", ")
    }
}
