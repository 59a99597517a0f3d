//! One process: started, watched, killed, started again. What it says goes to a file.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::process::{Child, Command};

use crate::wait::{DEADLINE, Look, wait_for};

/// Lines of a log that a failed test shows.
const SHOWN_LINES: usize = 150;

/// A `ferric` process of a cluster.
#[derive(Debug)]
pub struct Process {
    name: String,
    role: &'static str,
    environment: Vec<(String, String)>,
    health_url: String,
    log: PathBuf,
    child: Option<Child>,
    started_at: Option<Instant>,
}

impl Process {
    /// Describes a process; nothing is started yet.
    pub(super) fn new(
        name: String,
        role: &'static str,
        environment: Vec<(String, String)>,
        health_url: String,
        folder: &Path,
    ) -> Self {
        let log = folder.join(format!("{name}.log"));
        Self { name, role, environment, health_url, log, child: None, started_at: None }
    }

    /// Its name, which for a conductor is its host name too.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A setting that it runs with, written without its prefix.
    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        self.environment.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Whether it has been started and has not been ended by the test.
    pub fn is_up(&self) -> bool {
        self.child.is_some()
    }

    /// When it was started last.
    pub fn started_at(&self) -> Option<Instant> {
        self.started_at
    }

    /// Starts it.
    pub fn start(&mut self) -> anyhow::Result<()> {
        ensure!(self.child.is_none(), "{} runs already", self.name);
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let binary = binary()?;
        let mut command = Command::new(&binary);
        command.arg(self.role).env_clear().env("RUST_BACKTRACE", "1");
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(self.environment.iter().map(|(key, value)| (format!("FERRIC__{key}"), value)));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        self.started_at = Some(Instant::now());
        let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Waits until it says that it can serve.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        let what = format!("{} to be ready at {}", self.name, self.health_url);
        wait_for(what, DEADLINE, async || {
            if let Some(status) = self.child.as_mut().context("it was not started")?.try_wait()? {
                bail!("{} ended with {status} before it was ready", self.name);
            }
            Ok(match http.get(&self.health_url).send().await {
                Ok(answer) if answer.status().is_success() => Look::There(()),
                Ok(answer) => Look::NotYet(answer.text().await.unwrap_or_default()),
                Err(error) => Look::NotYet(format!("{error:#}")),
            })
        })
        .await
    }

    /// Runs it to its end.
    pub(super) async fn run_to_end(&mut self) -> anyhow::Result<()> {
        self.start()?;
        let status = self.wait_for_end(DEADLINE).await?;
        ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }

    /// SIGKILL: it gets no chance to do anything.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().with_context(|| format!("{} does not run", self.name))?;
        child.kill().await.with_context(|| format!("cannot kill {}", self.name))
    }

    /// SIGTERM: it is asked to stop in good order. Follow with [`Self::wait_for_end`].
    pub async fn terminate(&self) -> anyhow::Result<()> {
        self.signal("TERM").await
    }

    /// SIGSTOP: it neither works nor notices that time passes, as in a virtual machine that is being moved.
    pub async fn freeze(&self) -> anyhow::Result<()> {
        self.signal("STOP").await
    }

    /// SIGCONT: it goes on where it was.
    pub async fn thaw(&self) -> anyhow::Result<()> {
        self.signal("CONT").await
    }

    /// By the shell's own `kill`: neither a system call without a safe wrapper nor one more package.
    async fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let id = self.child.as_ref().and_then(Child::id);
        let id = id.with_context(|| format!("{} does not run", self.name))?;
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{signal} {id}")).status().await?;
        ensure!(sent.success(), "cannot send SIG{signal} to {}", self.name);
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub async fn wait_for_end(&mut self, deadline: Duration) -> anyhow::Result<ExitStatus> {
        let child = self.child.as_mut().with_context(|| format!("{} does not run", self.name))?;
        let ended = tokio::time::timeout(deadline, child.wait()).await;
        let status = ended.with_context(|| format!("{} did not end within {deadline:?}", self.name))??;
        self.child = None;
        Ok(status)
    }

    /// Everything it has said so far, in all its lives.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Prints the end of its log.
    pub(super) fn print_log(&self) {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let hidden = lines.len().saturating_sub(SHOWN_LINES);
        eprintln!("---- {} ({}; {hidden} lines before these)", self.name, self.log.display());
        for line in &lines[hidden..] {
            eprintln!("{line}");
        }
    }
}

/// The program next to the tests.
fn binary() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    // target/PROFILE/deps/TEST-HASH
    let folder = test.ancestors().nth(2).context("the test lies in no build folder")?;
    let binary = folder.join(format!("ferric{}", std::env::consts::EXE_SUFFIX));
    ensure!(
        binary.is_file(),
        "there is no {}: these tests run the real program, build it with `cargo build -p ferric` (or run the tests \
         with `cargo xtask test`, which builds everything)",
        binary.display()
    );
    Ok(binary)
}
