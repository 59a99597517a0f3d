//! Source: EthernetInterface schema.

use crate::client::{Resource, json};
use ferric_model::port::normalize_mac;

/// A network interface of a system.
#[derive(Debug, Clone)]
pub struct EthernetInterface(pub Resource);

impl EthernetInterface {
    /// The address in use, else the burnt-in one, lower case with colons.
    pub fn mac_address(&self) -> Option<String> {
        ["MACAddress", "PermanentMACAddress"].into_iter().find_map(|key| {
            let text = json::text(&self.0.body, &[key])?.replace('-', ":");
            normalize_mac(&text).filter(|mac| mac != "00:00:00:00:00:00")
        })
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        json::text(&self.0.body, &["Id"]).or_else(|| json::text(&self.0.body, &["Name"]))
    }

    /// Whether it has a link; none when the BMC does not tell.
    pub fn has_link(&self) -> Option<bool> {
        json::text(&self.0.body, &["LinkStatus"]).map(|status| status == "LinkUp")
    }

    /// Its speed.
    pub fn speed_mbps(&self) -> Option<u64> {
        json::integer(&self.0.body, &["SpeedMbps"]).filter(|speed| *speed > 0)
    }

    /// Whether nothing can be booted over it: it is switched off, absent, or no card at all.
    pub fn is_unusable(&self) -> bool {
        json::text(&self.0.body, &["EthernetInterfaceType"]) == Some("Virtual")
            || matches!(json::text(&self.0.body, &["Status", "State"]), Some("Disabled" | "Absent"))
            || json::flag(&self.0.body, &["InterfaceEnabled"]) == Some(false)
    }
}
