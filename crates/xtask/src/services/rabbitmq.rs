//! The private RabbitMQ, with its own Erlang port mapper, cookie and node name.

use std::fs::{self, File, Permissions};
use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::Instance;
use crate::process;

/// Enables the management API, which the harness uses for one virtual host per test; without statistics it idles.
const PLUGINS: &str = "[rabbitmq_management].\n";

/// How often is looked whether something has ended.
const LOOK: Duration = Duration::from_millis(50);

/// How long a broker may boot.
const BOOT: Duration = Duration::from_secs(120);

/// A broker that is up already, or one that is booting.
pub enum Broker {
    Running,
    Booting(Child),
}

/// Directory of `rabbitmq-server` and `rabbitmqctl`. The scripts on `PATH` of Debian's package change to the user
/// `rabbitmq`; the ones below `/usr/lib` do not.
pub fn programs() -> Option<PathBuf> {
    let debian = PathBuf::from("/usr/lib/rabbitmq/bin");
    if debian.join("rabbitmq-server").is_file() {
        return Some(debian);
    }
    Some(process::find_on_path("rabbitmq-server")?.parent()?.to_path_buf())
}

/// Starts the broker unless it runs; does not wait for it.
pub fn begin(instance: &Instance) -> Result<Broker> {
    if instance.broker_is_running() {
        return Ok(Broker::Running);
    }
    let dir = instance.rabbitmq_dir();
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("cannot delete {}", dir.display()))?;
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    fs::write(dir.join("enabled_plugins"), PLUGINS).context("cannot write the plugin list")?;
    fs::write(dir.join("rabbitmq.conf"), instance.configuration()).context("cannot write rabbitmq.conf")?;
    bake_cookie(&dir.join(".erlang.cookie"))?;
    boot(instance)
}

/// Kills it and starts it again with what it had stored.
pub fn restart(instance: &Instance) -> Result<()> {
    let pid = main_process(instance)?.to_string();
    process::output(Command::new("kill").args(["-KILL", &pid]))?;
    while instance.broker_is_running() {
        thread::sleep(LOOK);
    }
    // Or the process that is gone would be waited for.
    fs::remove_file(instance.pid_file()).context("cannot delete the broker's process id")?;
    boot(instance)?.finish(instance)
}

/// Ends the process of a quorum queue; the queue itself stays.
pub fn stop_queue(instance: &Instance, vhost: &str, queue: &str) -> Result<()> {
    let process = format!("{}_{queue}", if vhost == "/" { "%2F" } else { vhost });
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.%".contains(c);
    ensure!(process.chars().all(plain), "this queue's name cannot be told to the broker: {process}");
    let stop = format!("ok = ra:stop_server(quorum_queues, {{'{process}', node()}}).");
    process::output(instance.rabbitmq_program("rabbitmqctl")?.args(["eval", &stop])).map(drop)
}

fn boot(instance: &Instance) -> Result<Broker> {
    map_ports(instance)?;
    let log = File::create(instance.rabbitmq_dir().join("console.log"));
    let log = log.context("cannot create the broker's log")?;
    let mut command = instance.rabbitmq_program("rabbitmq-server")?;
    // Erlang sizes tables by this limit, and containers often have none.
    command.env("ERL_MAX_PORTS", "65536");
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    // Its own group: Ctrl-C during a test run is not meant for the broker.
    let server = command.process_group(0).spawn().context("cannot start rabbitmq-server")?;
    Ok(Broker::Booting(server))
}

/// Writes the secret that Erlang nodes know each other by. Each makes one where there is none: the broker and what waits
/// for it, started together, could make two.
fn bake_cookie(file: &Path) -> Result<()> {
    let mut secret = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut secret))
        .context("no random bytes")?;
    let text: String = secret.iter().map(|byte| format!("{byte:02X}")).collect();
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    fs::set_permissions(file, Permissions::from_mode(0o400)).context("cannot protect the cookie")
}

