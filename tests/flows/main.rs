//! Whole flows of nodes, seen from outside: real processes, REST, simulated servers.

mod bmc_faults;
mod boot_failures;
mod boot_interfaces;
mod conductor_stop;
mod fake_failures;
mod installer;
mod whole_life;
