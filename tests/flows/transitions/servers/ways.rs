//! Ways of servers that are verified, inspected, adopted, cleaned, and deployed.

use super::super::moves::Move::{Ask, Clean, Deploy, Maintenance};
use super::super::moves::Way;
use super::ServerWay;
use super::faults::{
    burnin_fails, locked_out, mute, stays_off, stays_on, unreadable, without_media, write_fails,
};
use super::moves::{IMAGE_NAMED, INSTANCE_RUNS, REPAIRED, breaks, set};

/// The ways.
pub const WAYS: &[ServerWay] = &[
    (
        Way {
            name: "a verification fails and then succeeds",
            moves: &[breaks(unreadable), Ask("manage", "enroll"), REPAIRED, Ask("manage", "manageable")],
        },
        &["redfish-refused"],
    ),
    (
        Way {
            name: "an inspection by the ramdisk",
            moves: &[Ask("manage", "manageable"), Ask("inspect", "manageable")],
        },
        &[],
    ),
    (
        Way {
            name: "an inspection after which the ramdisk stays",
            moves: &[
                set("/driver_info/fast_track", true),
                Ask("manage", "manageable"),
                Ask("inspect", "manageable"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "an inspection is aborted, begun again, and aborted for good",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("inspect", "inspect wait"),
                Ask("abort", "inspect failed"),
                Ask("inspect", "inspect wait"),
                Ask("abort", "inspect failed"),
                Ask("manage", "manageable"),
            ],
        },
        &["aborted", "aborted"],
    ),
    (
        Way {
            name: "an inspection cannot boot the ramdisk",
            moves: &[
                breaks(without_media),
                Ask("manage", "manageable"),
                Ask("inspect", "inspect failed"),
                REPAIRED,
                Ask("inspect", "manageable"),
            ],
        },
        &["vmedia-insert-refused"],
    ),
    (
        Way {
            name: "an adoption fails and then succeeds",
            moves: &[
                Ask("manage", "manageable"),
                breaks(unreadable),
                Ask("adopt", "adopt failed"),
                REPAIRED,
                Ask("adopt", "active"),
            ],
        },
        &["redfish-refused"],
    ),
    (
        Way {
            name: "an adoption fails and is given up",
            moves: &[
                Ask("manage", "manageable"),
                breaks(locked_out),
                Ask("adopt", "adopt failed"),
                REPAIRED,
                Ask("manage", "manageable"),
            ],
        },
        &["redfish-unauthorized"],
    ),
    (
        Way {
            name: "a server is cleaned by hand and goes back and forth",
            moves: &[
                Ask("manage", "manageable"),
                Clean(&["bios.factory_reset", "deploy.burnin_cpu"], "manageable"),
                Ask("provide", "available"),
                Ask("manage", "manageable"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a server is cleaned before it is available",
            moves: &[Ask("manage", "manageable"), set("/automated_clean", true), Ask("provide", "available")],
        },
        &[],
    ),
    (
        Way {
            name: "a cleaning cannot boot the ramdisk",
            moves: &[
                Ask("manage", "manageable"),
                breaks(without_media),
                Clean(&["deploy.burnin_cpu"], "clean failed"),
                REPAIRED,
                Maintenance(false),
                Ask("manage", "manageable"),
            ],
        },
        &["vmedia-insert-refused"],
    ),
    (
        Way {
            name: "a clean step fails",
            moves: &[
                Ask("manage", "manageable"),
                breaks(burnin_fails),
                Clean(&["deploy.burnin_cpu"], "clean failed"),
                Maintenance(false),
                Ask("manage", "manageable"),
            ],
        },
        &["agent-command-failed"],
    ),
    (
        Way {
            name: "a cleaning is held and goes on",
            moves: &[
                Ask("manage", "manageable"),
                Clean(&["deploy.burnin_cpu", "power.hold", "deploy.burnin_memory"], "clean hold"),
                Ask("unhold", "manageable"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a cleaning is held and aborted",
            moves: &[
                Ask("manage", "manageable"),
                Clean(&["power.hold"], "clean hold"),
                Ask("abort", "clean failed"),
                Ask("manage", "manageable"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a cleaning waits for the ramdisk and is aborted",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Clean(&["deploy.burnin_cpu"], "clean wait"),
                Ask("abort", "clean failed"),
                Ask("manage", "manageable"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a cleaning waits, is held, and goes on",
            moves: &[
                Ask("manage", "manageable"),
                Clean(&["power.wait", "power.hold", "deploy.burnin_cpu"], "clean hold"),
                Ask("unhold", "manageable"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a deployment, a rebuild, and the end of it",
            moves: &[
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Ask("active", "active"),
                INSTANCE_RUNS,
                Ask("rebuild", "active"),
                INSTANCE_RUNS,
                Ask("deleted", "available"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a deployment fails, is tried again, rebuilt and deleted",
            moves: &[
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                breaks(write_fails),
                Ask("active", "deploy failed"),
                REPAIRED,
                breaks(without_media),
                Ask("active", "deploy failed"),
                REPAIRED,
                breaks(stays_off),
                Ask("rebuild", "deploy failed"),
                REPAIRED,
                Ask("deleted", "available"),
            ],
        },
        &["agent-command-failed", "vmedia-insert-refused", "power-state-not-reached"],
    ),
    (
        Way {
            name: "a deployment is held and goes on",
            moves: &[
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Deploy(&[("power.hold", 50)], "deploy hold"),
                Ask("unhold", "active"),
                INSTANCE_RUNS,
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a deployment is held and aborted",
            moves: &[
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Deploy(&[("power.hold", 110)], "deploy hold"),
                Ask("abort", "deploy failed"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a deployment waits, is held, and goes on",
            moves: &[
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Deploy(&[("power.wait", 51), ("power.hold", 50)], "deploy hold"),
                Ask("unhold", "active"),
                INSTANCE_RUNS,
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a deployment waits for the ramdisk and is aborted",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Ask("active", "wait call-back"),
                Ask("abort", "deploy failed"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a deployment waits for the ramdisk and is deleted",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Ask("active", "wait call-back"),
                Ask("deleted", "available"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "the end of an instance fails; it is rebuilt, and ended",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(unreadable),
                Ask("deleted", "error"),
                REPAIRED,
                IMAGE_NAMED,
                Ask("rebuild", "active"),
                INSTANCE_RUNS,
                breaks(stays_on),
                Ask("deleted", "error"),
                REPAIRED,
                Ask("deleted", "available"),
            ],
        },
        &["redfish-refused", "power-state-not-reached"],
    ),
];
