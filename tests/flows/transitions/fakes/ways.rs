//! Ways that together drive the whole table, but for those that wait in vain.

use super::super::moves::Move::{Ask, Clean, Deploy, Maintenance, OnFailure, Rescue, Service};
use super::super::moves::Way;
use super::moves::{FakeMove, found, heard, info, says};

/// The ways.
pub const WAYS: &[Way<FakeMove>] = &[
    Way {
        name: "a verification fails and then succeeds",
        moves: &[says("power", "fail"), Ask("manage", "enroll"), Ask("manage", "manageable")],
    },
    Way {
        name: "an inspection by the ramdisk",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("inspect", "inspect wait"),
            found("manageable"),
        ],
    },
    Way {
        name: "an inspection after which the ramdisk stays",
        moves: &[
            info("fake_ramdisk", true),
            info("fast_track", true),
            Ask("manage", "manageable"),
            Ask("inspect", "inspect wait"),
            found("manageable"),
        ],
    },
    Way {
        name: "an inspection is aborted, begun again, and aborted for good",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("inspect", "inspect wait"),
            Ask("abort", "inspect failed"),
            Ask("inspect", "inspect wait"),
            Ask("abort", "inspect failed"),
            Ask("manage", "manageable"),
        ],
    },
    Way {
        name: "an inspection fails",
        moves: &[
            Ask("manage", "manageable"),
            says("inspect", "fail"),
            Ask("inspect", "inspect failed"),
            Ask("inspect", "manageable"),
        ],
    },
    Way {
        name: "an adoption fails and then succeeds",
        moves: &[
            Ask("manage", "manageable"),
            says("power", "fail"),
            Ask("adopt", "adopt failed"),
            Ask("adopt", "active"),
        ],
    },
    Way {
        name: "an adoption fails and is given up",
        moves: &[
            Ask("manage", "manageable"),
            says("power", "fail"),
            Ask("adopt", "adopt failed"),
            Ask("manage", "manageable"),
        ],
    },
    Way {
        name: "a node is cleaned by hand and goes back and forth",
        moves: &[
            Ask("manage", "manageable"),
            Clean(&["vendor.log_passthrough", "raid.delete_configuration"], "manageable"),
            Ask("provide", "available"),
            Ask("manage", "manageable"),
        ],
    },
    Way {
        name: "a clean step fails",
        moves: &[
            Ask("manage", "manageable"),
            says("vendor.log_passthrough", "fail"),
            Clean(&["vendor.log_passthrough"], "clean failed"),
            Maintenance(false),
            Ask("manage", "manageable"),
        ],
    },
    Way {
        name: "a cleaning is held and goes on",
        moves: &[
            Ask("manage", "manageable"),
            Clean(&["power.hold", "vendor.log_passthrough"], "clean hold"),
            Ask("unhold", "manageable"),
        ],
    },
    Way {
        name: "a cleaning is held and aborted",
        moves: &[
            Ask("manage", "manageable"),
            Clean(&["power.hold"], "clean hold"),
            Ask("abort", "clean failed"),
            Ask("manage", "manageable"),
        ],
    },
    Way {
        name: "a cleaning waits and is aborted",
        moves: &[
            Ask("manage", "manageable"),
            Clean(&["power.wait"], "clean wait"),
            Ask("abort", "clean failed"),
            Ask("manage", "manageable"),
        ],
    },
    Way {
        name: "a cleaning waits, is held, and goes on",
        moves: &[
            Ask("manage", "manageable"),
            Clean(&["power.wait", "power.hold"], "clean wait"),
            heard("clean hold"),
            Ask("unhold", "manageable"),
        ],
    },
    Way {
        name: "a cleaning with the ramdisk",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Clean(&["raid.delete_configuration"], "clean wait"),
            heard("manageable"),
        ],
    },
    Way {
        name: "a deployment, a rebuild, and the end of it",
        moves: &[
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Ask("active", "active"),
            Ask("rebuild", "active"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a deployment with the ramdisk",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Ask("active", "wait call-back"),
            heard("active"),
        ],
    },
    Way {
        name: "a deployment fails, is tried again, rebuilt and deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            says("deploy.deploy", "fail"),
            Ask("active", "deploy failed"),
            says("deploy.deploy", "fail"),
            Ask("active", "deploy failed"),
            says("deploy.deploy", "fail"),
            Ask("rebuild", "deploy failed"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a deployment is held and goes on",
        moves: &[
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Deploy(&[("power.hold", 50)], "deploy hold"),
            Ask("unhold", "active"),
        ],
    },
    Way {
        name: "a deployment is held and aborted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Deploy(&[("power.hold", 50)], "deploy hold"),
            Ask("abort", "deploy failed"),
        ],
    },
    Way {
        name: "a deployment waits, is held, and goes on",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Deploy(&[("power.hold", 50)], "wait call-back"),
            heard("deploy hold"),
            Ask("unhold", "active"),
        ],
    },
    Way {
        name: "a deployment waits and is aborted",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Ask("active", "wait call-back"),
            Ask("abort", "deploy failed"),
        ],
    },
    Way {
        name: "a deployment waits and is deleted",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Ask("active", "wait call-back"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "the end of an instance fails; it is rebuilt, and ended",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("tear_down", "fail"),
            Ask("deleted", "error"),
            Ask("rebuild", "active"),
            says("tear_down", "fail"),
            Ask("deleted", "error"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a rescue, another one, and the end of it",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Rescue("rescue"),
            Rescue("rescue"),
            Ask("unrescue", "active"),
        ],
    },
    Way {
        name: "a rescued node is deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Rescue("rescue"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a rescue with the ramdisk",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            info("fake_ramdisk", true),
            Rescue("rescue wait"),
            heard("rescue"),
            Ask("unrescue", "active"),
        ],
    },
    Way {
        name: "a rescue waits and is aborted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            info("fake_ramdisk", true),
            Rescue("rescue wait"),
            Ask("abort", "rescue failed"),
        ],
    },
    Way {
        name: "a rescue waits and the node is deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            info("fake_ramdisk", true),
            Rescue("rescue wait"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a rescue fails, is tried again, and the instance comes back",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("rescue", "fail"),
            Rescue("rescue failed"),
            says("rescue", "fail"),
            Rescue("rescue failed"),
            Ask("unrescue", "active"),
        ],
    },
    Way {
        name: "a rescue fails and the node is deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("rescue", "fail"),
            Rescue("rescue failed"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "the end of a rescue fails, is tried again, and becomes a rescue",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Rescue("rescue"),
            says("rescue", "fail"),
            Ask("unrescue", "unrescue failed"),
            says("rescue", "fail"),
            Ask("unrescue", "unrescue failed"),
            Rescue("rescue"),
        ],
    },
    Way {
        name: "the end of a rescue fails and the node is deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Rescue("rescue"),
            says("rescue", "fail"),
            Ask("unrescue", "unrescue failed"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a service",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["vendor.log_passthrough", "firmware.update"], "active"),
        ],
    },
    Way {
        name: "a service with the ramdisk",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            info("fake_ramdisk", true),
            Service(&["firmware.update"], "service wait"),
            heard("active"),
        ],
    },
    Way {
        name: "a service step fails; the node is serviced again",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("vendor.log_passthrough", "fail"),
            Service(&["vendor.log_passthrough"], "service failed"),
            Maintenance(false),
            Service(&["vendor.log_passthrough"], "active"),
        ],
    },
    Way {
        name: "a service step fails; the abort brings the instance back",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("vendor.log_passthrough", "fail"),
            Service(&["vendor.log_passthrough"], "service failed"),
            Maintenance(false),
            Ask("abort", "active"),
        ],
    },
    Way {
        name: "a service step fails; the node is rescued",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("vendor.log_passthrough", "fail"),
            Service(&["vendor.log_passthrough"], "service failed"),
            Maintenance(false),
            Rescue("rescue"),
        ],
    },
    Way {
        name: "a service step fails; the node is deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            says("vendor.log_passthrough", "fail"),
            Service(&["vendor.log_passthrough"], "service failed"),
            Ask("deleted", "available"),
        ],
    },
    Way {
        name: "a service step fails and is tried again after a while",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            OnFailure(1, false),
            says("vendor.log_passthrough", "fail"),
            Service(&["vendor.log_passthrough"], "active"),
        ],
    },
    Way {
        name: "a service step fails, and somebody looks at it before it is tried again",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            OnFailure(0, true),
            says("vendor.log_passthrough", "fail"),
            Service(&["vendor.log_passthrough"], "service hold"),
            Ask("unhold", "active"),
        ],
    },
    Way {
        name: "a service is held and goes on",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.hold"], "service hold"),
            Ask("unhold", "active"),
        ],
    },
    Way {
        name: "a service is held, and another one begins",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.hold"], "service hold"),
            Service(&["vendor.log_passthrough"], "active"),
        ],
    },
    Way {
        name: "a service is held; the abort brings the instance back",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.hold"], "service hold"),
            Ask("abort", "active"),
        ],
    },
    Way {
        name: "a service is held; the abort leaves a node in maintenance as it is",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.hold"], "service hold"),
            Maintenance(true),
            Ask("abort", "service failed"),
        ],
    },
    Way {
        name: "a service waits, is held, and goes on",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.wait", "power.hold"], "service wait"),
            heard("service hold"),
            Ask("unhold", "active"),
        ],
    },
    Way {
        name: "a service waits; the abort brings the instance back",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.wait"], "service wait"),
            Ask("abort", "active"),
        ],
    },
    Way {
        name: "a service waits; the abort leaves a node in maintenance as it is",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.wait"], "service wait"),
            Maintenance(true),
            Ask("abort", "service failed"),
        ],
    },
    Way {
        name: "a service waits and the node is deleted",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.wait"], "service wait"),
            Ask("deleted", "available"),
        ],
    },
];
