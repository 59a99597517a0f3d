//! Collects what a system is made of and brings it into the shape in which the agent reports it.
//!
//! Source: `contract: agent-protocol` section 7 for the shape.

use super::boot_device;
use crate::client::{Access, Bmc, RedfishError, Resource, Result};
use crate::resource::{Chassis, Drive, EthernetInterface, Memory, Processor, Storage, System};
use ferric_model::JsonMap;
use futures::future::join_all;
use serde_json::{Value, json};
use url::Host;

const GIB: u64 = 1 << 30;

/// Smallest disk that can hold an instance.
const SMALLEST_DISK: u64 = 4 * GIB;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    threads: Option<u64>,
    sockets: Option<u64>,
    architecture: Option<&'static str>,
    cpu_model: Option<String>,
    cpu_mhz: Option<u64>,
    memory_mb: Option<u64>,
    disks: Vec<Drive>,
    interfaces: Vec<EthernetInterface>,
    vendor: JsonMap,
    boot_mode: Option<&'static str>,
    host_name: Option<String>,
    bmc_address: Option<String>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// Reads one part after the other; a part that is not there is noted.
///
/// **Errors**: only when the BMC stops answering or accepting us.
pub(super) async fn collect(access: &Access, system: &System) -> Result<Findings> {
    let mut findings = Findings {
        boot_mode: boot_device::mode_word(system.boot().mode()),
        host_name: system.host_name().map(str::to_owned),
        bmc_address: match access.info.origin.host() {
            Some(Host::Ipv4(address)) => Some(address.to_string()),
            Some(Host::Ipv6(address)) => Some(address.to_string()),
            _ => None,
        },
        ..Findings::default()
    };
    let bmc = &access.bmc;
    findings.vendor = vendor(bmc, system).await?;
    findings.read_processors(bmc, system).await?;
    findings.read_memory(bmc, system).await?;
    findings.read_disks(bmc, system).await?;
    findings.read_interfaces(bmc, system).await?;
    Ok(findings)
}

impl Findings {
    /// What Ironic keeps of it as the node's properties.
    pub fn properties(&self) -> JsonMap {
        let local_gb = self
            .disks
            .iter()
            .filter_map(Drive::capacity_bytes)
            .filter(|size| *size >= SMALLEST_DISK)
            .min()
            .map(|size| size / GIB - 1);
        let found = [
            ("memory_mb", self.memory_mb.map(Value::from)),
            ("cpus", self.threads.map(Value::from)),
            ("cpu_arch", self.architecture.map(Value::from)),
            ("local_gb", local_gb.map(Value::from)),
        ];
        found.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }

    /// The addresses of its network interfaces, each once.
    pub fn mac_addresses(&self) -> impl Iterator<Item = String> {
        let mut addresses: Vec<String> = Vec::new();
        for address in self.interfaces.iter().filter_map(EthernetInterface::mac_address) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses.into_iter()
    }

    /// The inventory.
    pub fn document(&self) -> JsonMap {
        let interfaces: Vec<Value> = self.interfaces.iter().map(interface).collect();
        let disks: Vec<Value> = self.disks.iter().map(disk).collect();
        let document = json!({
            "interfaces": interfaces,
            "cpu": {
                "model_name": self.cpu_model,
                "frequency": self.cpu_mhz.map(|mhz| mhz.to_string()),
                "count": self.threads,
                "architecture": self.architecture,
                "flags": [],
                "socket_count": self.sockets,
            },
            "disks": disks,
            "memory": {
                "total": self.memory_mb.map(|size| size << 20),
                "physical_mb": self.memory_mb,
            },
            "bmc_address": self.bmc_address,
            "system_vendor": self.vendor,
            "boot": {"current_boot_mode": self.boot_mode, "pxe_interface": null},
            "hostname": self.host_name,
        });
        document.as_object().cloned().unwrap_or_default()
    }

    async fn read_processors(&mut self, bmc: &Bmc, system: &System) -> Result<()> {
        let (sockets, threads, model) = system.processor_summary();
        let cpus: Vec<Processor> = self
            .members(bmc, "Processors", system.processors())
            .await?
            .into_iter()
            .map(Processor)
            .filter(Processor::is_cpu)
            .collect();
        self.architecture = cpus.iter().find_map(Processor::architecture);
        self.cpu_model = cpus.iter().find_map(Processor::model).or(model).map(str::to_owned);
        self.cpu_mhz = cpus.iter().find_map(Processor::max_speed_mhz);
        self.sockets = sockets.or(Some(cpus.len() as u64).filter(|count| *count > 0));
        let counted: u64 = cpus.iter().filter_map(Processor::threads).sum();
        self.threads = Some(counted).filter(|count| *count > 0).or(threads).or(sockets);
        Ok(())
    }

