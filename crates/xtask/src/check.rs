//! All checks that need no running service, cheapest first.

use anyhow::{Result, ensure};

use crate::workspace::Workspace;
use crate::{arrows, expand, failure_codes, greps, layout, migrations, process, sizes, tools};

/// The checks that only read files: seconds. All of them run, so that one run shows everything.
pub fn read_only(workspace: &Workspace) -> Result<()> {
    let checks = [
        arrows::check,
        layout::check,
        sizes::check,
        greps::check,
        failure_codes::check,
        migrations::check,
        expand::check,
    ];
    let failed: Vec<String> =
        checks.iter().filter_map(|check| check(workspace).err()).map(|error| format!("{error:#}")).collect();
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

/// Everything, with the compiler's checks: minutes.
pub fn all(workspace: &Workspace) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(process::cargo(workspace.root()).args(arguments));
    cargo(&["fmt", "--all", "--check"])?;
    read_only(workspace)?;
    deny(workspace)?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let root = workspace.root();
    process::run(
        process::cargo(root).args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    cargo(&["test", "--workspace", "--doc", "--quiet"])
}

/// Licences, sources and banned crates. Advisories need a database from the internet: `cargo deny check` reads it.
pub fn deny(workspace: &Workspace) -> Result<()> {
    let program = match tools::DENY.ensure(workspace) {
        Ok(program) => program,
        Err(error) => {
            println!("deny: skipped, cargo-deny cannot be had: {error:#}");
            return Ok(());
        }
    };
    let mut command = process::from_shell(workspace.root(), program);
    command.args(["--all-features", "check", "bans", "licenses", "sources"]);
    process::run(&mut command)
}
