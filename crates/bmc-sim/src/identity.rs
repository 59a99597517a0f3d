//! Who a simulated server is: everything here follows from its index alone, so it is the same in every run.

use uuid::Uuid;

/// Network interfaces of every simulated server.
pub const NICS_PER_SERVER: usize = 2;

/// The most servers that still get distinct MAC addresses.
pub(crate) const MAX_SERVERS: usize = (1 << 24) / NICS_PER_SERVER;

const NAMESPACE: Uuid = Uuid::from_u128(0x5b0c_6c1e_88b4_4f0e_9a57_0d6f_e17c_5109);

/// Names, ids and addresses of one server.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub index: usize,
    pub uuid: Uuid,
    pub manager_id: String,
    pub chassis_id: String,
    pub serial: String,
    pub macs: [String; NICS_PER_SERVER],
    pub bmc_mac: String,
}

impl Identity {
    pub(crate) fn of(index: usize) -> Self {
        let part = |what: &str| Uuid::new_v5(&NAMESPACE, format!("{what}-{index}").as_bytes());
        let short = |what: &str| part(what).simple().to_string()[..12].to_owned();
        Self {
            index,
            uuid: part("system"),
            manager_id: format!("bmc-{}", short("manager")),
            chassis_id: format!("enclosure-{}", short("chassis")),
            serial: short("serial").to_uppercase(),
            macs: std::array::from_fn(|nic| mac([0x52, 0x54, 0x00], index * NICS_PER_SERVER + nic)),
            bmc_mac: mac([0x52, 0x54, 0xff], index),
        }
    }

    pub(crate) fn system_path(&self) -> String {
        format!("/redfish/v1/Systems/{}", self.uuid)
    }

    pub(crate) fn manager_path(&self) -> String {
        format!("/redfish/v1/Managers/{}", self.manager_id)
    }

    pub(crate) fn chassis_path(&self) -> String {
        format!("/redfish/v1/Chassis/{}", self.chassis_id)
    }

    pub(crate) fn agent_path(&self) -> String {
        format!("/agent/{}", self.uuid)
    }

    /// Serial number of the disk at this place of the model's list.
    pub(crate) fn drive_serial(&self, at: usize) -> String {
        format!("{}{:02}", &self.serial[..8], at + 1)
    }

    /// Name of the server as people would write it in a rack plan.
    pub(crate) fn host_name(&self) -> String {
        format!("sim-{:04}", self.index)
    }
}

fn mac(prefix: [u8; 3], number: usize) -> String {
    let [a, b, c] = prefix;
    format!(
        "{a:02x}:{b:02x}:{c:02x}:{:02x}:{:02x}:{:02x}",
        number >> 16 & 0xff,
        number >> 8 & 0xff,
        number & 0xff
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn identities_are_stable_and_distinct() {
        let all: Vec<Identity> = (0..600).map(Identity::of).collect();
        let macs: BTreeSet<&String> = all.iter().flat_map(|one| &one.macs).collect();
        let uuids: BTreeSet<Uuid> = all.iter().map(|one| one.uuid).collect();
        assert_eq!((macs.len(), uuids.len()), (600 * NICS_PER_SERVER, 600));
        assert_eq!(all[300].macs[1], "52:54:00:00:02:59");
        assert_eq!(all[7].uuid, Identity::of(7).uuid);
        assert_eq!(all[7].uuid.get_version_num(), 5);
    }
}
