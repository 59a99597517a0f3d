//! Installing the services' packages on Debian and its relatives.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Asked by every package before it starts its own daemon; 101 says "not allowed".
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Keeps packages from starting their daemons while it lives.
struct NoDaemons {
    created: bool,
}

/// Installs what is missing, or says what to install if this user may not.
pub fn ensure_installed() -> Result<()> {
    let missing: Vec<&str> =
        super::installed().iter().filter(|(_, present)| !present).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if process::find_on_path("apt-get").is_none() || !process::is_root() {
        bail!("install these first (or run as root on Debian): {}", missing.join(", "));
    }
    eprintln!("installing {}", missing.join(", "));
    let _policy = NoDaemons::new()?;
    if install(&missing).is_err() {
        // Package lists may be absent (fresh image) or too old to name existing files.
        process::output(apt_get().arg("update"))?;
        install(&missing)?;
    }
    Ok(())
}

fn install(packages: &[&str]) -> Result<()> {
    process::output(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages)).map(drop)
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

impl NoDaemons {
    fn new() -> Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { created: false });
        }
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").with_context(|| format!("cannot write {POLICY}"))?;
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {POLICY} executable"))?;
        Ok(Self { created: true })
    }
}

impl Drop for NoDaemons {
    fn drop(&mut self) {
        if self.created
            && let Err(error) = fs::remove_file(POLICY)
        {
            eprintln!("cannot delete {POLICY}: {error}");
        }
    }
}
