//! Runs simulated servers until it is told to stop.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ferric_bmc_sim::{SimError, Simulator, SimulatorConfig};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Simulated servers with Redfish BMCs and agents.
#[derive(Debug, Parser)]
#[command(name = "ferric-bmc-sim", version)]
struct Arguments {
    /// How many servers to simulate.
    #[arg(long, default_value_t = 5)]
    servers: usize,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// The URL others reach the simulator at, when it is not the bound address.
    #[arg(long)]
    public_url: Option<String>,
    /// Milliseconds one leg of a power change takes, as `FROM..TO`.
    #[arg(long, default_value = "50..300", value_parser = parse_range)]
    power_delay_ms: RangeInclusive<u64>,
    /// Milliseconds from power on to the ramdisk or the instance.
    #[arg(long, default_value_t = 200)]
    boot_delay_ms: u64,
    /// Milliseconds between two heartbeats of an agent.
    #[arg(long, default_value_t = 2000)]
    heartbeat_interval_ms: u64,
    /// Milliseconds an in-band step without real work takes.
    #[arg(long, default_value_t = 100)]
    step_delay_ms: u64,
    /// Seconds that a login lives which nobody uses.
    #[arg(long, default_value_t = 1800)]
    session_timeout_secs: u64,
    /// A program that ramdisks run instead of the simulated agent.
    #[arg(long)]
    agent_program: Option<PathBuf>,
    /// The BMC user.
    #[arg(long, default_value = "admin")]
    username: String,
    /// The BMC user's password.
    #[arg(long, env = "FERRIC_BMC_SIM_PASSWORD", default_value = "password", hide_env_values = true)]
    password: String,
    /// Seed of all random choices.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl From<Arguments> for SimulatorConfig {
    fn from(arguments: Arguments) -> Self {
        Self {
            servers: arguments.servers,
            listen: arguments.listen,
            public_url: arguments.public_url,
            power_delay_ms: arguments.power_delay_ms,
            boot_delay: Duration::from_millis(arguments.boot_delay_ms),
            heartbeat_interval: Duration::from_millis(arguments.heartbeat_interval_ms),
            step_delay: Duration::from_millis(arguments.step_delay_ms),
            session_timeout: Duration::from_secs(arguments.session_timeout_secs),
            agent_program: arguments.agent_program,
            username: arguments.username,
            password: arguments.password,
            seed: arguments.seed,
            ..Self::default()
        }
    }
}

fn parse_range(text: &str) -> Result<RangeInclusive<u64>, String> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let number =
        |text: &str| text.trim_start_matches('=').parse().map_err(|_| format!("{text:?} is not a number"));
    Ok(number(from)?..=number(to)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            tracing::error!("{error}{cause}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), SimError> {
    let failed = |error: io::Error| SimError::Start { what: error.to_string() };
    // Before anything is printed: whoever reads the URLs may stop the program at once.
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let simulator = Simulator::start(arguments.into())?;
    describe(&simulator).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    simulator.stop().await;
    Ok(())
}

fn describe(simulator: &Simulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "redfish {}/redfish/v1/", simulator.base_url())?;
    writeln!(out, "control {}/sim/servers", simulator.base_url())?;
    for index in 0..simulator.servers() {
        let macs = simulator.mac_addresses(index).join(",");
        writeln!(out, "server {index} {} {macs}", simulator.system_path(index))?;
    }
    out.flush()
}
