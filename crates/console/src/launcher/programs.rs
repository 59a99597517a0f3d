//! The programs that may be run: these paths and no others.

use std::path::{Path, PathBuf};

/// Where each program stands.
pub(super) struct Programs {
    /// Connects the port with a terminal.
    pub socat: PathBuf,
    /// Speaks with the BMC.
    pub ipmitool: PathBuf,
    /// Sets the signal by which `socat` ends with the launcher.
    pub setpriv: PathBuf,
}

/// Finds them.
///
/// **Errors**: the first that is not installed.
pub(super) fn find() -> Result<Programs, String> {
    let one = |name: &str| {
        let places = ["/usr/bin", "/usr/sbin", "/bin"].map(|folder| Path::new(folder).join(name));
        places.into_iter().find(|path| path.is_file()).ok_or_else(|| format!("{name} is not installed"))
    };
    Ok(Programs { socat: one("socat")?, ipmitool: one("ipmitool")?, setpriv: one("setpriv")? })
}
