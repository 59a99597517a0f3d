//! A running installation: its processes, its database and its broker.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use ferric_bus::{Bus, BusConfig};
use ferric_model::secret::Secret;
use rand::RngExt;
use reqwest::Method;
use tempfile::TempDir;

use super::ports::free_address;
use super::process::Process;
use super::spec::{ClusterSpec, Kind};
use crate::leftovers::Database;
use crate::proxy::Proxy;
use crate::rest::Rest;
use crate::services::{PostgresDatabase, RabbitVhost};
use crate::wait::{DEADLINE, Look, wait_for};

/// The files that a ramdisk is made of: name, size in bytes, the setting that names it. Any content does for simulated
/// firmware.
const BOOT_FILES: [(&str, usize, &str); 3] = [
    ("kernel", 64 << 10, "BOOT__KERNEL"),
    ("ramdisk", 256 << 10, "BOOT__RAMDISK"),
    ("bootx64.efi", 64 << 10, "BOOT__BOOTLOADER"),
];

/// Boot loaders that firmware fetches by name; any content does.
const LOADERS: [&str; 4] = ["snponly.efi", "undionly.kpxe", "bootx64.efi", "lpxelinux.0"];

/// A running installation. When it is dropped everything is killed; when that happens because the test has failed, the
/// logs are printed and kept.
#[derive(Debug)]
pub struct Cluster {
    /// The REST API, all its processes in turn.
    pub rest: Rest,
    kind: Kind,
    processes: Vec<Process>,
    database_url: String,
    folder: Option<TempDir>,
    postgres: Option<PostgresDatabase>,
    rabbit: Option<RabbitVhost>,
    links: Option<Links>,
}

/// What lies between the processes and their database and broker.
#[derive(Debug)]
pub struct Links {
    /// To the database.
    pub database: Proxy,
    /// To the broker.
    pub broker: Proxy,
}

/// Settings in the order they were made, without `FERRIC__` in front.
type Environment = Vec<(String, String)>;

impl Cluster {
    /// Starts everything and waits until it serves; `None` where the services that it needs are not there.
    pub async fn start(spec: &ClusterSpec) -> anyhow::Result<Option<Self>> {
        let folder = tempfile::Builder::new().prefix("ferric-test-").tempdir()?;
        let (postgres, rabbit) = match spec.kind {
            Kind::AllInOne => (None, None),
            Kind::Split { .. } => match (PostgresDatabase::create().await, RabbitVhost::create().await) {
                (Some(postgres), Some(rabbit)) => (Some(postgres), Some(rabbit)),
                _ => return Ok(None),
            },
        };
        let database_url = match &postgres {
            Some(postgres) => postgres.url().to_owned(),
            None => format!("sqlite:{}", folder.path().join("ferric.db").display()),
        };
        let mut shared = boot_files(folder.path())?;
        let mut links = None;
        let (mut to_database, mut to_broker) =
            (database_url.clone(), rabbit.as_ref().map(|rabbit| rabbit.url().to_owned()));
        if let (true, Some(url)) = (spec.links, &to_broker) {
            let (database, at) = Proxy::before(&database_url).await?;
            let (broker, over) = Proxy::before(url).await?;
            (to_database, to_broker) = (at, Some(over));
            links = Some(Links { database, broker });
        }
        set(&mut shared, "DATABASE__URL", &to_database);
        if let (Some(rabbit), Some(url)) = (&rabbit, &to_broker) {
            set(&mut shared, "BUS__URL", url);
            set(&mut shared, "BUS__PREFIX", rabbit.prefix());
        }
        shared.extend(spec.settings().iter().cloned());
        let (processes, bases) = match spec.kind {
            Kind::AllInOne => all_in_one(&shared, folder.path())?,
            Kind::Split { apis, conductors } => split(&shared, apis, conductors, folder.path())?,
        };
        let mut cluster = Self {
            rest: Rest::new(&bases)?,
            kind: spec.kind,
            processes,
            database_url,
            folder: Some(folder),
            postgres,
            rabbit,
            links,
        };
        if let Err(error) = cluster.bring_up(shared).await {
            cluster.show_logs();
            return Err(error.context(format!("the installation ({}) did not come up", spec.kind)));
        }
        Ok(Some(cluster))
    }

