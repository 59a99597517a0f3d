//! Ways of servers whose agent is never heard of.

use super::super::moves::Move::{Ask, Clean, Rescue, Service};
use super::super::moves::Way;
use super::ServerWay;
use super::faults::mute;
use super::moves::breaks;

/// The ways.
pub const WAYS: &[ServerWay] = &[
    (
        Way {
            name: "nothing is heard during a deployment",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("provide", "available"),
                Ask("active", "deploy failed"),
            ],
        },
        &["boot-agent-silent"],
    ),
    (
        Way {
            name: "nothing is heard during a cleaning",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Clean(&["deploy.burnin_cpu"], "clean failed"),
            ],
        },
        &["boot-agent-silent"],
    ),
    (
        Way {
            name: "nothing is heard during an inspection",
            moves: &[breaks(mute), Ask("manage", "manageable"), Ask("inspect", "inspect failed")],
        },
        &["boot-agent-silent"],
    ),
    (
        Way {
            name: "nothing is heard during a rescue",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Rescue("rescue failed"),
            ],
        },
        &["boot-agent-silent"],
    ),
    (
        Way {
            name: "nothing is heard during a service",
            moves: &[
                breaks(mute),
                Ask("manage", "manageable"),
                Ask("adopt", "active"),
                Service(&["deploy.burnin_cpu"], "service failed"),
            ],
        },
        &["boot-agent-silent"],
    ),
];
