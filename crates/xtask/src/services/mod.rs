//! Private PostgreSQL and RabbitMQ for the tests.
//!
//! Each checkout has its own pair on 127.0.0.1, with data below `target/services`. They keep running between test
//! runs; a start always begins with empty data, since durability is switched off and nothing in them is worth keeping.

mod debian;
mod disk;
mod ports;
mod postgres;
mod rabbitmq;

use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use ports::Ports;

pub use disk::Pace;

/// How tests reach the services: environment variables and their values.
#[derive(Debug)]
pub struct Endpoints {
    pub variables: [(&'static str, String); 4],
}

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Service {
    Postgres,
    Rabbitmq,
}

/// One private instance of both services.
struct Instance {
    dir: PathBuf,
    fingerprint: u64,
    ports: Ports,
}

/// Starts what is not running yet, installing the Debian packages if they are absent and this user may.
pub fn up(workspace: &Workspace) -> Result<Endpoints> {
    let (instance, _lock) = Instance::open(workspace)?;
    debian::ensure_installed()?;
    // The broker takes longest, so the database is set up while it boots.
    let broker = rabbitmq::begin(&instance)?;
    postgres::up(&instance)?;
    broker.finish(&instance)?;
    instance.endpoints()
}

/// Lets one of them crash, and starts it again with what it had stored.
pub fn restart(workspace: &Workspace, service: Service) -> Result<()> {
    let (instance, _lock) = Instance::open(workspace)?;
    match service {
        Service::Postgres => postgres::restart(&instance),
        Service::Rabbitmq => rabbitmq::restart(&instance),
    }
}

/// Lets a quorum queue of the broker stand there without the process that serves it, as a crash may leave it.
pub fn stop_queue(workspace: &Workspace, vhost: &str, queue: &str) -> Result<()> {
    let (instance, _lock) = Instance::open(workspace)?;
    rabbitmq::stop_queue(&instance, vhost, queue)
}

/// Makes the disk under one of them slow, or quick again.
///
/// **Errors**: where that cannot be, why.
pub fn disk(workspace: &Workspace, service: Service, pace: Pace) -> Result<()> {
    let (instance, _lock) = Instance::open(workspace)?;
    disk::set(&instance, service, pace)
}

/// Stops both and deletes their data.
pub fn down(workspace: &Workspace) -> Result<()> {
    let (instance, _lock) = Instance::open(workspace)?;
    postgres::down(&instance)?;
    rabbitmq::down(&instance)?;
    for part in ["postgres", "rabbitmq"] {
        let dir = instance.dir.join(part);
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("cannot delete {}", dir.display()))?;
        }
    }
    Ok(())
}

/// Where they are, started or not.
pub fn endpoints(workspace: &Workspace) -> Result<Endpoints> {
    Instance::open(workspace)?.0.endpoints()
}

/// What `doctor` says about the programs.
pub fn installed() -> [(&'static str, bool); 2] {
    [("postgresql", postgres::programs().is_some()), ("rabbitmq-server", rabbitmq::programs().is_some())]
}

impl Instance {
    /// The lock keeps two commands in one checkout from starting or stopping the services at the same time.
    fn open(workspace: &Workspace) -> Result<(Self, File)> {
        let dir = workspace.target_dir().join("services");
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let lock = File::create(dir.join("lock")).context("cannot create the lock file of the services")?;
        lock.lock().context("cannot lock the services of this checkout")?;
        let fingerprint = workspace.fingerprint();
        let ports = Ports::load_or_choose(&dir, fingerprint)?;
        Ok((Self { dir, fingerprint, ports }, lock))
    }

    fn endpoints(&self) -> Result<Endpoints> {
        let Ports { postgres, amqp, rabbitmq_api, .. } = self.ports;
        let xtask = std::env::current_exe().context("this program has no path")?;
        Ok(Endpoints {
            variables: [
                ("FERRIC_TEST_POSTGRES_URL", format!("postgres://postgres@127.0.0.1:{postgres}/postgres")),
                ("FERRIC_TEST_AMQP_URL", format!("amqp://guest:guest@127.0.0.1:{amqp}/%2f")),
                ("FERRIC_TEST_RABBITMQ_API_URL", format!("http://guest:guest@127.0.0.1:{rabbitmq_api}")),
                ("FERRIC_TEST_XTASK", xtask.to_string_lossy().into_owned()),
            ],
        })
    }
}