    async fn bring_up(&mut self, shared: Environment) -> anyhow::Result<()> {
        let folder = self.folder().to_owned();
        let mut migration = Process::new("migrate".to_owned(), "migrate", shared, String::new(), &folder);
        if let Err(error) = migration.run_to_end().await {
            migration.print_log();
            return Err(error);
        }
        for process in &mut self.processes {
            process.start()?;
            process.wait_until_ready().await?;
        }
        self.wait_for_conductors(self.conductors().len()).await
    }

    /// How Ferric is run here.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The folder that database, boot files and logs lie in.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new(""), |folder| folder.path())
    }

    /// Names of the processes that conductors run in.
    pub fn conductors(&self) -> Vec<String> {
        let names = self.processes.iter().map(Process::name);
        names.filter(|name| name.starts_with("conductor")).map(str::to_owned).collect()
    }

    /// When each conductor was started last.
    pub fn conductor_lives(&self) -> BTreeMap<String, Instant> {
        let conductors = self.processes.iter().filter(|process| process.name().starts_with("conductor"));
        conductors.filter_map(|process| Some((process.name().to_owned(), process.started_at()?))).collect()
    }

    /// Names of the API processes.
    pub fn apis(&self) -> Vec<String> {
        let names = self.processes.iter().map(Process::name);
        names.filter(|name| name.starts_with("api")).map(str::to_owned).collect()
    }

    /// What all conductors tell whoever collects metrics, one after the other.
    pub async fn metrics(&self) -> anyhow::Result<String> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut told = String::new();
        for listen in self.processes.iter().filter_map(|process| process.setting("CONDUCTOR__HEALTH_LISTEN"))
        {
            let answer = http.get(format!("http://{listen}/metrics")).send().await?.error_for_status()?;
            told.push_str(&answer.text().await?);
        }
        Ok(told)
    }

    /// What can be cut, if the test asked for it.
    pub fn links(&self) -> Option<&Links> {
        self.links.as_ref()
    }

    /// The broker as the processes use it, but past the link that can be cut.
    pub async fn bus(&self) -> anyhow::Result<Arc<dyn Bus>> {
        let rabbit = self.rabbit.as_ref().context("this installation has no broker")?;
        let (url, prefix) = (Secret::new(rabbit.url().to_owned()), rabbit.prefix().to_owned());
        Ok(ferric_bus::connect(&BusConfig { url, prefix, ..BusConfig::default() }).await?)
    }

    /// Takes from the broker everything that it holds.
    pub fn empty_broker(&self) -> anyhow::Result<()> {
        let rabbit = self.rabbit.as_ref().context("this installation has no broker")?;
        rabbit.empty().context("the broker cannot be emptied")
    }

    /// A process by name.
    pub fn process(&mut self, name: &str) -> anyhow::Result<&mut Process> {
        let found = self.processes.iter_mut().find(|process| process.name() == name);
        found.with_context(|| format!("there is no process {name}"))
    }

    /// Starts a process again and waits until it serves.
    pub async fn start_again(&mut self, name: &str) -> anyhow::Result<()> {
        let process = self.process(name)?;
        process.start()?;
        process.wait_until_ready().await
    }

    /// Waits until every API process knows this many living conductors with drivers.
    pub async fn wait_for_conductors(&self, count: usize) -> anyhow::Result<()> {
        wait_for(format!("{count} conductors"), DEADLINE, async || {
            for base in self.rest.bases() {
                let answer = self.rest.send_to(base, Method::GET, "/v1/conductors", None).await?;
                let conductors = answer.body["conductors"].as_array().map_or(&[][..], Vec::as_slice);
                let alive = conductors.iter().filter(|conductor| conductor["alive"] == true).count();
                let drivers = self.rest.send_to(base, Method::GET, "/v1/drivers", None).await?;
                let known = drivers.body["drivers"].as_array().map_or(0, Vec::len);
                if alive < count || known == 0 {
                    return Ok(Look::NotYet(format!("{base} knows {} and {}", answer.body, drivers.body)));
                }
            }
            Ok(Look::There(()))
        })
        .await
    }

    /// A connection to the database, for looking at rows behind the product's back.
    pub async fn database(&self) -> anyhow::Result<Database> {
        match &self.postgres {
            Some(postgres) => Ok(Database::Postgres(postgres.connect().await)),
            None => Database::open_sqlite(&self.database_url).await,
        }
    }

    /// Asks every process to stop, and expects each to do so in good order: conductors first, as an operator would.
    pub(super) async fn stop(&mut self) -> anyhow::Result<()> {
        for process in self.processes.iter_mut().rev().filter(|process| process.is_up()) {
            process.terminate().await?;
            let status = process.wait_for_end(DEADLINE).await?;
            if !status.success() {
                bail!("{} ended with {status} after SIGTERM", process.name());
            }
        }
        Ok(())
    }

    /// Prints the logs and keeps the files.
    pub(super) fn show_logs(&mut self) {
        let Some(folder) = self.folder.take() else { return };
        for process in &self.processes {
            process.print_log();
        }
        eprintln!("everything of this installation is kept in {}", folder.keep().display());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.show_logs();
        }
        // The processes go with their handles, before database and broker do.
        self.processes.clear();
    }
}

