//! Giving up everything that a console does not need, for good.

use rustix::process::{Resource, Rlimit, geteuid, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

const MIB: u64 = 1 << 20;

/// What the launcher and its programs may have of each: no dumps of memory that hold passwords, no files of any size, few open
/// files, little memory.
const LIMITS: [(Resource, u64); 4] =
    [(Resource::Core, 0), (Resource::Fsize, 0), (Resource::Nofile, 64), (Resource::Data, 64 * MIB)];

/// Gives up privileges, and the ways to get some.
///
/// **Errors**: as root nothing can be given up for good.
pub(super) fn confine() -> Result<(), String> {
    if geteuid().is_root() {
        return Err("the launcher does not run as root".to_owned());
    }
    let failed = |what: &str| format!("{what} could not be given up");
    set_no_new_privs(true).map_err(|_| failed("the way to new privileges"))?;
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).map_err(|_| failed("capabilities"))?;
    for (resource, most) in LIMITS {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|_| failed("resources"))?;
    }
    Ok(())
}
