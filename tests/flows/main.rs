//! Whole flows of nodes, seen from outside: real processes, REST, simulated servers.

mod agent_flows;
mod bmc_faults;
mod boot_failures;
mod boot_interfaces;
mod conductor_stop;
mod diskless;
mod fake_failures;
mod file_image;
mod installer;
mod out_of_band;
mod relatives;
mod rescue;
mod sensors;
mod transitions;
mod whole_life;
