//! Networks of Neutron: which physical networks they are on.
//!
//! Source: Networking API v2.0, "Networks" with the extensions "provider" and "multi-provider", "Segments".

use super::call::{Neutron, Request};
use super::port::{NetworkPort, nonsense, path_segment};
use crate::error::NeutronError;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// Name of the attribute that tells the physical network.
const PHYSICAL: &str = "provider:physical_network";

impl Neutron {
    /// The physical networks on which a port's network is; empty when Neutron does not tell.
    ///
    /// An address on a subnet of one segment narrows them to that segment's.
    pub async fn physical_networks(&self, port: &NetworkPort) -> Result<BTreeSet<String>, NeutronError> {
        let network = self.show("network", &port.network_id).await?;
        let Some(segments) = network["segments"].as_array() else {
            return Ok(network[PHYSICAL].as_str().map(str::to_owned).into_iter().collect());
        };
        for subnet in port.fixed_ips.iter().map(|ip| &ip.subnet_id).filter(|id| !id.is_empty()) {
            let subnet = self.show("subnet", subnet).await?;
            let Some(segment) = subnet["segment_id"].as_str() else { continue };
            let segment = self.show("segment", segment).await?;
            if let Some(name) = segment["physical_network"].as_str() {
                return Ok(BTreeSet::from([name.to_owned()]));
            }
        }
        Ok(segments.iter().filter_map(|segment| segment[PHYSICAL].as_str()).map(str::to_owned).collect())
    }

    /// Identity of the network that is called so, by UUID or name.
    ///
    /// **Errors**: `NotFound`; `Config` when several have the name.
    pub async fn find_network(&self, uuid_or_name: &str) -> Result<String, NeutronError> {
        if uuid::Uuid::try_parse(uuid_or_name).is_ok() {
            return Ok(uuid_or_name.to_owned());
        }
        let request = Request {
            doing: format!("find network {uuid_or_name}"),
            method: Method::GET,
            path: "/networks".to_owned(),
            query: vec![("name", uuid_or_name.to_owned()), ("fields", "id".to_owned())],
            body: None,
        };
        let answer = self.call(request).await?;
        let found = answer["networks"].as_array().ok_or_else(|| nonsense("it has no networks"))?;
        match found.as_slice() {
            [] => Err(NeutronError::NotFound { what: format!("network {uuid_or_name}") }),
            [network] => {
                network["id"].as_str().map(str::to_owned).ok_or_else(|| nonsense("a network has no id"))
            }
            _ => Err(NeutronError::Config(format!(
                "several networks are called {uuid_or_name}: name it by its UUID"
            ))),
        }
    }

    async fn show(&self, kind: &str, id: &str) -> Result<Value, NeutronError> {
        let request = Request {
            doing: format!("show {kind} {id}"),
            method: Method::GET,
            path: format!("/{kind}s/{}", path_segment(id)),
            query: Vec::new(),
            body: None,
        };
        Ok(self.call(request).await?[kind].take())
    }
}
