//! The private RabbitMQ, with its own Erlang port mapper, cookie and node name.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::Instance;
use crate::process;

/// Enables the management API, which the harness uses for one virtual host per test; without statistics it idles.
const PLUGINS: &str = "[rabbitmq_management].\n";

/// How often is looked whether something has ended.
const LOOK: Duration = Duration::from_millis(50);

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

fn boot(instance: &Instance) -> Result<Broker> {
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
        let mut command = instance.rabbitmq_program("rabbitmqctl")?;
        command.arg("wait").arg(instance.pid_file()).args(["--timeout", "120"]);
        let mut waiter = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("rabbitmqctl")?;
        let ready = loop {
            if let Some(status) = waiter.try_wait()? {
                break status.success();
            }
            if server.try_wait()?.is_some() {
                waiter.kill()?;
                waiter.wait()?;
                break false;
            }
            thread::sleep(LOOK);
        };
        if !ready {
            let said = fs::read_to_string(instance.rabbitmq_dir().join("console.log")).unwrap_or_default();
            bail!("rabbitmq did not start: {}", said.trim());
        }
        Ok(())
    }
}

impl Instance {
    fn rabbitmq_dir(&self) -> PathBuf {
        self.dir.join("rabbitmq")
    }

    fn pid_file(&self) -> PathBuf {
        self.rabbitmq_dir().join("pid")
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