/// One process that does everything.
fn all_in_one(shared: &Environment, folder: &Path) -> anyhow::Result<(Vec<Process>, Vec<String>)> {
    let (api, grpc, health) = (free_address()?, free_address()?, free_address()?);
    let mut environment = shared.clone();
    serve(&mut environment, api, grpc);
    set(&mut environment, "GRPC__ENDPOINTS", format!("http://{grpc}"));
    set(&mut environment, "CONDUCTOR__HOST", "conductor-1");
    set(&mut environment, "CONDUCTOR__HEALTH_LISTEN", health);
    let name = "conductor-1".to_owned();
    let process = Process::new(name, "all-in-one", environment, ready_url(api), folder);
    Ok((vec![process], vec![format!("http://{api}")]))
}

/// API processes and conductors that authenticate with a shared secret; a boot service of its own if the settings name its
/// address.
fn split(
    shared: &Environment,
    apis: usize,
    conductors: usize,
    folder: &Path,
) -> anyhow::Result<(Vec<Process>, Vec<String>)> {
    let mut shared = shared.clone();
    set(&mut shared, "GRPC__TOKEN", format!("{:032x}", rand::rng().random::<u128>()));
    let mut processes = Vec::new();
    let boots = shared.iter().find(|(key, _)| key == "BOOT__LISTEN").map(|(_, listen)| listen.clone());
    // TFTP has one port, and API processes are several.
    let (tftp, mut shared): (Environment, Environment) =
        shared.into_iter().partition(|(key, _)| key == "BOOT__TFTP_LISTEN");
    if let Some(listen) = &boots {
        set(&mut shared, "CONTROL__BOOT_URL", format!("http://{listen}/boot"));
    }
    let (mut bases, mut endpoints) = (Vec::new(), Vec::new());
    for number in 1..=apis {
        let (api, grpc) = (free_address()?, free_address()?);
        let mut environment = shared.clone();
        serve(&mut environment, api, grpc);
        bases.push(format!("http://{api}"));
        endpoints.push(format!("http://{grpc}"));
        processes.push(Process::new(format!("api-{number}"), "api", environment, ready_url(api), folder));
    }
    for number in 1..=conductors {
        let (name, health) = (format!("conductor-{number}"), free_address()?);
        // I-1: what a conductor is not told it cannot use.
        let mut environment: Environment =
            shared.iter().filter(|(key, _)| !key.starts_with("DATABASE__")).cloned().collect();
        set(&mut environment, "GRPC__ENDPOINTS", endpoints.join(","));
        set(&mut environment, "CONDUCTOR__HOST", &name);
        set(&mut environment, "CONDUCTOR__HEALTH_LISTEN", health);
        processes.push(Process::new(name, "conductor", environment, ready_url(health), folder));
    }
    if let Some(listen) = boots {
        let mut environment: Environment =
            shared.into_iter().filter(|(key, _)| !key.starts_with("DATABASE__")).chain(tftp).collect();
        set(&mut environment, "GRPC__ENDPOINTS", endpoints.join(","));
        let health = format!("http://{listen}/healthz");
        processes.push(Process::new("boot-1".to_owned(), "boot", environment, health, folder));
    }
    Ok((processes, bases))
}

