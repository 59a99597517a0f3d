//! The private PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Instance;
use crate::process;

/// Tests create and drop a database each: nothing here has to survive a crash of the computer. It does survive one of the
/// server, for what was committed has left its memory.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", "'127.0.0.1'"),
    ("max_connections", "300"),
    ("shared_buffers", "128MB"),
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("log_min_messages", "warning"),
];

/// Who runs the server, and where its files are. PostgreSQL refuses to run as root.
struct Server {
    bin: PathBuf,
    dir: PathBuf,
    as_postgres: bool,
}

/// Directory of `initdb` and `pg_ctl`, newest version first.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut dirs: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    dirs.sort();
    dirs.pop().map(|(_, bin)| bin).or_else(|| Some(process::find_on_path("initdb")?.parent()?.to_path_buf()))
}

pub fn up(instance: &Instance) -> Result<()> {
    let server = Server::locate(instance)?;
    if server.is_running() {
        return Ok(());
    }
    server.initialize(instance.ports.postgres)?;
    server.start()
}

/// Nothing is written down at the end, and no client is waited for: as if it had crashed.
pub fn restart(instance: &Instance) -> Result<()> {
    let server = Server::locate(instance)?;
    process::output(server.pg_ctl(["-w", "-m", "immediate"]).arg("stop"))?;
    server.start()
}

/// Where its files are.
pub fn dir(instance: &Instance) -> Result<PathBuf> {
    Ok(Server::locate(instance)?.dir)
}

/// The process that has started all others.
pub fn main_process(instance: &Instance) -> Result<u32> {
    let file = Server::locate(instance)?.data().join("postmaster.pid");
    let text = fs::read_to_string(&file).context("postgresql does not run")?;
    text.lines().next().unwrap_or_default().trim().parse().context("postgresql has no process id")
}

/// Lets commits wait until they are on the disk, or not.
pub fn wait_for_disk(instance: &Instance, wait: bool) -> Result<()> {
    let server = Server::locate(instance)?;
    server.configure(instance.ports.postgres, &[("fsync", if wait { "on" } else { "off" })])?;
    process::output(&mut server.pg_ctl(["reload"])).map(drop)
}

pub fn down(instance: &Instance) -> Result<()> {
    if programs().is_none() {
        return Ok(());
    }
    let server = Server::locate(instance)?;
    if server.is_running() {
        process::output(server.pg_ctl(["-w", "-m", "immediate"]).arg("stop"))?;
    }
    remove(&server.dir)
}

impl Server {
    fn locate(instance: &Instance) -> Result<Self> {
        let bin = programs().context("postgresql is not installed")?;
        let as_postgres = process::is_root();
        let mut dir = instance.dir.join("postgres");
        // A checkout below a private home cannot be entered by the user that has to run the server.
        if as_postgres
            && !process::succeeds(
                Command::new("runuser").args(["-u", "postgres", "--", "test", "-x"]).arg(&instance.dir),
            )
        {
            dir = PathBuf::from(format!("/var/tmp/ferric-services-{:016x}/postgres", instance.fingerprint));
        }
        Ok(Self { bin, dir, as_postgres })
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn is_running(&self) -> bool {
        self.data().exists() && process::succeeds(self.pg_ctl(["status"]).stdin(std::process::Stdio::null()))
    }

    /// Makes an empty cluster in place of whatever an earlier run left.
    fn initialize(&self, port: u16) -> Result<()> {
        remove(&self.dir)?;
        fs::create_dir_all(&self.dir).with_context(|| format!("cannot create {}", self.dir.display()))?;
        if self.as_postgres {
            process::output(Command::new("chown").arg("postgres").arg(&self.dir))?;
        }
        let mut initdb = self.program("initdb");
        initdb.arg("-D").arg(self.data());
        process::output(initdb.args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]))?;
        self.configure(port, &[])
    }

    /// Writes the settings, of which the later ones count.
    fn configure(&self, port: u16, more: &[(&str, &str)]) -> Result<()> {
        let mut settings = format!("port = {port}\nunix_socket_directories = ''\n");
        for (name, value) in SETTINGS.iter().chain(more) {
            settings.push_str(&format!("{name} = {value}\n"));
        }
        let file = self.data().join("postgresql.auto.conf");
        fs::write(&file, settings).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Starts it with the data that is there.
    fn start(&self) -> Result<()> {
        let log = self.dir.join("log");
        let started = self
            .pg_ctl(["-w", "-t", "60", "-l"])
            .arg(&log)
            .arg("start")
            .stdout(std::process::Stdio::null())
            .status()
            .context("cannot start pg_ctl")?;
        if !started.success() {
            let said = fs::read_to_string(&log).unwrap_or_default();
            anyhow::bail!("postgresql did not start: {}", said.trim());
        }
        Ok(())
    }

    fn pg_ctl<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).args(arguments);
        command
    }

    fn program(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", dir.display()))
        }
        _ => Ok(()),
    }
}
