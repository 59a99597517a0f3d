//! EthernetInterfaces of a system.

use serde_json::json;

use super::answer::{About, Answer, collection, healthy};
use crate::state::PowerState;

pub(super) async fn list(about: About) -> Answer {
    let path = format!("{}/EthernetInterfaces", about.identity().system_path());
    let members = (0..about.identity().macs.len()).map(|at| format!("{path}/{}", name(at))).collect();
    about.resource(collection(&path, "EthernetInterfaceCollection", "Ethernet interfaces", members))
}

pub(super) async fn show(about: About) -> Answer {
    let identity = about.identity();
    let wanted = about.variable("nic");
    let at = (0..identity.macs.len()).find(|at| name(*at) == wanted).ok_or_else(|| about.missing())?;
    let powered = about.fleet.read(about.index, |live| live.state.power == PowerState::On);
    about.resource(json!({
        "@odata.id": format!("{}/EthernetInterfaces/{}", identity.system_path(), name(at)),
        "@odata.type": "#EthernetInterface.v1_12_1.EthernetInterface",
        "Id": name(at),
        "Name": format!("Ethernet port {}", at + 1),
        "MACAddress": identity.macs[at].to_uppercase(),
        "PermanentMACAddress": identity.macs[at].to_uppercase(),
        "InterfaceEnabled": true,
        "LinkStatus": if powered { "LinkUp" } else { "NoLink" },
        "SpeedMbps": about.model().nics.speed_mbps,
        "FullDuplex": true,
        "Status": healthy(),
    }))
}

fn name(at: usize) -> String {
    format!("NIC.1-{}", at + 1)
}
