//! The command line.

use crate::answers::AnswersArgs;
use crate::from_ironic::FromIronicArgs;
#[cfg(feature = "demo")]
use clap::Args;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Bare-metal provisioning that speaks Ironic's API.
#[derive(Debug, Parser)]
#[command(name = "ferric", version, about)]
pub struct Cli {
    /// Configuration file (TOML); the environment goes before it.
    #[arg(long, global = true, env = "FERRIC_CONFIG")]
    pub config: Option<PathBuf>,
    /// What to run.
    #[command(subcommand)]
    pub role: Role,
}

/// What to run.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// Everything in one process, with SQLite and an in-process bus unless configured otherwise.
    AllInOne,
    /// REST and gRPC: the only processes that reach the database.
    Api,
    /// A worker that drives hardware.
    Conductor,
    /// Serves what nodes boot, and nothing else; needs only the API's gRPC address.
    Boot,
    /// Brings the database to this version's schema.
    Migrate,
    /// Says what to change before an Ironic moves here, and moves its nodes, ports and other resources.
    MigrateFromIronic(Box<FromIronicArgs>),
    /// Shows the whole life of five simulated servers.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Prints the document that describes the REST API (OpenAPI 3.1); API processes serve it at /openapi.json.
    Openapi,
    /// Says what is wrong with answer files of installers (kickstart, preseed).
    CheckAnswers(AnswersArgs),
    /// Questions about the configuration.
    Config {
        /// What to show.
        #[command(subcommand)]
        question: ConfigQuestion,
    },
}

/// Options of the demo.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Stay up afterwards and say how to look around.
    #[arg(long)]
    pub keep: bool,
    /// Port of the REST API; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Show the log of the service among the progress.
    #[arg(long)]
    pub verbose: bool,
}

/// Questions about the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigQuestion {
    /// Every key with its default and what it means.
    Example,
}
