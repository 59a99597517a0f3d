//! Source: VolumeCollection and Volume schemas.

use crate::client::{Resource, json};

/// The volumes of a storage controller.
#[derive(Debug, Clone)]
pub struct VolumeCollection(pub Resource);

/// A volume.
#[derive(Debug, Clone)]
pub struct Volume(pub Resource);

/// RAID types of the volume types that schemas before 1.3.1 had in their place.
const OLDER_TYPES: [(&str, &str); 3] =
    [("Mirrored", "RAID1"), ("StripedWithParity", "RAID5"), ("SpannedMirrors", "RAID10")];

impl VolumeCollection {
    /// When a change may take effect; empty when the BMC does not tell.
    pub fn apply_times(&self) -> Vec<&str> {
        json::texts(&self.0.body, &["@Redfish.OperationApplyTimeSupport", "SupportedValues"])
    }
}

impl Volume {
    /// Its id.
    pub fn id(&self) -> Option<&str> {
        json::text(&self.0.body, &["Id"])
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        json::text(&self.0.body, &["Name"])
    }

    /// Its size.
    pub fn capacity_bytes(&self) -> Option<u64> {
        json::integer(&self.0.body, &["CapacityBytes"])
    }

    /// Its RAID type; none for a disk that is passed through as it is.
    pub fn raid_type(&self) -> Option<&str> {
        let older = || {
            let kind = json::text(&self.0.body, &["VolumeType"])?;
            OLDER_TYPES.iter().find(|row| row.0 == kind).map(|row| row.1)
        };
        json::text(&self.0.body, &["RAIDType"]).filter(|kind| *kind != "None").or_else(older)
    }

    /// The paths of its drives.
    pub fn drives(&self) -> Vec<&str> {
        json::links(&self.0.body, &["Links", "Drives"])
    }
}
