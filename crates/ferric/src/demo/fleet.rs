//! The servers of the demo, as an operator describes them.

use super::images::Images;
use ferric_bmc_sim::Simulator;
use serde_json::{Value, json};

/// How many servers there are.
pub const SERVERS: usize = 5;

/// Which of them breaks.
pub const FAULTY: usize = 3;

/// Descriptions of all servers.
#[derive(Debug)]
pub struct Fleet {
    /// One for each server.
    pub servers: Vec<Server>,
    /// What each is to run.
    pub instance_info: Value,
}

/// A server as it is enrolled.
#[derive(Debug)]
pub struct Server {
    /// Body of `POST /v1/nodes`.
    pub node: Value,
    /// MAC address of the card it boots from.
    pub address: String,
}

/// Name of a server's node.
pub fn name(index: usize) -> String {
    format!("rack1-node{}", index + 1)
}

impl Fleet {
    /// Describes the servers of `simulator`.
    pub fn new(simulator: &Simulator, images: &Images) -> Self {
        let (username, password) = simulator.credentials();
        let describe = |index| Server {
            node: json!({
                "name": name(index),
                "driver": "redfish",
                "resource_class": "baremetal",
                "inspect_interface": "agent",
                "driver_info": {
                    "redfish_address": simulator.base_url(),
                    "redfish_system_id": simulator.system_path(index),
                    "redfish_username": username,
                    "redfish_password": password,
                },
                "properties": {"capabilities": "boot_mode:uefi"},
            }),
            address: simulator.mac_addresses(index).first().cloned().unwrap_or_default(),
        };
        Self {
            servers: (0..SERVERS).map(describe).collect(),
            instance_info: json!({
                "image_source": images.url,
                "image_checksum": images.checksum,
                "image_disk_format": "raw",
                "image_type": "whole-disk",
                "display_name": "demo-instance",
            }),
        }
    }
}