fn serve(environment: &mut Environment, api: SocketAddr, grpc: SocketAddr) {
    set(environment, "API__LISTEN", api);
    set(environment, "GRPC__LISTEN", grpc);
}

fn ready_url(address: SocketAddr) -> String {
    format!("http://{address}/readyz")
}

/// Writes what a ramdisk is made of, and gives the settings that name it.
fn boot_files(folder: &Path) -> anyhow::Result<Environment> {
    let mut environment = Vec::new();
    for (name, size, key) in BOOT_FILES {
        let mut content = vec![0; size];
        rand::rng().fill(&mut content[..]);
        if key == "BOOT__BOOTLOADER" {
            make_efi_application(&mut content);
        }
        let path = folder.join(name);
        std::fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        set(&mut environment, key, format!("file://{}", path.display()));
    }
    let loaders = folder.join("loaders");
    std::fs::create_dir(&loaders)?;
    for name in LOADERS {
        std::fs::write(loaders.join(name), name.repeat(1000))?;
    }
    let stub = folder.join("stub.efi");
    std::fs::write(&stub, efi_stub())?;
    set(&mut environment, "BOOT__STUB", format!("file://{}", stub.display()));
    set(&mut environment, "BOOT__LOADER_DIR", loaders.display());
    set(&mut environment, "BOOT__FILE_ROOTS", folder.display());
    Ok(environment)
}

/// A small EFI program with one section and room for the headers of more, like a stub of unified kernel images.
fn efi_stub() -> Vec<u8> {
    let mut image = vec![0; 0x600];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &0x40u32.to_le_bytes());
    put(0x40, b"PE\0\0\x64\x86\x01\0");
    put(0x54, &240u16.to_le_bytes());
    let optional = 0x58;
    put(optional, &0x20bu16.to_le_bytes());
    for (offset, value) in [(32, 0x1000u32), (36, 0x200), (56, 0x2000), (60, 0x400), (108, 16)] {
        put(optional + offset, &value.to_le_bytes());
    }
    let section = optional + 240;
    put(section, b".text");
    for (offset, value) in [(8, 0x200u32), (12, 0x1000), (16, 0x200), (20, 0x400), (36, 0x6000_0020)] {
        put(section + offset, &value.to_le_bytes());
    }
    image
}

/// Just enough of a PE header to be taken for an EFI application of x86-64.
fn make_efi_application(content: &mut [u8]) {
    const HEADER_AT: u8 = 0x80;
    let header = usize::from(HEADER_AT);
    content[..2].copy_from_slice(b"MZ");
    content[0x3c..0x40].copy_from_slice(&[HEADER_AT, 0, 0, 0]);
    content[header..header + 6].copy_from_slice(b"PE\0\0\x64\x86");
}

fn set(environment: &mut Environment, key: &str, value: impl ToString) {
    environment.push((key.to_owned(), value.to_string()));
}
