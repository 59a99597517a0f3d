//! Checks the files below `deploy/` and the workflow definitions with the tools that read them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, tools};

/// systemd's own measure of what a unit may do to its host: 0 is nothing, 10 everything.
const MAX_EXPOSURE: &str = "--threshold=15";

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut hadolint = Command::new(tools::HADOLINT.ensure(workspace)?);
    process::output(hadolint.arg(workspace.path("deploy/Containerfile")))?;
    println!("Containerfile: ok");

    let schema = tools::CHECK_JSONSCHEMA.ensure(workspace)?;
    for (kind, file) in [
        ("vendor.compose-spec", "deploy/compose.yaml"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
    ] {
        process::output(Command::new(&schema).args(["--builtin-schema", kind]).arg(workspace.path(file)))?;
        println!("{file}: ok");
    }
    units(workspace)
}

/// Verifies copies whose program exists, since an absent one is an error of the host and not of the unit.
fn units(workspace: &Workspace) -> Result<()> {
    if process::find_on_path("systemd-analyze").is_none() {
        println!("units: skipped, there is no systemd-analyze");
        return Ok(());
    }
    let copies = workspace.target_dir().join("deploy/units");
    fs::create_dir_all(&copies).with_context(|| format!("cannot create {}", copies.display()))?;
    let mut units = Vec::new();
    for entry in fs::read_dir(workspace.path("deploy/systemd")).context("cannot list deploy/systemd")? {
        let entry = entry?;
        let copy = copies.join(entry.file_name());
        fs::write(&copy, fs::read_to_string(entry.path())?.replace("/usr/bin/ferric", "/bin/true"))?;
        units.push(copy);
    }
    units.sort();
    let mut verify = Command::new("systemd-analyze");
    let out = verify
        .arg("verify")
        .args(&units)
        .env("SYSTEMD_UNIT_PATH", format!("{}:", copies.display()))
        .output()?;
    let said = String::from_utf8_lossy(&out.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("ferric")).collect();
    if !ours.is_empty() {
        bail!("systemd-analyze verify:\n  {}", ours.join("\n  "));
    }
    for unit in &units {
        process::output(
            Command::new("systemd-analyze").args(["security", "--offline=yes", MAX_EXPOSURE]).arg(unit),
        )?;
        println!("{}: ok", unit.file_name().map(Path::new).unwrap_or(unit).display());
    }
    Ok(())
}
