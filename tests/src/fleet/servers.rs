//! Simulated servers as an operator describes them to Ferric.

use std::time::Duration;

use ferric_bmc_sim::{Simulator, SimulatorConfig};
use futures::future::try_join_all;
use serde_json::{Map, Value, json};

use super::images::ImageServer;
use crate::rest::Rest;

/// Simulated servers, their nodes, and the image they are to run.
pub struct Fleet {
    /// The servers.
    pub simulator: Simulator,
    /// The image.
    pub images: ImageServer,
}

/// Settings of a simulator whose servers are quick, but not so quick that nothing overlaps.
pub fn quick_simulator(servers: usize) -> SimulatorConfig {
    SimulatorConfig {
        servers,
        power_delay_ms: 20..=80,
        boot_delay: Duration::from_millis(50),
        heartbeat_interval: Duration::from_millis(500),
        step_delay: Duration::from_millis(50),
        ..SimulatorConfig::default()
    }
}

impl Fleet {
    /// Starts the servers, off and with empty disks, and serves the image.
    pub async fn start(config: SimulatorConfig) -> anyhow::Result<Self> {
        Ok(Self { simulator: Simulator::start(config)?, images: ImageServer::start().await? })
    }

    /// Name of a server's node.
    pub fn name(index: usize) -> String {
        format!("rack1-node{index:02}")
    }

    /// How the BMC of a server is reached.
    pub fn driver_info(&self, index: usize) -> Map<String, Value> {
        let (username, password) = self.simulator.credentials();
        Map::from_iter([
            ("redfish_address".to_owned(), json!(self.simulator.base_url())),
            ("redfish_system_id".to_owned(), json!(self.simulator.system_path(index))),
            ("redfish_username".to_owned(), json!(username)),
            ("redfish_password".to_owned(), json!(password)),
        ])
    }

    /// Creates the node of a server with the port it boots from, and gives its UUID.
    pub async fn enroll(&self, rest: &Rest, index: usize) -> anyhow::Result<String> {
        let node = json!({
            "name": Self::name(index),
            "driver": "redfish",
            "inspect_interface": "agent",
            "resource_class": "baremetal",
            "driver_info": self.driver_info(index),
            "properties": {"capabilities": "boot_mode:uefi"},
        });
        let uuid = rest.enroll(&node).await?;
        let address = self.simulator.mac_addresses(index).swap_remove(0);
        rest.post("/v1/ports", &json!({"node_uuid": uuid, "address": address, "pxe_enabled": true})).await?;
        Ok(uuid)
    }

    /// The same for a server that is cleaned only when somebody asks for it, is rescued by its ramdisk, and is told what to run.
    pub async fn enroll_quick(&self, rest: &Rest, index: usize) -> anyhow::Result<String> {
        let uuid = self.enroll(rest, index).await?;
        let patch = json!([
            {"op": "add", "path": "/automated_clean", "value": false},
            {"op": "add", "path": "/rescue_interface", "value": "agent"},
            {"op": "add", "path": "/instance_info", "value": self.instance_info()},
        ]);
        rest.patch(&format!("/v1/nodes/{uuid}"), &patch).await?;
        Ok(uuid)
    }

    /// Leads all servers from nothing to `available`, at the same time, and gives the UUIDs of their nodes.
    pub async fn make_available(&self, rest: &Rest) -> anyhow::Result<Vec<String>> {
        try_join_all((0..self.simulator.servers()).map(async |index| {
            let uuid = self.enroll(rest, index).await?;
            rest.lead(&uuid, "manage", "manageable").await?;
            rest.lead(&uuid, "provide", "available").await?;
            rest.set(&uuid, "/instance_info", &self.instance_info()).await?;
            Ok(uuid)
        }))
        .await
    }

    /// What a node is to run.
    pub fn instance_info(&self) -> Value {
        json!({
            "image_source": self.images.url(),
            "image_checksum": self.images.checksum(),
            "image_disk_format": "raw",
            "image_type": "whole-disk",
            "display_name": "test-instance",
        })
    }
}
