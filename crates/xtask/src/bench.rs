//! Ferric beside the real Ironic.

use std::path::PathBuf;

use anyhow::{Context, Result};
use cargo_metadata::{Artifact, Message};

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

/// Options that choose the targets of [`PRODUCTS`].
const TARGETS: [&str; 10] = [
    "--package",
    "ferric",
    "--bin",
    "ferric",
    "--test",
    "herd",
    "--package",
    "ferric-tests",
    "--example",
    "floor",
];

/// What is measured, and what it is measured with: options of the benchmark that are given the path of the target of that name.
const PRODUCTS: [&str; 3] = ["ferric", "floor", "herd"];

/// Builds a release and measures it; returns the exit code of the run.
pub fn run(workspace: &Workspace, arguments: &BenchArgs) -> Result<i32> {
    if !arguments.peer {
        return process::exit_code(process::cargo(workspace.root()).args(["bench", "--workspace"]));
    }
    if !workspace.path(PEER).is_dir() {
        println!("skipped: {PEER} is not there");
        return Ok(0);
    }
    let built = build(workspace)?;
    let mut command = process::from_shell(workspace.root(), "python3");
    command.arg(workspace.path("tests/e2e/bench/run.py"));
    for name in PRODUCTS {
        command.arg(format!("--{name}")).arg(executable(&built, name)?);
    }
    command.args(["--rounds", &arguments.rounds.to_string(), "--duration", &arguments.duration.to_string()]);
    command.args(["--nodes", &arguments.nodes]);
    command.arg("--write").arg(workspace.path("crates/ferric/BENCHMARKS.md"));
    process::exit_code(&mut command)
}

/// What cargo made. All at once: apart, they would be built with different features of their dependencies, each from the start.
fn build(workspace: &Workspace) -> Result<Vec<Artifact>> {
    let build = || {
        let mut cargo = process::cargo(workspace.root());
        cargo.args(["build", "--release"]).args(TARGETS);
        cargo
    };
    process::run(&mut build())?;
    // Everything is there: this only asks where.
    let said = process::output(build().args(["--message-format", "json"]))?;
    let artifact = |message| match message {
        Ok(Message::CompilerArtifact(artifact)) => Some(Ok(artifact)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    };
    let built: Result<_, _> = Message::parse_stream(said.as_bytes()).filter_map(artifact).collect();
    Ok(built?)
}

fn executable(built: &[Artifact], name: &str) -> Result<PathBuf> {
    let found = built.iter().filter(|artifact| artifact.target.name == name);
    let path = found.filter_map(|artifact| artifact.executable.clone()).next_back();
    Ok(path.with_context(|| format!("cargo built no program {name}"))?.into())
}