/// Starts Erlang's port mapper. Each Erlang program starts it when there is none, but does not wait until it answers:
/// the broker and what waits for it, started together, may both find nobody there and give up.
fn map_ports(instance: &Instance) -> Result<()> {
    let port = instance.ports.epmd;
    let mut epmd = Command::new("epmd");
    epmd.args(["-port", &port.to_string(), "-address", "127.0.0.1", "-daemon"]);
    process::output(&mut epmd)?;
    let deadline = Instant::now() + BOOT;
    while let Err(error) = TcpStream::connect(("127.0.0.1", port)) {
        ensure!(Instant::now() < deadline, "Erlang's port mapper does not answer: {error}");
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Where its files are.
pub fn dir(instance: &Instance) -> PathBuf {
    instance.rabbitmq_dir()
}

/// The process that has started all others.
pub fn main_process(instance: &Instance) -> Result<u32> {
    ensure!(instance.broker_is_running(), "the broker does not run");
    let text = fs::read_to_string(instance.pid_file()).context("cannot read the broker's process id")?;
    text.trim().parse().context("the broker has no process id")
}

pub fn down(instance: &Instance) -> Result<()> {
    if programs().is_none() || !instance.rabbitmq_dir().exists() {
        return Ok(());
    }
    if instance.broker_is_running() {
        process::output(instance.rabbitmq_program("rabbitmqctl")?.args(["shutdown", "--timeout", "60"]))?;
    }
    // It is this checkout's own port mapper, and refuses while another node is registered with it.
    let port = instance.ports.epmd.to_string();
    process::succeeds(Command::new("epmd").args(["-port", &port, "-kill"]));
    Ok(())
}

impl Broker {
    /// Waits until clients are served.
    pub fn finish(self, instance: &Instance) -> Result<()> {
        let Broker::Booting(mut server) = self else { return Ok(()) };
        let deadline = Instant::now() + BOOT;
        loop {
            // It gives up at once where it comes before what it looks for, so it is asked again while the broker boots.
            let Err(refused) = wait_for(instance, &mut server) else { return Ok(()) };
            if server.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("rabbitmq did not start: {refused:#}\n{}", instance.said_while_booting());
            }
            thread::sleep(LOOK);
        }
    }
}

/// Lets `rabbitmqctl` wait for the broker, at most until that ends.
fn wait_for(instance: &Instance, server: &mut Child) -> Result<()> {
    let mut command = instance.rabbitmq_program("rabbitmqctl")?;
    command.arg("wait").arg(instance.pid_file()).arg("--timeout").arg(BOOT.as_secs().to_string());
    let said = instance.rabbitmq_dir().join("wait.log");
    let log = File::create(&said).context("cannot create the log of the wait")?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let mut waiter = command.spawn().context("cannot start rabbitmqctl")?;
    loop {
        if let Some(status) = waiter.try_wait()? {
            ensure!(status.success(), "rabbitmqctl: {status}: {}", fs::read_to_string(&said)?.trim());
            return Ok(());
        }
        if let Some(status) = server.try_wait()? {
            waiter.kill()?;
            waiter.wait()?;
            bail!("the broker ended: {status}");
        }
        thread::sleep(LOOK);
    }
}

impl Instance {
    fn rabbitmq_dir(&self) -> PathBuf {
        self.dir.join("rabbitmq")
    }

    fn pid_file(&self) -> PathBuf {
        self.rabbitmq_dir().join("pid")
    }

    /// What it wrote to its console, and to its log since that was open.
    fn said_while_booting(&self) -> String {
        let console = self.rabbitmq_dir().join("console.log");
        let log = self.rabbitmq_dir().join("log").join(format!("{}.log", self.node()));
        [console, log].iter().map(|file| fs::read_to_string(file).unwrap_or_default()).collect()
    }

    fn node(&self) -> String {
        format!("ferric-{:016x}@localhost", self.fingerprint)
    }

    /// The process id may have been given to something else since, so its command line must name this directory
    /// (as the home directory of the Erlang node).
    fn broker_is_running(&self) -> bool {
        let Ok(pid) = fs::read_to_string(self.pid_file()) else { return false };
        let command_line = fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        String::from_utf8_lossy(&command_line).contains(&*self.rabbitmq_dir().to_string_lossy())
    }

    fn configuration(&self) -> String {
        let ports = self.ports;
        format!(
            "listeners.tcp.1 = 127.0.0.1:{}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {}\n\
             management_agent.disable_metrics_collector = true\nlog.console = false\ndisk_free_limit.absolute = 50MB\n",
            ports.amqp, ports.rabbitmq_api
        )
    }

    fn rabbitmq_program(&self, name: &str) -> Result<Command> {
        let dir = self.rabbitmq_dir();
        let mut command = Command::new(programs().context("rabbitmq-server is not installed")?.join(name));
        command
            .current_dir(&dir)
            .env("HOME", &dir)
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", self.ports.epmd.to_string())
            .env("RABBITMQ_NODENAME", self.node())
            .env("RABBITMQ_DIST_PORT", self.ports.erlang_distribution.to_string())
            .env("RABBITMQ_CONFIG_FILE", dir.join("rabbitmq.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("enabled_plugins"))
            .env("RABBITMQ_MNESIA_BASE", dir.join("mnesia"))
            .env("RABBITMQ_LOG_BASE", dir.join("log"))
            .env("RABBITMQ_PID_FILE", self.pid_file())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        Ok(command)
    }
}
