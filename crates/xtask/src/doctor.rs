//! What a computer lacks for working on this repository.

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, services, tools};

/// Prints one line per program; fails if one is missing that nothing installs by itself.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut complete = true;
    for (program, purpose) in
        [("git", "layout check"), ("cc", "bundled SQLite and ring"), ("python3", "tools below")]
    {
        let found = process::find_on_path(program);
        complete &= found.is_some();
        line(program, found, &format!("install it ({purpose})"));
    }
    let toolchain = process::output(process::cargo(workspace.root()).arg("--version"))?;
    println!("  ok       {}", toolchain.trim());
    for (package, present) in services::installed() {
        let what = if present { "  ok       " } else { "  missing  " };
        println!(
            "{what}{package}{}",
            if present { "" } else { ": `cargo xtask services up` installs it as root" }
        );
    }
    for tool in [
        tools::NEXTEST,
        tools::DENY,
        tools::HELM,
        tools::YAMLLINT,
        tools::KUBERNETES_VALIDATE,
        tools::HADOLINT,
        tools::CHECK_JSONSCHEMA,
    ] {
        line(tool.program, tool.find(workspace), "installed below target/tools when first needed");
    }
    anyhow::ensure!(complete, "something is missing that has to be installed by hand");
    Ok(())
}

fn line(program: &str, found: Option<PathBuf>, otherwise: &str) {
    match found {
        Some(path) => println!("  ok       {program} ({})", path.display()),
        None => println!("  missing  {program}: {otherwise}"),
    }
}
