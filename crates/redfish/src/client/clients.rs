//! Every BMC that this process speaks with: a bounded cache of sessions, and one budget of requests per address.

use super::bmc::Bmc;
use super::trust::tls_config;
use crate::config::RedfishConfig;
use crate::driver_info::{AuthType, DriverInfo, TlsMinimum, Trust};
use ferric_hardware::HardwareError;
use ferric_model::node::Node;
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// BMCs that are told at once that this process leaves.
const FAREWELLS: usize = 64;

/// The way to the BMCs of all nodes.
#[derive(Debug)]
pub struct RedfishClients {
    config: Arc<RedfishConfig>,
    /// What BMCs are told who asks.
    name: String,
    /// Mixed into the hashes of passwords, so that they mean nothing outside this process.
    salt: [u8; 16],
    kept: Mutex<Kept>,
}

/// The way to the BMC of one node.
#[derive(Debug, Clone)]
pub struct Access {
    /// The BMC.
    pub bmc: Arc<Bmc>,
    /// What the node says of it.
    pub info: DriverInfo,
}

#[derive(Debug, Default)]
struct Kept {
    uses: u64,
    bmcs: HashMap<Key, (u64, Arc<Bmc>)>,
    budgets: HashMap<String, Weak<Semaphore>>,
    /// BMCs that had to make room and are spoken with all the same, by who had opened them before.
    retired: Vec<Arc<Bmc>>,
    /// Sessions that are being ended.
    farewells: JoinSet<()>,
}

/// Nodes that agree in all of this share a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    origin: String,
    root_path: String,
    username: Option<String>,
    password: [u8; 32],
    trust: Trust,
    auth_type: AuthType,
    tls_minimum: TlsMinimum,
}

impl RedfishClients {
    /// Nobody is spoken with until a node is opened.
    pub fn new(config: RedfishConfig) -> Self {
        let name = format!("ferric/{}", env!("CARGO_PKG_VERSION"));
        Self { config: Arc::new(config), name, salt: rand::random(), kept: Mutex::default() }
    }

    /// The same, and BMCs are told the name of this host.
    #[must_use]
    pub fn on_host(self, host: &str) -> Self {
        Self { name: format!("{} ({host})", self.name), ..self }
    }

    /// Ends every session, for this process leaves; what does not end before the deadline is left to the BMCs, which end
    /// what nobody uses.
    pub async fn close(&self, deadline: Duration) {
        let (open, mut farewells) = {
            let mut kept = self.kept();
            let open = kept.bmcs.drain().map(|(_, (_, bmc))| bmc).collect::<Vec<_>>();
            let retired = std::mem::take(&mut kept.retired);
            ([open, retired].concat(), std::mem::take(&mut kept.farewells))
        };
        let count = open.len();
        let rest = async {
            stream::iter(open).for_each_concurrent(FAREWELLS, |bmc| async move { bmc.log_out().await }).await;
            while farewells.join_next().await.is_some() {}
        };
        if timeout(deadline, rest).await.is_err() {
            tracing::warn!(bmcs = count, "not every BMC was told in time that its session is over");
        }
    }

    /// The way to the BMC of `node`; sends nothing.
    ///
    /// **Errors**: `InvalidParameter` when the node's `driver_info` is not usable.
    pub fn open(&self, node: &Node) -> Result<Access, HardwareError> {
        let info = DriverInfo::read(node)?;
        let key = self.key(&info);
        let mut kept = self.kept();
        kept.uses += 1;
        let now = kept.uses;
        if let Some((used, bmc)) = kept.bmcs.get_mut(&key) {
            *used = now;
            return Ok(Access { bmc: Arc::clone(bmc), info });
        }
        let budget = kept.budget(&key.origin, self.config.requests_per_bmc);
        let unusable = |why: String| {
            HardwareError::invalid(
                format!("driver_info of the node is not usable: redfish_verify_ca: {why}"),
                "correct redfish_verify_ca in the node's driver_info",
            )
        };
        let tls = tls_config(&info.trust, info.tls_minimum).map_err(unusable)?;
        let bmc = Bmc::new(&info, tls, &self.name, Arc::clone(&self.config), budget)
            .map_err(|error| unusable(error.without_url().to_string()))?;
        let bmc = Arc::new(bmc);
        kept.insert(key, now, Arc::clone(&bmc), self.config.cached_bmcs);
        Ok(Access { bmc, info })
    }

    fn key(&self, info: &DriverInfo) -> Key {
        let (username, password) = match &info.credentials {
            Some((username, password)) => (Some(username.clone()), password.expose().as_str()),
            None => (None, ""),
        };
        let password = Sha256::new().chain_update(self.salt).chain_update(password).finalize();
        Key {
            origin: info.shown_address(),
            root_path: info.root_path.clone(),
            username,
            password: password.into(),
            trust: info.trust.clone(),
            auth_type: info.auth_type,
            tls_minimum: info.tls_minimum,
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The budget of an address, shared by all who speak with it.
    fn budget(&mut self, origin: &str, permits: usize) -> Arc<Semaphore> {
        if let Some(budget) = self.budgets.get(origin).and_then(Weak::upgrade) {
            return budget;
        }
        self.budgets.retain(|_, budget| budget.strong_count() > 0);
        let budget = Arc::new(Semaphore::new(permits.max(1)));
        self.budgets.insert(origin.to_owned(), Arc::downgrade(&budget));
        budget
    }

    /// Keeps a BMC, in the place of the one that was not used for the longest time if there is no room.
    fn insert(&mut self, key: Key, now: u64, bmc: Arc<Bmc>, room: usize) {
        while self.bmcs.len() >= room.max(1) {
            let oldest = self.bmcs.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            let Some((_, retired)) = oldest.and_then(|oldest| self.bmcs.remove(&oldest)) else { break };
            self.retired.push(retired);
        }
        self.bmcs.insert(key, (now, bmc));
        self.part();
    }

    /// Logs out of BMCs that had to make room, as soon as nobody speaks with them any more.
    fn part(&mut self) {
        while self.farewells.try_join_next().is_some() {}
        let (idle, busy): (Vec<_>, Vec<_>) =
            self.retired.drain(..).partition(|bmc| Arc::strong_count(bmc) == 1);
        self.retired = busy;
        for bmc in idle {
            self.farewells.spawn(async move { bmc.log_out().await });
        }
    }
}
