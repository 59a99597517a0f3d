//! Ways of nodes whose ramdisk is never heard of.

use super::super::moves::Move::{Ask, Clean, Rescue, Service};
use super::super::moves::Way;
use super::moves::{FakeMove, info};

/// The ways.
pub const WAYS: &[Way<FakeMove>] = &[
    Way {
        name: "nothing is heard during a deployment",
        moves: &[
            info("fake_ramdisk", true),
            Ask("manage", "manageable"),
            Ask("provide", "available"),
            Ask("active", "deploy failed"),
        ],
    },
    Way {
        name: "nothing is heard during a cleaning",
        moves: &[Ask("manage", "manageable"), Clean(&["power.wait"], "clean failed")],
    },
    Way {
        name: "nothing is heard during an inspection",
        moves: &[info("fake_ramdisk", true), Ask("manage", "manageable"), Ask("inspect", "inspect failed")],
    },
    Way {
        name: "nothing is heard during a rescue",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            info("fake_ramdisk", true),
            Rescue("rescue failed"),
        ],
    },
    Way {
        name: "nothing is heard during a service",
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.wait"], "service failed"),
        ],
    },
];
