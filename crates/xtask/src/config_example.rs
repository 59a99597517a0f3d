//! The example configuration is what the binary prints of its own defaults.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::workspace::Workspace;

const FILE: &str = "deploy/ferric.example.toml";

/// Writes the file; with `check`, only says whether it is up to date.
pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let mut command = process::cargo(workspace.root());
    let printed =
        process::output(command.args(["run", "--quiet", "--package", "ferric", "--", "config", "example"]))?;
    let path = workspace.path(FILE);
    if check {
        let stored = fs::read_to_string(&path).unwrap_or_default();
        ensure!(stored == printed, "{FILE} is out of date: run `cargo xtask config-example`");
        println!("{FILE}: ok");
        return Ok(());
    }
    fs::write(&path, printed).with_context(|| format!("cannot write {}", path.display()))
}
