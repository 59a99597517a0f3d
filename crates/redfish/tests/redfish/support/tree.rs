//! A Redfish tree of one system in memory, as small as it can be, that a test changes where it needs to.

use super::service::{Answer, Seen};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const SYSTEM: &str = "/redfish/v1/Systems/1";
pub const RESET: &str = "/redfish/v1/Systems/1/Actions/Oem/Reset";

/// Resources by path.
#[derive(Debug, Clone)]
pub struct Tree(pub BTreeMap<String, Value>);

impl Tree {
    /// One system, without credentials, sessions and managers; its reset action lies where nobody would guess.
    pub fn new() -> Self {
        let link = |path: &str| json!({"@odata.id": path});
        let mut tree = Self(BTreeMap::new());
        tree.put("/redfish/v1/", json!({"Systems": link("/redfish/v1/Systems")}));
        tree.put("/redfish/v1/Systems", json!({"Members": [link(SYSTEM)]}));
        tree.put(
            SYSTEM,
            json!({
                "PowerState": "Off",
                "Boot": {"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideMode": "UEFI"},
                "Actions": {"#ComputerSystem.Reset": {"target": RESET}},
            }),
        );
        tree
    }

    /// Adds slots for virtual media at the system.
    pub fn with_slots(mut self, slots: &[(&str, Value)]) -> Self {
        self.system()["VirtualMedia"] = json!({"@odata.id": "/redfish/v1/media"});
        let members: Vec<Value> = slots.iter().map(|(path, _)| json!({"@odata.id": path})).collect();
        self.put("/redfish/v1/media", json!({"Members": members}));
        for (path, slot) in slots {
            self.put(path, slot.clone());
        }
        self
    }

    pub fn put(&mut self, path: &str, body: Value) {
        self.0.insert(path.to_owned(), body);
    }

    pub fn system(&mut self) -> &mut Value {
        self.0.get_mut(SYSTEM).unwrap()
    }

    /// What an honest service answers: reads, merging patches, and 204 to anything posted.
    pub fn answer(&mut self, seen: &Seen) -> Answer {
        let found = self.0.get_mut(&seen.path);
        match (seen.method.as_str(), found) {
            ("POST", _) => Answer::status(204, ""),
            (_, None) => {
                Answer::status(404, r#"{"error":{"code":"Base.1.0.ResourceMissing","message":"no such"}}"#)
            }
            ("PATCH", Some(resource)) => {
                merge(resource, &seen.body);
                Answer::status(204, "")
            }
            (_, Some(resource)) => Answer::json(resource),
        }
    }
}

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}