    async fn read_memory(&mut self, bmc: &Bmc, system: &System) -> Result<()> {
        if let Some(gib) = system.memory_gib() {
            self.memory_mb = Some((gib * 1024.0).round() as u64);
            return Ok(());
        }
        let modules = self.members(bmc, "Memory", system.memory()).await?;
        let total: u64 = modules.into_iter().map(Memory).filter_map(|module| module.capacity_mib()).sum();
        self.memory_mb = Some(total).filter(|total| *total > 0);
        Ok(())
    }

    async fn read_disks(&mut self, bmc: &Bmc, system: &System) -> Result<()> {
        let controllers = self.members(bmc, "Storage", system.storage()).await?;
        let mut paths: Vec<String> = Vec::new();
        for controller in controllers.into_iter().map(Storage) {
            for path in controller.drives() {
                if !paths.iter().any(|known| known == path) {
                    paths.push(path.to_owned());
                }
            }
        }
        let drives = self.all(bmc, "Drive", paths).await?;
        self.disks = drives.into_iter().map(|drive| Drive(drive.body)).collect();
        if self.disks.iter().all(|disk| disk.capacity_bytes().is_none()) {
            let controllers = self.members(bmc, "SimpleStorage", system.simple_storage()).await?;
            self.disks =
                controllers.into_iter().map(Storage).flat_map(|controller| controller.devices()).collect();
        }
        self.disks.retain(|disk| disk.capacity_bytes().is_some());
        Ok(())
    }

    async fn read_interfaces(&mut self, bmc: &Bmc, system: &System) -> Result<()> {
        let interfaces = self.members(bmc, "EthernetInterfaces", system.ethernet_interfaces()).await?;
        self.interfaces = interfaces
            .into_iter()
            .map(EthernetInterface)
            .filter(|interface| !interface.is_unusable())
            .collect();
        Ok(())
    }

    /// The members of a collection, where there is one.
    async fn members(&mut self, bmc: &Bmc, what: &str, collection: Option<&str>) -> Result<Vec<Resource>> {
        let Some(collection) = collection else {
            self.unread.push(format!("{what}: the system has no link to it"));
            return Ok(Vec::new());
        };
        let Some(paths) = bmc.find_members(collection).await? else {
            self.unread.push(format!("{what}: {collection} cannot be read"));
            return Ok(Vec::new());
        };
        if paths.is_empty() {
            self.unread.push(format!("{what}: {collection} is empty"));
        }
        self.all(bmc, what, paths).await
    }

    /// Reads many resources at once, as far as the budget of the BMC goes; those that cannot be read are noted.
    async fn all(&mut self, bmc: &Bmc, what: &str, paths: Vec<String>) -> Result<Vec<Resource>> {
        let reads = join_all(paths.iter().map(|path| bmc.find(path))).await;
        let mut found = Vec::new();
        for (path, read) in paths.iter().zip(reads) {
            match read? {
                Some(resource) => found.push(resource),
                None => self.unread.push(format!("{what}: {path} cannot be read")),
            }
        }
        Ok(found)
    }
}

/// Who made the system; what it does not say its chassis may.
async fn vendor(bmc: &Bmc, system: &System) -> std::result::Result<JsonMap, RedfishError> {
    let mut chassis = None;
    let silent =
        system.manufacturer().is_none() || system.model().is_none() || system.serial_number().is_none();
    if let (true, Some(path)) = (silent, system.chassis().first()) {
        chassis = bmc.find(path).await?.map(Chassis);
    }
    let chassis = chassis.as_ref();
    let vendor = json!({
        "product_name": system.model().or_else(|| chassis.and_then(Chassis::model)),
        "serial_number": system.serial_number().or_else(|| chassis.and_then(Chassis::serial_number)),
        "manufacturer": system.manufacturer().or_else(|| chassis.and_then(Chassis::manufacturer)),
        "firmware": {"vendor": null, "version": system.bios_version(), "build_date": null},
    });
    Ok(vendor.as_object().cloned().unwrap_or_default())
}

fn interface(interface: &EthernetInterface) -> Value {
    json!({
        "name": interface.name(),
        "mac_address": interface.mac_address(),
        "ipv4_address": null,
        "ipv6_address": null,
        "has_carrier": interface.has_link(),
        "lldp": null,
        "vendor": null,
        "product": null,
        "client_id": null,
        "biosdevname": null,
        "speed_mbps": interface.speed_mbps(),
        "pci_address": null,
        "driver": null,
    })
}

fn disk(disk: &Drive) -> Value {
    json!({
        "name": disk.name(),
        "model": disk.model(),
        "size": disk.capacity_bytes(),
        "rotational": disk.is_rotational(),
        "wwn": disk.wwn(),
        "serial": disk.serial_number(),
        "vendor": disk.manufacturer(),
        "wwn_with_extension": null,
        "wwn_vendor_extension": null,
        "hctl": null,
        "by_path": null,
    })
}
