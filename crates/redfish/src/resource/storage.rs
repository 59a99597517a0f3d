//! Source: Storage, Drive and SimpleStorage schemas.

use crate::client::{Resource, json};
use serde_json::Value;

/// A storage controller with its drives, or one in the simple form with its devices.
#[derive(Debug, Clone)]
pub struct Storage(pub Resource);

/// A drive, or a device of the simple form.
#[derive(Debug, Clone)]
pub struct Drive(pub Value);

impl Storage {
    /// The paths of its drives.
    pub fn drives(&self) -> Vec<&str> {
        json::links(&self.0.body, &["Drives"])
    }

    /// Its id and its name, by which people may mean it.
    pub fn names(&self) -> Vec<String> {
        let controllers = json::list(&self.0.body, &["StorageControllers"]);
        let own = ["Id", "Name"].into_iter().filter_map(|key| json::text(&self.0.body, &[key]));
        let inner = controllers.iter().filter_map(|controller| json::text(controller, &["Name"]));
        let mut names: Vec<String> = own.chain(inner).map(str::to_owned).collect();
        names.dedup();
        names
    }

    /// Its collection of volumes.
    pub fn volumes(&self) -> Option<&str> {
        json::link(&self.0.body, &["Volumes"])
    }

    /// Its collection of controllers, where those are resources of their own.
    pub fn controllers(&self) -> Option<&str> {
        json::link(&self.0.body, &["Controllers"])
    }

    /// The RAID types that its controllers offer; none when it does not tell.
    pub fn raid_types(&self) -> Option<Vec<String>> {
        let controllers = json::list(&self.0.body, &["StorageControllers"]);
        let told: Vec<&Value> =
            controllers.iter().filter(|one| json::at(one, &["SupportedRAIDTypes"]).is_some()).collect();
        let types = told.iter().flat_map(|one| json::texts(one, &["SupportedRAIDTypes"]));
        (!told.is_empty()).then(|| types.map(str::to_owned).collect())
    }

    /// Its devices, in the simple form.
    pub fn devices(&self) -> Vec<Drive> {
        json::list(&self.0.body, &["Devices"]).iter().cloned().map(Drive).collect()
    }
}

impl Drive {
    fn text(&self, key: &str) -> Option<&str> {
        json::text(&self.0, &[key])
    }

    /// Its size; nothing for an empty slot.
    pub fn capacity_bytes(&self) -> Option<u64> {
        let absent = json::text(&self.0, &["Status", "State"]) == Some("Absent");
        json::integer(&self.0, &["CapacityBytes"]).filter(|size| *size > 0 && !absent)
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        self.text("Name").or_else(|| self.text("Id"))
    }

    /// Its id, name and serial number, by which people may mean it.
    pub fn names(&self) -> Vec<String> {
        let keys = ["Id", "Name", "SerialNumber"];
        keys.into_iter().filter_map(|key| self.text(key)).map(str::to_owned).collect()
    }

    /// How it is attached: `SAS`, `SATA`, `NVMe`, …
    pub fn protocol(&self) -> Option<&str> {
        self.text("Protocol")
    }

    /// Its model.
    pub fn model(&self) -> Option<&str> {
        self.text("Model")
    }

    /// Its serial number.
    pub fn serial_number(&self) -> Option<&str> {
        self.text("SerialNumber")
    }

    /// Who made it.
    pub fn manufacturer(&self) -> Option<&str> {
        self.text("Manufacturer")
    }

    /// Whether it turns; none when the BMC does not tell.
    pub fn is_rotational(&self) -> Option<bool> {
        self.text("MediaType").map(|kind| kind == "HDD")
    }

    /// Its world-wide name.
    pub fn wwn(&self) -> Option<&str> {
        json::list(&self.0, &["Identifiers"]).iter().find_map(|identifier| {
            let naa = matches!(json::text(identifier, &["DurableNameFormat"]), Some("NAA" | "EUI"));
            json::text(identifier, &["DurableName"]).filter(|_| naa)
        })
    }
}
