//! Many conductors that start at the same moment: nobody is refused for long, and the database notices next to nothing.
//!
//! `FERRIC_HERD` says how many conductors, and `FERRIC_HERD_PROGRAM` which build of the program serves them: the test takes 100 and
//! its own, the benchmark 1,000 and a release.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ferric_bus::BusConfig;
use ferric_conductor::{Conductor, ConductorConfig, ConductorStatus};
use ferric_db::testing::{Database, on_postgres};
use ferric_hardware::{Generic, Registry, fake};
use ferric_model::clock::SystemClock;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Connections that all API processes may hold together.
const BUDGET: usize = 20;

/// A running program, killed with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

struct Api {
    rest: String,
    grpc: String,
    _running: Running,
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn start_api(database: &Database) -> Api {
    let (rest, grpc) = (free_address(), free_address());
    let settings = [
        ("DATABASE__URL", database.config.url.clone()),
        ("DATABASE__CONNECTION_BUDGET", BUDGET.to_string()),
        ("API__LISTEN", rest.clone()),
        ("GRPC__LISTEN", grpc.clone()),
        ("CONTROL__SWEEP_INTERVAL_SECS", "1".to_owned()),
    ];
    let program =
        std::env::var_os("FERRIC_HERD_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_ferric").into());
    let mut command = Command::new(program);
    let settings = settings.map(|(key, value)| (format!("FERRIC__{key}"), value));
    command.arg("api").env_clear().envs(settings).stderr(Stdio::null());
    Api { rest, grpc, _running: Running(command.spawn().unwrap()) }
}

async fn conductors(apis: &[Api], count: usize) -> Vec<(ConductorStatus, tokio::task::JoinHandle<()>)> {
    let registry = Arc::new(Registry::default().with(fake::hardware_type(Generic::default())));
    let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
    let start = |number: usize| {
        let config = ConductorConfig {
            hostname: format!("conductor-{number}"),
            endpoints: apis.iter().map(|api| format!("http://{}", api.grpc)).collect(),
            start_jitter_ms: 1_000,
            ..ConductorConfig::default()
        };
        let conductor =
            Conductor::new(config, Arc::clone(&registry), Arc::clone(&bus), Arc::new(SystemClock)).unwrap();
        let status = conductor.status();
        (status, tokio::spawn(conductor.run(CancellationToken::new())))
    };
    (0..count).map(start).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_herd_of_conductors_harms_nobody() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let herd = std::env::var("FERRIC_HERD").map_or(100, |text| text.parse().unwrap());
    on_postgres(async |database| {
        // What the test itself holds.
        let before = database.connections().await;
        let apis = [start_api(&database), start_api(&database)];
        let http = reqwest::Client::new();
        for api in &apis {
            let ready = format!("http://{}/readyz", api.rest);
            while !http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::task::yield_now().await;
            }
        }
        let begun = Instant::now();
        let members = conductors(&apis, herd).await;
        let (mut most, mut asked, mut failed) = (0, 0, 0);
        while !members.iter().all(|(status, _)| status.is_joined()) {
            assert!(begun.elapsed() < Duration::from_secs(120), "{} have joined", joined(&members));
            most = most.max(database.connections().await.difference(&before).count());
            for api in &apis {
                let answer = http.get(format!("http://{}/v1/nodes", api.rest)).send().await.unwrap();
                asked += 1;
                failed += usize::from(answer.status().is_server_error());
            }
        }
        println!(
            "{herd} conductors have joined after {:.1} s; at most {most} connections of {BUDGET}; {asked} requests, {failed} \
             failed",
            begun.elapsed().as_secs_f64()
        );
        assert!(most <= BUDGET, "{most} connections");
        assert_eq!(failed, 0, "of {asked} requests");
        for (_, task) in members {
            task.abort();
        }
    })
    .await;
}

fn joined(members: &[(ConductorStatus, tokio::task::JoinHandle<()>)]) -> usize {
    members.iter().filter(|(status, _)| status.is_joined()).count()
}
