//! End-to-end runs against clients and servers that nobody here wrote: builds Ferric, starts the services a run needs, and
//! leaves the rest to the scripts below `tests/e2e`.

mod script;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};

use crate::workspace::Workspace;
use script::Script;

/// Which run.
#[derive(Debug, Subcommand)]
pub enum E2e {
    /// A redfish node on an emulated BMC, driven by the stock `baremetal` command
    Sushy {
        /// How Ferric runs
        #[arg(long, value_enum, default_value_t = Mode::Both)]
        mode: Mode,
    },
    /// The reference's own walk through a node's life
    LifeCycle(Backends),
    /// Recorded answers of the reference, compared line by line
    Golden(Backends),
    /// Functional tests of openstacksdk
    Sdk(Backends),
    /// A suite of `baremetal` commands
    Cli(Backends),
}

/// How Ferric runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    AllInOne,
    Split,
    Both,
}

/// What Ferric keeps its data in.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Backends {
    #[arg(long, value_enum, default_value_t = Backend::Sqlite)]
    backend: Backend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Backend {
    /// SQLite and the in-process bus
    Sqlite,
    /// PostgreSQL and RabbitMQ
    Postgres,
    Both,
}

/// Returns the exit code of the run; a run that lacks something outside the repository says so and ends with 0.
pub fn run(workspace: &Workspace, run: &E2e) -> Result<i32> {
    let script = match run {
        E2e::Sushy { mode } => Script::new("sushy/run.py", *mode != Mode::AllInOne).option("--mode", *mode),
        E2e::LifeCycle(backends) => suite("life-cycle", backends.backend),
        E2e::Golden(backends) => suite("golden", backends.backend),
        E2e::Sdk(backends) => suite("sdk", backends.backend),
        E2e::Cli(backends) => suite("cli", backends.backend),
    };
    script.run(workspace)
}

fn suite(name: &'static str, backend: Backend) -> Script {
    Script::new("suites/run.py", backend != Backend::Sqlite).argument(name).option("--backend", backend)
}
