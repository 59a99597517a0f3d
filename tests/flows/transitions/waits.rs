//! Ways of nodes whose ramdisk is never heard of.

use super::moves::Move::{Ask, Clean, Info, Rescue, Service};
use super::moves::Way;

/// The ways.
pub const WAYS: &[Way] = &[
    Way {
        name: "nothing is heard during a deployment",
        ramdisk: true,
        moves: &[Ask("manage", "manageable"), Ask("provide", "available"), Ask("active", "deploy failed")],
    },
    Way {
        name: "nothing is heard during a cleaning",
        ramdisk: false,
        moves: &[Ask("manage", "manageable"), Clean(&["power.wait"], "clean failed")],
    },
    Way {
        name: "nothing is heard during an inspection",
        ramdisk: true,
        moves: &[Ask("manage", "manageable"), Ask("inspect", "inspect failed")],
    },
    Way {
        name: "nothing is heard during a rescue",
        ramdisk: false,
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Info("fake_ramdisk", true),
            Rescue("rescue failed"),
        ],
    },
    Way {
        name: "nothing is heard during a service",
        ramdisk: false,
        moves: &[
            Ask("manage", "manageable"),
            Ask("adopt", "active"),
            Service(&["power.wait"], "service failed"),
        ],
    },
];
