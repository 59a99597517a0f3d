//! The program of an earlier version, built from its commit.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// Builds Ferric as it was at `commit`, unless that was done before, and says where it is.
pub fn build(workspace: &Workspace, commit: &str) -> Result<PathBuf> {
    let git =
        |arguments: &[&str]| process::output(process::from_shell(workspace.root(), "git").args(arguments));
    let name = format!("{commit}^{{commit}}");
    let id =
        git(&["rev-parse", "--verify", &name]).with_context(|| format!("there is no commit {commit}"))?;
    let id = id.trim();
    let dir = workspace.target_dir().join("previous").join(id);
    let program = dir.join("ferric");
    if program.is_file() {
        return Ok(program);
    }
    let source = dir.join("source");
    fs::create_dir_all(&source).with_context(|| format!("cannot create {}", source.display()))?;
    let archive = dir.join("source.tar");
    git(&["archive", "--output", &archive.to_string_lossy(), id])?;
    process::output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&source))?;
    // In the target directory of this checkout, so that what both versions depend on is built once. What this leaves
    // there under Ferric's own name is replaced by the next build of this checkout.
    let mut cargo = process::cargo(&source);
    cargo.args(["build", "--package", "ferric", "--target-dir"]).arg(workspace.target_dir());
    process::run(&mut cargo)?;
    fs::copy(workspace.target_dir().join("debug/ferric"), &program).context("nothing was built")?;
    fs::remove_file(&archive)?;
    fs::remove_dir_all(&source)?;
    Ok(program)
}

/// The last release that this version comes from, if there was one.
pub fn last_release(workspace: &Workspace) -> Option<String> {
    let mut git = process::from_shell(workspace.root(), "git");
    let name = process::output(git.args(["describe", "--tags", "--abbrev=0"])).ok()?;
    Some(name.trim().to_owned())
}
