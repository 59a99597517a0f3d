//! Everything goes wrong, for as long as is asked for.

use anyhow::Result;

use crate::services::{Pace, Service};
use crate::workspace::Workspace;
use crate::{process, services};

/// Builds what is tested, starts the services, and returns the exit code of the run.
pub fn run(workspace: &Workspace, minutes: u64, seed: Option<u64>) -> Result<i32> {
    // Together, so that both are built with the same features.
    let built = ["build", "--workspace", "--bin", "ferric", "--test", "chaos"];
    process::run(process::cargo(workspace.root()).args(built))?;
    let mut command = process::cargo(workspace.root());
    command.args(["test", "--workspace", "--test", "chaos", "all_weathers", "--", "--nocapture"]);
    command.envs(services::up(workspace)?.variables);
    // The test restarts the services with it: nobody else uses them meanwhile.
    command.env("FERRIC_XTASK", std::env::current_exe()?);
    command.env("FERRIC_CHAOS_SECONDS", (minutes * 60).to_string());
    if let Some(seed) = seed {
        command.env("FERRIC_CHAOS_SEED", seed.to_string());
    }
    let code = process::exit_code(&mut command);
    // A run that ended in the middle of a fault leaves its disk slow.
    for service in [Service::Postgres, Service::Rabbitmq] {
        if let Err(error) = services::disk(workspace, service, Pace::Normal) {
            eprintln!("the disk of {service:?} may still be slow: {error:#}");
        }
    }
    code
}
