//! Ports of Neutron: showing, changing, making and deleting them.
//!
//! Source: Networking API v2.0, "Ports", and its extension "binding".

use super::call::{Neutron, Request};
use crate::error::NeutronError;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// A port of Neutron, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NetworkPort {
    /// Identity.
    pub id: String,
    /// The network it is on.
    pub network_id: String,
    /// Addresses.
    #[serde(default)]
    pub fixed_ips: Vec<FixedIp>,
    /// The host it is bound to; empty or absent when it is not.
    #[serde(rename = "binding:host_id", default)]
    pub host_id: Option<String>,
    /// What the host told about the binding.
    #[serde(rename = "binding:profile", default)]
    pub profile: Value,
}

/// An address of a port.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FixedIp {
    /// The subnet it is of.
    #[serde(default)]
    pub subnet_id: String,
}

impl NetworkPort {
    /// Whether a host has taken it.
    pub fn is_bound(&self) -> bool {
        self.host_id.as_deref().is_some_and(|host| !host.is_empty())
    }
}

impl Neutron {
    /// Shows a port.
    ///
    /// **Errors**: `NotFound`.
    pub async fn get_port(&self, id: &str) -> Result<NetworkPort, NeutronError> {
        let answer = self.call(request(Method::GET, "show", id, None)).await?;
        port_of(answer)
    }

    /// Changes attributes of a port.
    ///
    /// **Errors**: `NotFound`.
    pub async fn update_port(&self, id: &str, attributes: Value) -> Result<(), NeutronError> {
        self.call(request(Method::PUT, "change", id, Some(attributes))).await.map(drop)
    }

    /// Makes a port.
    pub async fn create_port(&self, attributes: Value) -> Result<NetworkPort, NeutronError> {
        let request = Request {
            doing: "make a port".to_owned(),
            method: Method::POST,
            path: "/ports".to_owned(),
            query: Vec::new(),
            body: Some(json!({"port": attributes})),
        };
        port_of(self.call(request).await?)
    }

    /// Deletes a port; one that is gone already is no failure.
    pub async fn delete_port(&self, id: &str) -> Result<(), NeutronError> {
        match self.call(request(Method::DELETE, "delete", id, None)).await {
            Ok(_) | Err(NeutronError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Identities of the ports of a network that have one of these MAC addresses.
    pub async fn list_ports(&self, network: &str, macs: &[String]) -> Result<Vec<String>, NeutronError> {
        let mut query = vec![("network_id", network.to_owned()), ("fields", "id".to_owned())];
        query.extend(macs.iter().map(|mac| ("mac_address", mac.clone())));
        let request = Request {
            doing: format!("list the ports of network {network}"),
            method: Method::GET,
            path: "/ports".to_owned(),
            query,
            body: None,
        };
        let answer = self.call(request).await?;
        let ports = answer["ports"].as_array().ok_or_else(|| nonsense("it has no ports"))?;
        Ok(ports.iter().filter_map(|port| port["id"].as_str()).map(str::to_owned).collect())
    }
}

fn request(method: Method, verb: &str, id: &str, attributes: Option<Value>) -> Request<'static> {
    Request {
        doing: format!("{verb} port {id}"),
        method,
        path: format!("/ports/{}", path_segment(id)),
        query: Vec::new(),
        body: attributes.map(|attributes| json!({"port": attributes})),
    }
}

/// Callers name VIFs as they like; nothing of it may become another part of the path.
pub(super) fn path_segment(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
    id.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn port_of(mut answer: Value) -> Result<NetworkPort, NeutronError> {
    serde_json::from_value(answer["port"].take()).map_err(|error| nonsense(&error.to_string()))
}

pub(super) fn nonsense(reason: &str) -> NeutronError {
    NeutronError::Nonsense { service: "Neutron", reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::path_segment;

    #[test]
    fn names_of_vifs_stay_one_part_of_the_path() {
        assert_eq!(path_segment("a-1_~"), "a-1_~");
        assert_eq!(path_segment("../x?y=z"), "%2E%2E%2Fx%3Fy%3Dz");
    }
}
