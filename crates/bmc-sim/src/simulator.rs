//! The library's front door.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::runtime::{Builder, Runtime};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::fault::Fault;
use crate::fetch;
use crate::fleet::Fleet;
use crate::http;
use crate::identity::MAX_SERVERS;
use crate::session::{SessionCounts, SessionView};
use crate::snapshot::{ServerView, Snapshot};

/// A running simulator. It has threads of its own, so it can be started and stopped from any runtime or none;
/// dropping it ends everything it simulates.
///
/// Servers are named by index, `0..servers`.
///
/// # Panics
/// Methods that take an index panic when there is no such server.
pub struct Simulator {
    fleet: Arc<Fleet>,
    listener: ServerHandle,
    runtime: Option<Runtime>,
}

impl Simulator {
    /// Starts all servers, powered off and with empty disks.
    ///
    /// # Errors
    /// [`SimError::Config`] for settings that contradict themselves, [`SimError::Listen`] when the address is taken.
    pub fn start(config: SimulatorConfig) -> Result<Self, SimError> {
        check(&config)?;
        let listen_error = |source| SimError::Listen { address: config.listen.to_string(), source };
        let socket = TcpListener::bind(config.listen).map_err(listen_error)?;
        let bound = socket.local_addr().map_err(listen_error)?;
        let base_url = match &config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", reachable(bound)),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("bmc-sim")
            .enable_all()
            .build()
            .map_err(|error| SimError::Start { what: format!("runtime: {error}") })?;
        let client = fetch::client()?;
        let fleet = Fleet::new(config, base_url, client, runtime.handle().clone());
        let listener = {
            let _inside = runtime.enter();
            let server = http::serve(socket, &fleet)
                .map_err(|error| SimError::Start { what: format!("web server: {error}") })?;
            let handle = server.handle();
            runtime.spawn(async move {
                if let Err(error) = server.await {
                    tracing::error!(%error, "the simulator's web server ended");
                }
            });
            handle
        };
        Ok(Self { fleet, listener, runtime: Some(runtime) })
    }

    /// The URL in front of `/redfish/v1`, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.fleet.base_url
    }

    /// How many servers there are.
    pub fn servers(&self) -> usize {
        self.fleet.servers.len()
    }

    /// The BMC user and password.
    pub fn credentials(&self) -> (&str, &str) {
        (&self.fleet.config.username, &self.fleet.config.password)
    }

    /// Path of a server's ComputerSystem, for `redfish_system_id`.
    pub fn system_path(&self, index: usize) -> String {
        self.fleet.servers[index].identity.system_path()
    }

    /// Path of a server's Manager.
    pub fn manager_path(&self, index: usize) -> String {
        self.fleet.servers[index].identity.manager_path()
    }

    /// MAC addresses of a server's interfaces; the first one boots.
    pub fn mac_addresses(&self, index: usize) -> Vec<String> {
        self.fleet.servers[index].identity.macs.to_vec()
    }

    /// Plants a fault on one server.
    pub fn fault(&self, index: usize, fault: Fault) {
        assert!(index < self.servers(), "no simulated server {index}");
        self.fleet.faults.plant(Some(index), fault);
    }

    /// Plants a fault that strikes every server, and requests that belong to none (the service root, sessions, tasks).
    pub fn fault_everywhere(&self, fault: Fault) {
        self.fleet.faults.plant(None, fault);
    }

    /// Removes the faults planted on one server.
    pub fn clear_faults(&self, index: usize) {
        self.fleet.faults.clear(Some(index));
    }

    /// Removes the faults planted on all servers at once.
    pub fn clear_faults_everywhere(&self) {
        self.fleet.faults.clear(None);
    }

    /// Lets the requests go on that are being held on one server; what is yet to be held stays planted.
    pub fn release(&self, index: usize) {
        self.fleet.servers[index].holds.release();
    }

    /// Invalidates every session token, as a BMC's reboot or its idle timeout does.
    pub fn expire_sessions(&self) {
        self.fleet.sessions.expire_all();
    }

    /// The sessions that are open at this moment.
    pub fn sessions(&self) -> Vec<SessionView> {
        self.fleet.sessions.views()
    }

    /// How sessions began and ended so far.
    pub fn session_counts(&self) -> SessionCounts {
        self.fleet.sessions.counts()
    }

    /// All servers.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { servers: (0..self.servers()).map(|index| self.fleet.view(index)).collect() }
    }

    /// One server.
    pub fn server(&self, index: usize) -> ServerView {
        self.fleet.view(index)
    }

    /// Waits until a condition on one server holds; wakes on each of its changes, and polls nothing.
    ///
    /// # Errors
    /// [`SimError::Deadline`] when it does not hold in time.
    pub async fn wait_until(
        &self,
        index: usize,
        deadline: Duration,
        mut holds: impl FnMut(&ServerView) -> bool,
    ) -> Result<ServerView, SimError> {
        let mut changes = self.fleet.watch_changes(index);
        let wait = async {
            loop {
                changes.mark_unchanged();
                let view = self.fleet.view(index);
                if holds(&view) {
                    return Some(view);
                }
                changes.changed().await.ok()?;
            }
        };
        let outcome = tokio::time::timeout(deadline, wait).await.ok().flatten();
        outcome.ok_or(SimError::Deadline { waited: deadline })
    }

    /// Ends the listener and everything simulated, and waits until it is over.
    pub async fn stop(self) {
        self.fleet.shutdown.cancel();
        self.listener.stop(false).await;
        self.fleet.tracker.close();
        self.fleet.tracker.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.fleet.shutdown.cancel();
        // The order to stop is sent by the call itself; waiting for it is `stop`'s business.
        drop(self.listener.stop(false));
        for index in 0..self.servers() {
            self.fleet.update(index, |live| live.activity.end());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn check(config: &SimulatorConfig) -> Result<(), SimError> {
    let wrong = |what: &str| Err(SimError::Config { what: what.to_owned() });
    if config.servers > MAX_SERVERS {
        return wrong("servers: more than there are MAC addresses for");
    }
    if config.power_delay_ms.is_empty() {
        return wrong("power_delay_ms: the range is empty");
    }
    if config.heartbeat_interval.is_zero() {
        return wrong("heartbeat_interval: must not be zero");
    }
    Ok(())
}

/// An address clients can connect to, for a listener that may be bound to all of them.
fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), bound.port()),
        _ => bound,
    }
}
