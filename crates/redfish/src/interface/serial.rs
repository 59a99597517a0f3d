//! Where the serial console of a node is, as its BMC says: Redfish has no way to it, but tells of those that there are.
//!
//! Source: DSP0268, ComputerSystem SerialConsole, Manager SerialConsole and ManagerNetworkProtocol IPMI.

use crate::client::{Access, RedfishClients, Result, json};
use crate::vmedia::managers;
use async_trait::async_trait;
use ferric_hardware::HardwareError;
use ferric_hardware::interface::{SerialOverLan, SerialTarget};
use ferric_model::node::Node;
use ferric_model::secret::Secret;
use std::sync::Arc;
use url::Host;

/// The port of IPMI where the BMC does not tell.
const IPMI_PORT: u16 = 623;

#[derive(Debug)]
struct RedfishSerial(Arc<RedfishClients>);

/// Tells where the serial consoles of nodes of this hardware type are: with the same BMC, over IPMI.
pub fn redfish_serial(clients: Arc<RedfishClients>) -> Arc<dyn SerialOverLan> {
    Arc::new(RedfishSerial(clients))
}

#[async_trait]
impl SerialOverLan for RedfishSerial {
    fn validate(&self, node: &Node) -> std::result::Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn target(&self, node: &Node) -> std::result::Result<SerialTarget, HardwareError> {
        let access = self.0.open(node)?;
        let Some(port) = ipmi_port(&access).await? else {
            return Err(HardwareError::unsupported("the BMC does not offer a serial console over IPMI"));
        };
        let host = match access.info.origin.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        };
        let (username, password) = match &access.info.credentials {
            Some((username, password)) => (Some(username.clone()), password.clone()),
            None => (None, Secret::new(String::new())),
        };
        let privilege = "ADMINISTRATOR".to_owned();
        Ok(SerialTarget { host, port, username, password, kg_key: None, privilege, cipher_suite: None })
    }
}

/// The port on which the serial console is offered over IPMI; none where it is not.
async fn ipmi_port(access: &Access) -> Result<Option<u16>> {
    let system = access.system().await?;
    let of_system = |key| ["SerialConsole", "IPMI", key];
    let mut offered = json::flag(&system.0.body, &of_system("ServiceEnabled"));
    let mut port = json::integer(&system.0.body, &of_system("Port"));
    for path in managers(access, &system).await? {
        let Some(manager) = access.bmc.find(&path).await? else { continue };
        if offered.is_none() {
            let kinds = json::texts(&manager.body, &["SerialConsole", "ConnectTypesSupported"]);
            let enabled = json::flag(&manager.body, &["SerialConsole", "ServiceEnabled"]).unwrap_or(true);
            offered = (!kinds.is_empty()).then(|| enabled && kinds.contains(&"IPMI"));
        }
        if let (None, Some(protocols)) = (port, json::link(&manager.body, &["NetworkProtocol"]))
            && let Some(protocols) = access.bmc.find(protocols).await?
        {
            port = json::integer(&protocols.body, &["IPMI", "Port"]);
        }
    }
    let port = port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    Ok(offered.unwrap_or(false).then(|| port.unwrap_or(IPMI_PORT)))
}
