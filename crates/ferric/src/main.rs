#![doc = include_str!("../README.md")]

mod answers;
mod boot_source;
mod cli;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod from_ironic;
mod privilege;
mod registry;
mod role;
mod telemetry;

use clap::Parser;
use cli::{Cli, ConfigQuestion, Role};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the launcher of consoles has one thread and reads no configuration.
    if std::env::args_os().nth(1).is_some_and(|word| word == registry::CONSOLE_LAUNCHER) {
        return ferric_console::launcher::run();
    }
    let cli = Cli::parse();
    install_tls();
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ferric: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    run(cli).await
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match &cli.role {
        Role::Config { question: ConfigQuestion::Example } => {
            print!("{}", config::DEFAULTS);
            return Ok(ExitCode::SUCCESS);
        }
        Role::CheckAnswers(args) => {
            answers::run(args)?;
            return Ok(ExitCode::SUCCESS);
        }
        Role::Openapi => {
            println!("{:#}", ferric_api::rest::openapi_document());
            return Ok(ExitCode::SUCCESS);
        }
        #[cfg(feature = "demo")]
        Role::Demo(args) => {
            demo::run(args).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Role::MigrateFromIronic(args) => return from_ironic::run(args).await,
        _ => {}
    }
    let config = config::load(cli.config.as_deref())?;
    telemetry::start(&config.log)?;
    privilege::check(config.process.privileges)?;
    match cli.role {
        Role::AllInOne => role::all_in_one::run(config, role::stop_on_signal()?).await,
        Role::Api => role::api::run(config, role::stop_on_signal()?).await,
        Role::Conductor => role::conductor::run(config, role::stop_on_signal()?).await,
        Role::Boot => role::boot::run(config, role::stop_on_signal()?).await,
        Role::Migrate => role::migrate::run(&config).await,
        #[cfg(feature = "demo")]
        Role::Demo(_) => Ok(()),
        Role::MigrateFromIronic(_) | Role::Config { .. } | Role::Openapi | Role::CheckAnswers(_) => Ok(()),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Makes ring the one provider of TLS in this process.
fn install_tls() {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("ferric: TLS was set up before");
    }
}
