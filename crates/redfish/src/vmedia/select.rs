//! Finds the slots that take a CD image.

use crate::client::{Access, Result};
use crate::resource::{Manager, ServiceRoot, System, VirtualMedia};

/// Every slot for CD images, best first: those of the system before those of its managers, CD before DVD.
///
/// Both places count: newer services have them at the system, older ones at the manager, and some at both.
pub async fn cd_slots(access: &Access, system: &System) -> Result<Vec<VirtualMedia>> {
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
                && slot.takes_cd()
            {
                slots.push(slot);
            }
        }
    }
    // The sort is stable: within CD and DVD the order of the places stays.
    slots.sort_by_key(|slot| !slot.names_cd());
    Ok(slots)
}

/// The managers of a system; where it does not name them, the only one of the service.
async fn managers(access: &Access, system: &System) -> Result<Vec<String>> {
    let named: Vec<String> = system.managers().into_iter().map(str::to_owned).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let root = access.bmc.root().await?;
    let Some(collection) = ServiceRoot(&root).managers() else { return Ok(Vec::new()) };
    let found = access.bmc.members(collection).await?;
    Ok(if found.len() == 1 { found } else { Vec::new() })
}
