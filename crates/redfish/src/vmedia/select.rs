//! Finds slots.

use crate::client::{Access, Result};
use crate::resource::{Manager, ServiceRoot, System, VirtualMedia};

/// What a slot is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A CD or DVD image.
    Cd,
    /// The image of a USB stick.
    Disk,
    /// The image of a floppy disk.
    Floppy,
    /// Whatever it is for.
    Any,
}

impl MediaKind {
    /// Reads Ironic's word.
    pub fn find(word: &str) -> Option<Self> {
        match word {
            "cdrom" | "dvd" => Some(Self::Cd),
            "disk" => Some(Self::Disk),
            "floppy" => Some(Self::Floppy),
            _ => None,
        }
    }

    fn fits(self, slot: &VirtualMedia) -> bool {
        match self {
            Self::Cd => slot.takes_cd(),
            Self::Disk => slot.media_types().contains(&"USBStick"),
            Self::Floppy => slot.media_types().contains(&"Floppy"),
            Self::Any => true,
        }
    }
}

/// Every slot for CD images, best first: CD before DVD.
pub async fn cd_slots(access: &Access, system: &System) -> Result<Vec<VirtualMedia>> {
    slots(access, system, MediaKind::Cd).await
}

/// Every slot of a kind: those of the system before those of its managers, and of these CD before DVD.
///
/// Both places count: newer services have them at the system, older ones at the manager, and some at both.
pub async fn slots(access: &Access, system: &System, kind: MediaKind) -> Result<Vec<VirtualMedia>> {
    let bmc = &access.bmc;
    let mut collections: Vec<String> = system.virtual_media().map(str::to_owned).into_iter().collect();
    for manager in managers(access, system).await? {
        if let Some(manager) = bmc.find(&manager).await?.map(Manager)
            && let Some(collection) = manager.virtual_media()
            && !collections.iter().any(|known| known == collection)
        {
            collections.push(collection.to_owned());
        }
    }
    let mut slots: Vec<VirtualMedia> = Vec::new();
    for collection in collections {
        for path in bmc.find_members(&collection).await?.unwrap_or_default() {
            if slots.iter().any(|slot| slot.0.path == path) {
                continue;
            }
            if let Some(slot) = bmc.find(&path).await?.map(VirtualMedia)
                && kind.fits(&slot)
            {
                slots.push(slot);
            }
        }
    }
    // The sort is stable: within CD and DVD the order of the places stays.
    if kind == MediaKind::Cd {
        slots.sort_by_key(|slot| !slot.names_cd());
    }
    Ok(slots)
}

/// The managers of a system; where it does not name them, the only one of the service.
pub async fn managers(access: &Access, system: &System) -> Result<Vec<String>> {
    let named: Vec<String> = system.managers().into_iter().map(str::to_owned).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let root = access.bmc.root().await?;
    let Some(collection) = ServiceRoot(&root).managers() else { return Ok(Vec::new()) };
    let found = access.bmc.members(collection).await?;
    Ok(if found.len() == 1 { found } else { Vec::new() })
}
