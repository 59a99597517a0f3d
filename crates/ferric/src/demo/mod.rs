//! `ferric demo`: five simulated servers go through their whole life, driven only through the REST API.

mod client;
mod fleet;
mod images;
mod journey;
mod screen;

use crate::cli::DemoArgs;
use crate::config::{self, Config};
use crate::role;
use crate::telemetry;
use anyhow::{Context, ensure};
use client::Client;
use ferric_bmc_sim::{Fault, FaultKind, Simulator, SimulatorConfig};
use fleet::{FAULTY, Fleet, SERVERS};
use images::Images;
use journey::Outcome;
use screen::Screen;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long the whole journey may take.
const DEADLINE: Duration = Duration::from_secs(300);

/// Runs the demo; fails if anything but the planned failure failed.
pub async fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("a temporary folder is needed")?;
    let config = configuration(args, folder.path())?;
    telemetry::start(&config.log)?;
    println!(
        "Ferric demo: {SERVERS} simulated servers with Redfish BMCs, SQLite in a temporary folder, one planned fault."
    );

    let images = Images::serve(folder.path()).await?;
    let simulator = Simulator::start(SimulatorConfig {
        servers: SERVERS,
        power_delay_ms: 200..=800,
        boot_delay: Duration::from_millis(800),
        step_delay: Duration::from_millis(400),
        heartbeat_interval: Duration::from_secs(1),
        ..SimulatorConfig::default()
    })?;
    plan_fault(&simulator);

    let stop = CancellationToken::new();
    let service = tokio::spawn(role::all_in_one::run(config.clone(), stop.clone()));
    let client = Client::new(&config.api.public_url)?;
    client.wait_until_ready().await?;
    println!("The API answers at {}; the BMCs at {}.\n", config.api.public_url, simulator.base_url());

    let fleet = Fleet::new(&simulator, &images);
    let mut screen = Screen::new();
    let journey = journey::run(&client, &fleet, &mut screen);
    let outcome = tokio::time::timeout(DEADLINE, journey).await.context("the demo took too long")??;
    screen::final_table(&client).await?;
    explain(&client, &outcome).await?;
    if args.keep {
        say_how_to_look_around(&config);
        role::stop_on_signal()?.cancelled().await;
    }
    stop.cancel();
    service.await.context("the service ended badly")??;
    simulator.stop().await;
    verdict(&outcome)
}

/// Everything on free ports of this machine, quick enough to watch.
fn configuration(args: &DemoArgs, folder: &Path) -> anyhow::Result<Config> {
    let mut config = config::load(None)?;
    config.api.listen =
        SocketAddr::from((Ipv4Addr::LOCALHOST, if args.port == 0 { free_port()? } else { args.port }));
    config.api.public_url = format!("http://{}", config.api.listen);
    config.control.public_url.clone_from(&config.api.public_url);
    config.grpc.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
    config.grpc.endpoints = vec![format!("http://{}", config.grpc.listen)];
    config.conductor.health_listen = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
    config.conductor.host = "demo-conductor".to_owned();
    config.conductor.start_jitter_ms = 0;
    config.database.url = format!("sqlite:{}", folder.join("ferric.db").display());
    config.bus.url = ferric_bus::BusConfig::default().url;
    config.boot.kernel = Some(format!("file://{}", folder.join("kernel").display()));
    config.boot.ramdisk = Some(format!("file://{}", folder.join("ramdisk").display()));
    config.boot.file_roots = vec![folder.to_owned()];
    config.agent.power_off_pause_ms = 500;
    config.log.filter = if args.verbose { "info".to_owned() } else { "error".to_owned() };
    Ok(config)
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// One server's disk breaks while the image is written.
fn plan_fault(simulator: &Simulator) {
    let message =
        "Error writing image to device: writing to /dev/sda failed at LBA 1847296: Input/output error";
    let fault =
        Fault::new(FaultKind::AgentStepFails { message: message.to_owned() }).on("write_image").forever();
    simulator.fault(FAULTY, fault);
}

async fn explain(client: &Client, outcome: &Outcome) -> anyhow::Result<()> {
    for name in &outcome.failed {
        println!("\nWhy {name} failed, as its history tells (baremetal node history list {name}):");
        for entry in client.history(name).await? {
            println!("  {}  {:5}  {}", entry.at, entry.severity, entry.event);
        }
    }
    Ok(())
}

fn say_how_to_look_around(config: &Config) {
    let url = &config.api.public_url;
    let grpc = config.grpc.listen;
    println!("\nEverything stays up until Ctrl-C. Look around:");
    println!("  pip install python-ironicclient");
    println!("  baremetal --os-auth-type none --os-endpoint {url} node list");
    println!("  curl -s -H 'X-OpenStack-Ironic-API-Version: 1.115' {url}/v1/nodes");
    println!(
        "  buf curl --protocol grpc --http2-prior-knowledge -d '{{\"node\": \"{}\"}}' \\",
        fleet::name(FAULTY)
    );
    println!("    http://{grpc}/ferric.v1.NodeHistoryService/ListNodeHistory");
}

fn verdict(outcome: &Outcome) -> anyhow::Result<()> {
    let planned = [fleet::name(FAULTY)];
    ensure!(
        outcome.failed == planned,
        "only {} was to fail, but these did: {}",
        planned.join(", "),
        outcome.failed.join(", ")
    );
    println!("\n{} servers are active; {} failed as planned.", outcome.active.len(), planned.join(", "));
    Ok(())
}
