//! What Ironic once had and nobody has any more, with the way on.

use super::InterfaceKind::{self, Boot, Console, Deploy, Inspect, Management, Power, Raid};

/// An interface implementation that is gone, and what to do instead.
#[derive(Debug, Clone, Copy)]
pub struct RemovedInterface {
    /// Its kind.
    pub kind: InterfaceKind,
    /// Its name.
    pub name: &'static str,
    /// What to do, for the operator.
    pub advice: &'static str,
}

/// A hardware type that is gone, and what to do instead.
#[derive(Debug, Clone, Copy)]
pub struct RemovedType {
    /// Its name.
    pub name: &'static str,
    /// What to do, for the operator.
    pub advice: &'static str,
}

const TO_DIRECT: &str = "deploy_interface iscsi was removed, because the image went through the conductor; use direct, with \
     image_source at a URL that the ramdisk reaches and its checksum";
const TO_REDFISH: &str = "use redfish with the BMC's address, or a hardware type of another vendor's tool";

/// Source: release notes of Ironic from Queens to 2026.2.
pub const REMOVED_INTERFACES: [RemovedInterface; 12] = [
    RemovedInterface { kind: Deploy, name: "iscsi", advice: TO_DIRECT },
    RemovedInterface {
        kind: Deploy,
        name: "ansible",
        advice: "use custom-agent with steps of a deploy template, or direct",
    },
    RemovedInterface { kind: Console, name: "ipmitool-shellinabox", advice: "use ipmitool-socat" },
    RemovedInterface {
        kind: Inspect,
        name: "inspector",
        advice: "use agent: inspection is part of this service",
    },
    RemovedInterface { kind: Boot, name: "ilo-pxe", advice: TO_REDFISH },
    RemovedInterface { kind: Boot, name: "ilo-virtual-media", advice: "use redfish-virtual-media" },
    RemovedInterface { kind: Boot, name: "irmc-virtual-media", advice: "use redfish-virtual-media" },
    RemovedInterface { kind: Management, name: "idrac-wsman", advice: "use redfish" },
    RemovedInterface { kind: Power, name: "idrac-wsman", advice: "use redfish" },
    RemovedInterface { kind: Raid, name: "idrac-wsman", advice: "use redfish" },
    RemovedInterface { kind: Inspect, name: "idrac-wsman", advice: "use redfish" },
    RemovedInterface { kind: Power, name: "snmp", advice: "use manual-management, or give the node a BMC" },
];

/// Source: release notes of Ironic from Pike to 2026.2; the classic drivers were names of driver and interfaces in one.
pub const REMOVED_TYPES: [RemovedType; 18] = [
    RemovedType { name: "ilo", advice: "use redfish: iLO 5 and later speak it" },
    RemovedType { name: "ilo5", advice: "use redfish: iLO 5 and later speak it" },
    RemovedType { name: "irmc", advice: "use redfish: iRMC S5 and later speak it" },
    RemovedType { name: "idrac", advice: "use redfish: iDRAC 9 and later speak it" },
    RemovedType { name: "xclarity", advice: "use redfish" },
    RemovedType { name: "ibmc", advice: "use redfish" },
    RemovedType { name: "snmp", advice: "use manual-management, or give the node a BMC" },
    RemovedType { name: "intel-ipmi", advice: "use ipmi or redfish" },
    RemovedType { name: "staging-wol", advice: "use manual-management" },
    RemovedType { name: "cisco-ucs-managed", advice: "use redfish" },
    RemovedType { name: "cisco-ucs-standalone", advice: "use redfish" },
    RemovedType { name: "oneview", advice: "use redfish" },
    RemovedType { name: "pxe_ipmitool", advice: "a classic driver: use ipmi with deploy_interface direct" },
    RemovedType { name: "agent_ipmitool", advice: "a classic driver: use ipmi with deploy_interface direct" },
    RemovedType { name: "pxe_ilo", advice: "a classic driver: use redfish" },
    RemovedType { name: "agent_ilo", advice: "a classic driver: use redfish" },
    RemovedType { name: "pxe_drac", advice: "a classic driver: use redfish" },
    RemovedType { name: "pxe_irmc", advice: "a classic driver: use redfish" },
];

/// What to do instead of an implementation that is gone.
pub fn find_removed_interface(kind: InterfaceKind, name: &str) -> Option<&'static RemovedInterface> {
    REMOVED_INTERFACES.iter().find(|row| row.kind == kind && row.name == name)
}

/// What to do instead of a hardware type that is gone.
pub fn find_removed_type(name: &str) -> Option<&'static RemovedType> {
    REMOVED_TYPES.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::{HARDWARE_TYPES, find_hardware_type};

    #[test]
    fn nothing_that_is_there_is_said_to_be_gone() {
        for row in REMOVED_TYPES {
            assert!(find_hardware_type(row.name).is_none(), "{}", row.name);
        }
        for row in REMOVED_INTERFACES {
            let there = HARDWARE_TYPES.iter().any(|kind| kind.supported(row.kind).contains(&row.name));
            assert!(!there, "{} {}", row.kind, row.name);
        }
    }
}
