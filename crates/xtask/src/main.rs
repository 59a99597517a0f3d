#![doc = include_str!("../README.md")]

mod arrows;
mod bench;
mod chaos;
mod check;
mod config_example;
mod deploy;
mod doctor;
mod e2e;
mod expand;
mod failure_codes;
mod greps;
mod helm;
mod layout;
mod migrations;
mod process;
mod report;
mod services;
mod sizes;
mod testing;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Checks, tests and generators of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Say what this computer lacks
    Doctor,
    /// Compare dependencies with the table of allowed arrows
    Arrows,
    /// Top-level names, and a README for each crate
    Layout,
    /// File sizes and module names
    Sizes,
    /// Invariants that show in the text of the code
    Greps,
    /// Codes of failures: each has a row in the table and is raised by somebody
    FailureCodes,
    /// Same migrations for both back ends
    Migrations,
    /// Migrations that take away or change what the previous version uses
    Expand,
    /// Licences, sources and banned crates
    Deny,
    /// The checks that only read files: arrows, layout, sizes, greps, failure-codes, migrations, expand
    Lint,
    /// Everything before a change is offered: fmt, lint, deny, clippy, doc
    Check,
    /// Lint, render and validate the Helm chart with the real tools
    Helm,
    /// Check image, compose, unit and workflow definitions with the tools that read them
    Deploy,
    /// Write deploy/ferric.example.toml
    ConfigExample {
        /// Only say whether it is up to date
        #[arg(long)]
        check: bool,
    },
    /// Private PostgreSQL and RabbitMQ for the tests
    #[command(subcommand)]
    Services(Services),
    /// Start the services and run all tests
    Test(testing::TestArgs),
    /// Deploy while everything goes wrong, and look at what is left
    Chaos {
        /// How long
        #[arg(long, default_value_t = 1)]
        minutes: u64,
        /// Repeat the choices of an earlier run
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Measure; with --peer beside the real Ironic, and write crates/ferric/BENCHMARKS.md
    Bench(bench::BenchArgs),
    /// Whole lives of nodes driven from outside, see tests/e2e
    #[command(subcommand)]
    E2e(e2e::E2e),
}

#[derive(Debug, Subcommand)]
enum Services {
    /// Start what is not running yet (installs Debian packages as root) and print the variables
    Up,
    /// Stop both and delete their data
    Down,
    /// Print the variables for `eval`
    Env,
    /// Make the disk under one of them slow, or quick again (root, control groups)
    Disk {
        /// Under which
        service: services::Service,
        /// How quick
        pace: services::Pace,
    },
    /// Let a quorum queue stand there without the process that serves it, as a crash of the broker may leave it
    StopQueue {
        /// Virtual host
        vhost: String,
        /// Name
        queue: String,
    },
    /// Let one of them crash and come back with what it had stored
    Restart {
        /// Which
        service: services::Service,
    },
}

fn main() -> ExitCode {
    let task = Cli::parse().command;
    match Workspace::find().and_then(|workspace| run(&workspace, &task)) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the exit code; checks that found something return an error that lists it.
fn run(workspace: &Workspace, task: &Task) -> Result<i32> {
    match task {
        Task::Doctor => doctor::run(workspace)?,
        Task::Arrows => arrows::check(workspace)?,
        Task::Layout => layout::check(workspace)?,
        Task::Sizes => sizes::check(workspace)?,
        Task::Greps => greps::check(workspace)?,
        Task::FailureCodes => failure_codes::check(workspace)?,
        Task::Migrations => migrations::check(workspace)?,
        Task::Expand => expand::check(workspace)?,
        Task::Deny => check::deny(workspace)?,
        Task::Lint => check::read_only(workspace)?,
        Task::Check => check::all(workspace)?,
        Task::Helm => helm::check(workspace)?,
        Task::Deploy => deploy::check(workspace)?,
        Task::ConfigExample { check } => config_example::run(workspace, *check)?,
        Task::Services(Services::Up) => print_variables(&services::up(workspace)?),
        Task::Services(Services::Down) => services::down(workspace)?,
        Task::Services(Services::Disk { service, pace }) => services::disk(workspace, *service, *pace)?,
        Task::Services(Services::Restart { service }) => services::restart(workspace, *service)?,
        Task::Services(Services::StopQueue { vhost, queue }) => {
            services::stop_queue(workspace, vhost, queue)?;
        }
        Task::Services(Services::Env) => print_variables(&services::endpoints(workspace)?),
        Task::Test(arguments) => return testing::run(workspace, arguments),
        Task::Chaos { minutes, seed } => return chaos::run(workspace, *minutes, *seed),
        Task::Bench(arguments) => return bench::run(workspace, arguments),
        Task::E2e(run) => return e2e::run(workspace, run),
    }
    Ok(0)
}

fn print_variables(endpoints: &services::Endpoints) {
    for (name, value) in &endpoints.variables {
        println!("export {name}='{value}'");
    }
}
