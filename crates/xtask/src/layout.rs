//! What the top level may hold, and that every crate explains itself.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::report::Findings;
use crate::workspace::Workspace;

/// Everything else belongs beside the code it is about. Names with a leading dot are tool settings.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "crates",
    "deploy",
    "helm",
    "migrations",
    "proto",
    "rust-toolchain.toml",
    "tests",
];

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Findings::default();
    let listed = process::output(Command::new("git").arg("ls-files").current_dir(workspace.root()))?;
    let top: BTreeSet<&str> = listed.lines().filter_map(|path| path.split('/').next()).collect();
    for name in top.iter().filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(name)) {
        findings.add(format!("{name} does not belong to the top level"));
    }
    let crates: BTreeSet<&str> =
        listed.lines().filter_map(|path| path.strip_prefix("crates/")?.split('/').next()).collect();
    for name in crates {
        if !workspace.path(&format!("crates/{name}/README.md")).is_file() {
            findings.add(format!("crates/{name} has no README.md"));
        }
    }
    findings.conclude("layout")
}
