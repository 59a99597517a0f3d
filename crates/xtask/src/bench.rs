//! Ferric beside the real Ironic.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// What is measured.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// Measure the peer in the same run
    #[arg(long)]
    peer: bool,
    /// How often each of both is measured
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 5)]
    duration: u32,
    /// Sizes of the fleet
    #[arg(long, default_value = "1000,10000")]
    nodes: String,
}

/// Material that the peer is made of.
const PEER: &str = "../shared/peer";

/// What is measured, and what it is measured against.
const PRODUCTS: [&str; 8] =
    ["--package", "ferric", "--bin", "ferric", "--package", "ferric-tests", "--example", "floor"];

/// Builds a release and measures it; returns the exit code of the run.
pub fn run(workspace: &Workspace, arguments: &BenchArgs) -> Result<i32> {
    if !arguments.peer {
        return process::exit_code(process::cargo(workspace.root()).args(["bench", "--workspace"]));
    }
    if !workspace.path(PEER).is_dir() {
        println!("skipped: {PEER} is not there");
        return Ok(0);
    }
    // Both at once: apart, they would be built with different features of their dependencies, each from the start.
    process::run(process::cargo(workspace.root()).args(["build", "--release"]).args(PRODUCTS))?;
    let release = workspace.target_dir().join("release");
    let mut command = process::from_shell(workspace.root(), "python3");
    command.arg(workspace.path("tests/e2e/bench/run.py"));
    command.arg("--ferric").arg(release.join("ferric")).arg("--floor").arg(release.join("examples/floor"));
    command.arg("--herd");
    command.args(["--rounds", &arguments.rounds.to_string(), "--duration", &arguments.duration.to_string()]);
    command.args(["--nodes", &arguments.nodes]);
    command.arg("--write").arg(workspace.path("crates/ferric/BENCHMARKS.md"));
    process::exit_code(&mut command)
}
