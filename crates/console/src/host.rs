//! The consoles of this process: one launcher each, on ports out of a range.

use crate::config::ConsoleConfig;
use crate::launcher::READY;
use crate::port::is_listening;
use ferric_hardware::interface::SerialTarget;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;
use uuid::Uuid;

/// How long a launcher may take to say that its console listens.
const READY_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a launcher may take to end, before it is killed.
const END_TIMEOUT: Duration = Duration::from_secs(15);

/// Where util-linux puts `setpriv`.
const SETPRIV: &str = "/usr/bin/setpriv";

/// The launcher, and the words that make it one.
#[derive(Debug, Clone)]
pub struct LauncherProgram {
    /// The program.
    pub path: PathBuf,
    /// Its arguments; none of them comes from a user.
    pub arguments: Vec<String>,
}

/// The consoles of this process. They end with it.
#[derive(Debug, Clone)]
pub struct ConsoleHost(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: ConsoleConfig,
    launcher: LauncherProgram,
    machine: String,
    running: Mutex<BTreeMap<Uuid, Running>>,
}

/// A console and its launcher.
#[derive(Debug)]
struct Running {
    port: u16,
    child: Child,
    /// Its end is the end of the console.
    lifeline: ChildStdin,
}

impl ConsoleHost {
    /// A host without consoles.
    pub fn new(config: ConsoleConfig, launcher: LauncherProgram) -> Self {
        let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self(Arc::new(Inner { config, launcher, machine, running: Mutex::default() }))
    }

    /// The name of the machine on which the consoles run.
    pub fn machine(&self) -> &str {
        &self.0.machine
    }

    /// Starts the console of a node, unless it runs; gives how it is reached.
    ///
    /// **Errors**: no port is free; the launcher refused.
    pub async fn start(&self, node: Uuid, target: &SerialTarget) -> Result<String, HardwareError> {
        self.start_at(node, target, None).await
    }

    /// Starts a console that was lost with its process, at the address by which people know it.
    ///
    /// **Errors**: as [`Self::start`]; the address is none of ours, or taken.
    pub async fn start_again(
        &self,
        node: Uuid,
        target: &SerialTarget,
        url: &str,
    ) -> Result<String, HardwareError> {
        let config = &self.0.config;
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port
            .filter(|port| (config.first_port..=config.last_port).contains(port) && config.url(*port) == url);
        let taken =
            || HardwareError::unsupported(format!("a console at {url} is not for this process to start"));
        let port = port.filter(|port| !is_listening(*port)).ok_or_else(taken)?;
        self.start_at(node, target, Some(port)).await
    }

    async fn start_at(
        &self,
        node: Uuid,
        target: &SerialTarget,
        port: Option<u16>,
    ) -> Result<String, HardwareError> {
        let mut running = self.0.running.lock().await;
        if let Some(present) = running.get_mut(&node) {
            if matches!(present.child.try_wait(), Ok(None)) {
                return Ok(self.0.config.url(present.port));
            }
            running.remove(&node);
        }
        let port = match port {
            Some(port) => port,
            None => self.free_port(&running)?,
        };
        let started = self.launch(node, target, port).await?;
        running.insert(node, started);
        Ok(self.0.config.url(port))
    }

    /// Ends the console of a node; one that does not run costs nothing.
    pub async fn stop(&self, node: Uuid) {
        let Some(Running { mut child, lifeline, .. }) = self.0.running.lock().await.remove(&node) else {
            return;
        };
        drop(lifeline);
        if timeout(END_TIMEOUT, child.wait()).await.is_err() {
            tracing::warn!(node.uuid = %node, "the console did not end by itself and is killed");
            drop(child.kill().await);
        }
    }

    /// How the console of a node is reached, if it runs here.
    pub async fn url(&self, node: Uuid) -> Option<String> {
        let mut running = self.0.running.lock().await;
        let present = running.get_mut(&node)?;
        matches!(present.child.try_wait(), Ok(None)).then(|| self.0.config.url(present.port))
    }

    fn free_port(&self, running: &BTreeMap<Uuid, Running>) -> Result<u16, HardwareError> {
        let config = &self.0.config;
        let taken: Vec<u16> = running.values().map(|console| console.port).collect();
        let free = |port: &u16| !taken.contains(port) && !is_listening(*port);
        (config.first_port..=config.last_port).find(free).ok_or_else(|| {
            HardwareError::new(
                HardwareErrorKind::Refused,
                "console-no-port",
                format!("every port from {} to {} is taken", config.first_port, config.last_port),
                "stop consoles that nobody uses, or give consoles more ports (console.last_port)",
            )
        })
    }

    async fn launch(&self, node: Uuid, target: &SerialTarget, port: u16) -> Result<Running, HardwareError> {
        let failed = |why: String| {
            HardwareError::new(
                HardwareErrorKind::Refused,
                "console-not-started",
                "the console could not be started",
                "look at what it said, and that socat, ipmitool and setpriv are installed where the conductor runs",
            )
            .said(why)
        };
        let mut child = self.command().spawn().map_err(|error| failed(error.to_string()))?;
        let (Some(mut lifeline), Some(said), Some(told)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed("its streams are not there".to_owned()));
        };
        let mut line = self.request(node, target, port);
        line.push('\n');
        lifeline.write_all(line.as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        let audit = audit(told);
        let mut said = BufReader::new(said).lines();
        match timeout(READY_TIMEOUT, said.next_line()).await {
            Ok(Ok(Some(word))) if word == READY => Ok(Running { port, child, lifeline }),
            _ => {
                drop(lifeline);
                drop(child.kill().await);
                let last = audit.await.ok().flatten();
                Err(failed(last.unwrap_or_else(|| "it did not say that it listens".to_owned())))
            }
        }
    }

    /// The launcher; as another user where this process is root.
    fn command(&self) -> Command {
        let Inner { config, launcher, .. } = &*self.0;
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new(SETPRIV);
            command
                .arg(format!("--reuid={}", config.user_id))
                .arg(format!("--regid={}", config.group_id))
                .args(["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"])
                .arg(&launcher.path);
            command
        } else {
            Command::new(&launcher.path)
        };
        command.args(&launcher.arguments).env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        command
    }

    fn request(&self, node: Uuid, target: &SerialTarget, port: u16) -> String {
        json!({
            "node": node,
            "host": target.host,
            "port": target.port,
            "username": target.username,
            "password": target.password.expose(),
            "kg_key": target.kg_key.as_ref().map(|key| key.expose().clone()),
            "privilege": target.privilege,
            "cipher_suite": target.cipher_suite,
            "listen": self.0.config.listen,
            "listen_port": port,
            "idle_timeout_secs": self.0.config.idle_timeout_secs,
        })
        .to_string()
    }
}

/// Hands the launcher's lines on to the log; gives the last one when it ends.
fn audit(told: tokio::process::ChildStderr) -> tokio::task::JoinHandle<Option<String>> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(told).lines();
        let mut last = None;
        while let Ok(Some(line)) = lines.next_line().await {
            tracing::info!(audit = "console", "{line}");
            last = Some(line);
        }
        last
    })
}
