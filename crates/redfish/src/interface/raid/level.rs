//! RAID levels: Ironic's words, those of the schema, and what each costs.

use ferric_hardware::HardwareError;

/// A RAID level.
#[derive(Debug)]
pub(super) struct Level {
    /// Ironic's word.
    pub name: &'static str,
    /// The word of the Volume schema.
    pub raid_type: &'static str,
    /// Fewest disks.
    pub fewest: usize,
    /// How many of `n` disks hold data.
    data: fn(u64) -> u64,
    /// The number of disks is a multiple of this.
    multiple: usize,
}

/// Source: `contract: hardware-interfaces` section 5; DSP0268, Volume, RAIDType. Spanned levels count two spans.
const LEVELS: [Level; 7] = [
    Level { name: "0", raid_type: "RAID0", fewest: 1, data: |n| n, multiple: 1 },
    Level { name: "1", raid_type: "RAID1", fewest: 2, data: |_| 1, multiple: 1 },
    Level { name: "5", raid_type: "RAID5", fewest: 3, data: |n| n - 1, multiple: 1 },
    Level { name: "6", raid_type: "RAID6", fewest: 4, data: |n| n - 2, multiple: 1 },
    Level { name: "1+0", raid_type: "RAID10", fewest: 4, data: |n| n / 2, multiple: 2 },
    Level { name: "5+0", raid_type: "RAID50", fewest: 6, data: |n| n - 2, multiple: 2 },
    Level { name: "6+0", raid_type: "RAID60", fewest: 8, data: |n| n - 4, multiple: 2 },
];

impl Level {
    /// The level of this name.
    pub fn find(name: &str) -> Result<&'static Self, HardwareError> {
        LEVELS.iter().find(|level| level.name == name).ok_or_else(|| {
            let known: Vec<&str> = LEVELS.iter().map(|level| level.name).collect();
            HardwareError::invalid(
                format!("the RAID layout cannot be made: Redfish has no RAID level {name}"),
                format!("choose one of {}", known.join(", ")),
            )
        })
    }

    /// The level of a RAID type.
    pub fn of_type(raid_type: &str) -> Option<&'static Self> {
        LEVELS.iter().find(|level| level.raid_type == raid_type)
    }

    /// Whether it can be made of so many disks.
    pub const fn takes(&self, disks: usize) -> bool {
        disks >= self.fewest && disks.is_multiple_of(self.multiple)
    }

    /// How many of `disks` hold data, at least 1.
    pub fn data_disks(&self, disks: usize) -> u64 {
        (self.data)(disks as u64).max(1)
    }
}
