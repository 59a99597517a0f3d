//! The test command: services, tools, then the runner, whose summary and exit code end it.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, services, tools};

/// What to run.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Only the tests beside the code, without services
    #[arg(long)]
    unit: bool,
    /// Passed on to the runner: filters, `-p PACKAGE`, `--no-fail-fast` …
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    runner: Vec<String>,
}

/// Returns the runner's exit code.
pub fn run(workspace: &Workspace, arguments: &TestArgs) -> Result<i32> {
    let mut command = runner(workspace);
    // One feature set for the whole workspace, so that no step builds anew what another has built.
    if !arguments.runner.iter().any(|word| word == "-p" || word.starts_with("--package")) {
        command.arg("--workspace");
    }
    if arguments.unit {
        command.args(["--lib", "--bins"]);
    } else {
        command.envs(services::up(workspace)?.variables);
    }
    process::exit_code(command.args(&arguments.runner))
}

/// nextest where it can be had, else cargo's own runner.
fn runner(workspace: &Workspace) -> Command {
    match tools::NEXTEST.ensure(workspace) {
        Ok(program) => {
            let mut command = process::from_shell(workspace.root(), program);
            command.args(["nextest", "run"]);
            command
        }
        Err(error) => {
            eprintln!("no nextest, using cargo test: {error:#}");
            let mut command = process::cargo(workspace.root());
            command.arg("test");
            command
        }
    }
}
