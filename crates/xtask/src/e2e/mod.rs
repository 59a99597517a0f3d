//! End-to-end runs against clients and servers that nobody here wrote: builds Ferric, starts the services a run needs, and
//! leaves the rest to the scripts below `tests/e2e`.

mod previous;
mod script;

use std::path::PathBuf;

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
    /// Suites of the clients, with their counts beside those of the reference
    Clients {
        /// golden, cli, sdk, sdk-basic, tempest, tempest-vifs, tempest-basic, tempest-rbac, life-cycle; all if none is named
        suites: Vec<String>,
        /// Where tokens come from
        #[arg(long, value_enum, default_value_t = Keystone::Fake)]
        keystone: Keystone,
        #[command(flatten)]
        backends: Backends,
    },
    /// The real ironic-python-agent of PyPI on a machine of paper, through inspection, cleanings and deployments
    Agent,
    /// `ferric migrate-from-ironic` against a real Ironic
    Migrate,
    /// OVMF in QEMU boots from the boot service
    Boot {
        /// uki, iso, ipxe; all if none is named
        cases: Vec<String>,
    },
    /// Our reader of kickstart files against pykickstart, on files that are made up
    Kickstart {
        /// How many files
        #[arg(long, default_value_t = 600)]
        count: u32,
    },
    /// The Debian installer in QEMU, from the boot service to its first word
    Installer,
    /// An older version and this one run together: one process after the other is replaced while nodes are worked on
    Upgrade {
        /// The older version: a commit, which is built; the last release if nothing is said
        #[arg(long, conflicts_with = "old")]
        from: Option<String>,
        /// The older version: its program
        #[arg(long)]
        old: Option<PathBuf>,
        /// Which processes come first
        #[arg(long, value_enum, default_value_t = Order::Both)]
        order: Order,
    },
    /// Requests made up from the document that describes the API, by schemathesis
    Schemathesis {
        /// How long
        #[arg(long, default_value_t = 5)]
        minutes: u32,
        #[command(flatten)]
        backends: Backends,
    },
}

/// How Ferric runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    AllInOne,
    Split,
    Both,
}

/// Which processes of an installation are replaced first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    ApisFirst,
    ConductorsFirst,
    Both,
}

/// Where tokens come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keystone {
    /// The small one that comes with the suites
    Fake,
    /// One from PyPI
    Real,
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
        E2e::LifeCycle(backends) => clients(backends).argument("life-cycle"),
        E2e::Clients { suites, keystone, backends } => suites
            .iter()
            .fold(clients(backends), |script, name| script.argument(name))
            .option("--keystone", *keystone),
        E2e::Agent => Script::new("agent/run.py", false).alone().builds("ferric-bmc-sim"),
        E2e::Migrate => Script::new("migrate/run.py", false),
        E2e::Boot { cases } => {
            cases.iter().fold(Script::new("boot/run.py", false).alone(), |script, name| script.argument(name))
        }
        E2e::Kickstart { count } => {
            let script = Script::new("kickstart/run.py", false)
                .alone()
                .tests_example("ferric-installer", "read_kickstart");
            script.argument("--count").argument(&count.to_string())
        }
        E2e::Installer => Script::new("installer/run.py", false).alone(),
        E2e::Upgrade { from, old, order } => {
            let old = match (old, from.clone().or_else(|| previous::last_release(workspace))) {
                (Some(old), _) => old.clone(),
                (None, Some(commit)) => previous::build(workspace, &commit)?,
                (None, None) => {
                    println!(
                        "skipped: there was no release yet; --from COMMIT or --old PROGRAM names an older version"
                    );
                    return Ok(0);
                }
            };
            Script::new("upgrade/run.py", true)
                .alone()
                .builds("ferric-bmc-sim")
                .option("--order", *order)
                .argument("--old")
                .argument(&old.to_string_lossy())
        }
        E2e::Schemathesis { minutes, backends } => {
            Script::new("schemathesis/run.py", backends.backend != Backend::Sqlite)
                .alone()
                .option("--backend", backends.backend)
                .argument("--minutes")
                .argument(&minutes.to_string())
        }
    };
    script.run(workspace)
}

fn clients(backends: &Backends) -> Script {
    Script::new("clients/run.py", backends.backend != Backend::Sqlite).option("--backend", backends.backend)
}
