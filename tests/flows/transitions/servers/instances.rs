//! Ways of servers that run an instance: it is rescued, and serviced.

use super::super::moves::Move::{Ask, Maintenance, OnFailure, Rescue, Service};
use super::super::moves::Way;
use super::ServerWay;
use super::faults::{
    burnin_fails, burnin_fails_once, locked_out, mute, rescue_fails, stays_on, unreadable, without_media,
};
use super::moves::{INSTANCE_RUNS, REPAIRED, breaks};

/// The ways.
pub const WAYS: &[ServerWay] = &[
    (
        Way {
            name: "a rescue, another one, and the end of it",
            moves: &[
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Ask("active", "active"),
                Rescue("rescue"),
                Rescue("rescue"),
                Ask("unrescue", "active"),
                INSTANCE_RUNS,
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a rescued server is deleted",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Rescue("rescue"),
                Ask("deleted", "available"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a rescue waits for the ramdisk and is aborted",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Rescue("rescue wait"),
                Ask("abort", "rescue failed"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a rescue waits for the ramdisk and the server is deleted",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Rescue("rescue wait"),
                Ask("deleted", "available"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a rescue fails, is tried again, and the instance comes back",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(without_media),
                Rescue("rescue failed"),
                REPAIRED,
                breaks(rescue_fails),
                Rescue("rescue failed"),
                REPAIRED,
                Ask("unrescue", "active"),
            ],
        },
        &["vmedia-insert-refused", "agent-command-failed"],
    ),
    (
        Way {
            name: "a rescue fails and the server is deleted",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(without_media),
                Rescue("rescue failed"),
                REPAIRED,
                Ask("deleted", "available"),
            ],
        },
        &["vmedia-insert-refused"],
    ),
    (
        Way {
            name: "the end of a rescue fails, is tried again, and becomes a rescue",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Rescue("rescue"),
                breaks(stays_on),
                Ask("unrescue", "unrescue failed"),
                REPAIRED,
                breaks(locked_out),
                Ask("unrescue", "unrescue failed"),
                REPAIRED,
                Rescue("rescue"),
            ],
        },
        &["power-state-not-reached", "redfish-unauthorized"],
    ),
    (
        Way {
            name: "the end of a rescue fails and the server is deleted",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Rescue("rescue"),
                breaks(unreadable),
                Ask("unrescue", "unrescue failed"),
                REPAIRED,
                Ask("deleted", "available"),
            ],
        },
        &["redfish-refused"],
    ),
    (
        Way {
            name: "a service by the ramdisk",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["deploy.burnin_cpu", "bios.factory_reset"], "active"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a service step fails; the server is serviced again",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(burnin_fails),
                Service(&["deploy.burnin_cpu"], "service failed"),
                REPAIRED,
                Maintenance(false),
                Service(&["deploy.burnin_cpu"], "active"),
            ],
        },
        &["agent-command-failed"],
    ),
    (
        Way {
            name: "a service cannot boot the ramdisk; the abort brings the instance back",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(without_media),
                Service(&["deploy.burnin_cpu"], "service failed"),
                REPAIRED,
                Maintenance(false),
                Ask("abort", "active"),
            ],
        },
        &["vmedia-insert-refused"],
    ),
    (
        Way {
            name: "a service step fails; the server is rescued",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(burnin_fails),
                Service(&["deploy.burnin_cpu"], "service failed"),
                REPAIRED,
                Maintenance(false),
                Rescue("rescue"),
            ],
        },
        &["agent-command-failed"],
    ),
    (
        Way {
            name: "a service step fails; the server is deleted",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                breaks(burnin_fails),
                Service(&["deploy.burnin_cpu"], "service failed"),
                REPAIRED,
                Ask("deleted", "available"),
            ],
        },
        &["agent-command-failed"],
    ),
    (
        Way {
            name: "a service step fails and is tried again after a while",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                OnFailure(1, false),
                breaks(burnin_fails_once),
                Service(&["deploy.burnin_cpu"], "active"),
            ],
        },
        &["agent-command-failed"],
    ),
    (
        Way {
            name: "a service step fails, and somebody looks at it before it is tried again",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                OnFailure(0, true),
                breaks(burnin_fails_once),
                Service(&["deploy.burnin_cpu"], "service hold"),
                Ask("unhold", "active"),
            ],
        },
        &["agent-command-failed"],
    ),
    (
        Way {
            name: "a service is held and goes on",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["power.hold", "deploy.burnin_cpu"], "service hold"),
                Ask("unhold", "active"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a service is held, and another one begins",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["power.hold"], "service hold"),
                Service(&["deploy.burnin_cpu"], "active"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a service is held; the abort brings the instance back",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["power.hold"], "service hold"),
                Ask("abort", "active"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a service is held; the abort leaves a server in maintenance as it is",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["power.hold"], "service hold"),
                Maintenance(true),
                Ask("abort", "service failed"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a service waits, is held, and goes on",
            moves: &[
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["power.wait", "power.hold", "deploy.burnin_cpu"], "service hold"),
                Ask("unhold", "active"),
            ],
        },
        &[],
    ),
    (
        Way {
            name: "a service waits for the ramdisk; the abort brings the instance back",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["deploy.burnin_cpu"], "service wait"),
                Ask("abort", "active"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a service waits for the ramdisk; the abort leaves a server in maintenance as it is",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["deploy.burnin_cpu"], "service wait"),
                Maintenance(true),
                Ask("abort", "service failed"),
            ],
        },
        &["aborted"],
    ),
    (
        Way {
            name: "a service waits for the ramdisk and the server is deleted",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["deploy.burnin_cpu"], "service wait"),
                Ask("deleted", "available"),
            ],
        },
        &[],
    ),
];
