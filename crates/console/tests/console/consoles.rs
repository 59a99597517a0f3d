//! Consoles as a conductor uses them: started, used, stopped, lost.

use crate::bmc::{Bmc, is_installed};
use ferric_console::{ConsoleConfig, ConsoleHost, LauncherProgram, ipmitool_socat};
use ferric_hardware::interface::{SerialOverLan, SerialTarget};
use ferric_hardware::{HardwareError, TaskView};
use ferric_model::action::Action;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries of what takes its time.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug)]
struct Serial(SerialTarget);

#[async_trait::async_trait]
impl SerialOverLan for Serial {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn target(&self, _: &Node) -> Result<SerialTarget, HardwareError> {
        Ok(self.0.clone())
    }
}

/// The launcher where any user may run it: the build's folder may be closed to others.
fn launcher() -> (LauncherProgram, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("launcher");
    std::fs::copy(env!("CARGO_BIN_EXE_ferric-console-launcher"), &path).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    (LauncherProgram { path, arguments: Vec::new() }, folder)
}

/// Ports that nobody has, in a row.
fn config(ports: u16) -> ConsoleConfig {
    let free = |first: u16| (first..first + ports).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
    let base = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let first_port = (base.min(60_000)..64_000).find(|first| free(*first)).unwrap();
    ConsoleConfig { first_port, last_port: first_port + ports - 1, ..ConsoleConfig::default() }
}

fn task() -> TaskView {
    let now = time::OffsetDateTime::UNIX_EPOCH;
    TaskView {
        task_id: Uuid::new_v4(),
        action: Action::StartConsole,
        node: Node::new(Uuid::new_v4(), "ipmi", ProvisionState::Active, now),
        ports: Vec::new(),
        portgroups: Vec::new(),
        inventory: None,
        boot_url: None,
        instance_boot_url: None,
        api_url: String::new(),
        taken_over: false,
    }
}

fn store(task: &mut TaskView, seen: ferric_model::report::Observed) {
    for (key, value) in seen.driver_internal_info {
        match value.is_null() {
            true => drop(task.node.status.driver_internal_info.remove(&key)),
            false => drop(task.node.status.driver_internal_info.insert(key, value)),
        }
    }
}

/// Types a word at the console and reads it back; the session may need a moment to begin.
async fn is_echoed(url: &str, word: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(url.trim_start_matches("tcp://")).await else { return false };
    let mut heard = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if stream.write_all(format!("{word}\n").as_bytes()).await.is_err() {
            return false;
        }
        let mut part = [0; 512];
        match timeout(Duration::from_millis(500), stream.read(&mut part)).await {
            Ok(Ok(0) | Err(_)) => return false,
            Ok(Ok(count)) => heard.extend_from_slice(&part[..count]),
            Err(_) => {}
        }
        if String::from_utf8_lossy(&heard).contains(word) {
            return true;
        }
    }
    false
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    let mut rhythm = interval(PAUSE);
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        rhythm.tick().await;
    }
}

/// Processes whose command line names this port, as `/proc` tells.
fn processes_of(port: &str) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(&format!("LISTEN:{port},"))).count()
}

#[tokio::test]
async fn a_console_is_started_used_by_one_after_the_other_and_stopped() {
    if !is_installed() {
        return;
    }
    let bmc = Bmc::start();
    let (launcher, _folder) = launcher();
    let host = ConsoleHost::new(config(2), launcher);
    let console = ipmitool_socat(host.clone(), Arc::new(Serial(bmc.target())));
    let mut task = task();
    let seen = console.start_console(&task).await.unwrap();
    store(&mut task, seen);
    let told = console.get_console(&task).await.unwrap();
    assert_eq!(told["type"], "socat");
    let url = told["url"].as_str().unwrap().to_owned();
    let port = url.rsplit(':').next().unwrap().to_owned();
    // One that runs already costs nothing.
    console.start_console(&task).await.unwrap();
    assert_eq!(processes_of(&port), 1);

    until("the first word", async || is_echoed(&url, "first-word").await).await;
    until("the second word", async || is_echoed(&url, "second-word").await).await;

    let seen = console.stop_console(&task).await.unwrap();
    store(&mut task, seen);
    assert_eq!(processes_of(&port), 0, "nothing is left behind");
    assert!(console.get_console(&task).await.is_err());
    console.stop_console(&task).await.unwrap();
}

#[tokio::test]
async fn a_console_that_was_lost_with_its_process_starts_again_where_it_was() {
    if !is_installed() {
        return;
    }
    let bmc = Bmc::start();
    let ((launcher, _folder), config) = (launcher(), config(3));
    let serial: Arc<dyn SerialOverLan> = Arc::new(Serial(bmc.target()));
    let mut task = task();
    let url = {
        let host = ConsoleHost::new(config.clone(), launcher.clone());
        let console = ipmitool_socat(host, Arc::clone(&serial));
        let seen = console.start_console(&task).await.unwrap();
        store(&mut task, seen);
        task.internal_str("console_url").unwrap().to_owned()
    };
    let port = url.rsplit(':').next().unwrap().to_owned();
    // The conductor is gone, and its consoles with it.
    until("the console to end", async || processes_of(&port) == 0).await;

    let host = ConsoleHost::new(config.clone(), launcher.clone());
    let console = ipmitool_socat(host.clone(), Arc::clone(&serial));
    task.node.status.console_enabled = true;
    let mut elsewhere = task.node.clone();
    elsewhere.status.driver_internal_info.insert("console_machine".to_owned(), "another".into());
    console.tend(&elsewhere).await;
    assert_eq!(host.url(task.node.uuid).await, None, "what another machine has is not ours");
    console.tend(&task.node).await;
    assert_eq!(host.url(task.node.uuid).await.as_deref(), Some(url.as_str()));
    until("a word", async || is_echoed(&url, "again").await).await;

    // It was stopped by another conductor.
    task.node.status.console_enabled = false;
    console.tend(&task.node).await;
    assert_eq!((host.url(task.node.uuid).await, processes_of(&port)), (None, 0));
}

#[tokio::test]
async fn ports_are_shared_out_until_there_are_none() {
    if !is_installed() {
        return;
    }
    let bmc = Bmc::start();
    let (launcher, _folder) = launcher();
    let host = ConsoleHost::new(config(2), launcher);
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let one = host.start(first, &bmc.target()).await.unwrap();
    let other = host.start(second, &bmc.target()).await.unwrap();
    assert_ne!(one, other);
    let error = host.start(Uuid::new_v4(), &bmc.target()).await.unwrap_err();
    assert_eq!(error.code, "console-no-port");
    host.stop(first).await;
    assert_eq!(host.start(Uuid::new_v4(), &bmc.target()).await.unwrap(), one);
}

#[tokio::test]
async fn what_the_launcher_refuses_is_told_without_secrets() {
    if !is_installed() {
        return;
    }
    let bmc = Bmc::start();
    let (launcher, _folder) = launcher();
    let host = ConsoleHost::new(config(1), launcher);
    let target = SerialTarget { username: Some("root,pty".to_owned()), ..bmc.target() };
    let error = host.start(Uuid::new_v4(), &target).await.unwrap_err();
    assert_eq!(error.code, "console-not-started");
    let said = error.evidence.unwrap();
    assert!(said.contains("'username' is not acceptable") && !said.contains("calvin"), "{said}");
}
