//! RAID volumes of a server: those there are, and those that the next boot makes or takes apart.

use super::Counters;

/// The volumes of the storage controller.
#[derive(Debug, Default)]
pub(crate) struct Volumes {
    present: Vec<Volume>,
    /// What the next boot does, each with the task that ends with it.
    pending: Vec<(u64, Change)>,
    /// Tasks that the boot ended and that nobody was told of yet.
    settled: Vec<u64>,
    numbered: u32,
}

/// A RAID volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    pub id: String,
    pub name: String,
    pub raid_type: &'static str,
    pub bays: Vec<&'static str>,
    pub bytes: u64,
}

/// A volume that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewVolume {
    pub name: Option<String>,
    pub raid_type: &'static str,
    pub bays: Vec<&'static str>,
    pub bytes: u64,
}

#[derive(Debug)]
enum Change {
    Create(NewVolume),
    Delete(String),
}

impl Volumes {
    pub(crate) fn present(&self) -> &[Volume] {
        &self.present
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Volume> {
        self.present.iter().find(|volume| volume.id == id)
    }

    /// Bytes of a disk that volumes use or are about to use; each takes the same share of all its disks.
    pub(crate) fn used_bytes(&self, bay: &str, share: impl Fn(&str, usize, u64) -> u64) -> u64 {
        let present = self.present.iter().map(|volume| (volume.raid_type, &volume.bays, volume.bytes));
        let coming = self.pending.iter().filter_map(|(_, change)| match change {
            Change::Create(new) => Some((new.raid_type, &new.bays, new.bytes)),
            Change::Delete(_) => None,
        });
        let on_disk = present.chain(coming).filter(|(_, bays, _)| bays.contains(&bay));
        on_disk.map(|(raid_type, bays, bytes)| share(raid_type, bays.len(), bytes)).sum()
    }

    pub(crate) fn create(&mut self, new: NewVolume, counters: &mut Counters) -> Volume {
        self.numbered += 1;
        let id = format!("RV{:02}", self.numbered);
        let name = new.name.unwrap_or_else(|| format!("Virtual disk {}", self.numbered));
        let volume = Volume { id, name, raid_type: new.raid_type, bays: new.bays, bytes: new.bytes };
        self.present.push(volume.clone());
        counters.volumes_created += 1;
        volume
    }

    pub(crate) fn delete(&mut self, id: &str, counters: &mut Counters) {
        let before = self.present.len();
        self.present.retain(|volume| volume.id != id);
        counters.volumes_deleted += u32::from(self.present.len() < before);
    }

    pub(crate) fn create_at_boot(&mut self, task: u64, new: NewVolume) {
        self.pending.push((task, Change::Create(new)));
    }

    pub(crate) fn delete_at_boot(&mut self, task: u64, id: &str) {
        self.pending.push((task, Change::Delete(id.to_owned())));
    }

    /// Does what waited for a boot.
    pub(super) fn settle(&mut self, counters: &mut Counters) {
        for (task, change) in std::mem::take(&mut self.pending) {
            match change {
                Change::Create(new) => drop(self.create(new, counters)),
                Change::Delete(id) => self.delete(&id, counters),
            }
            self.settled.push(task);
        }
    }

    /// The tasks that ended with the last boot, once.
    pub(crate) fn take_settled(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.settled)
    }
}
