//! The conductor, put together.

use crate::api_client::ApiClient;
use crate::backoff::full_jitter;
use crate::lease::Leases;
use crate::membership::Membership;
use crate::node_cache::NodeCache;
use crate::readings::Readings;
use crate::status::ConductorStatus;
use crate::worker::{Context, work};
use crate::{ConductorConfig, ConductorError};
use ferric_bus::Bus;
use ferric_hardware::Registry;
use ferric_model::clock::SharedClock;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// A conductor: claims tasks and drives hardware.
#[derive(Debug)]
pub struct Conductor {
    context: Arc<Context>,
}

impl Conductor {
    /// Puts a conductor together; nothing is connected yet.
    ///
    /// **Errors**: `Config` for an unusable setting.
    pub fn new(
        config: ConductorConfig,
        registry: Arc<Registry>,
        bus: Arc<dyn Bus>,
        clock: SharedClock,
    ) -> Result<Self, ConductorError> {
        config.check()?;
        let api = Arc::new(ApiClient::new(&config)?);
        let leases = Arc::new(Leases::default());
        let status = ConductorStatus::new(Arc::clone(&bus));
        let drivers_json = serde_json::to_string(&registry.offers())
            .map_err(|error| ConductorError::Nonsense(error.to_string()))?;
        let membership = Arc::new(Membership::new(
            Arc::clone(&api),
            Arc::clone(&leases),
            status.clone(),
            config.hostname.clone(),
            config.group.clone(),
            drivers_json,
        ));
        let context = Context {
            nodes: NodeCache::new(config.node_cache_bytes),
            config: Arc::new(config),
            registry,
            bus,
            api,
            leases,
            membership,
            status,
            fetching: Semaphore::new(1),
            readings: Readings::new(Arc::clone(&clock)),
            clock,
            stopping: CancellationToken::new(),
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Tells how the conductor is, also while it runs.
    pub fn status(&self) -> ConductorStatus {
        self.context.status.clone()
    }

    /// The sensors that the conductor reads, also while it runs.
    pub fn readings(&self) -> Readings {
        self.context.readings.clone()
    }

    /// Works until `stop` is cancelled, then drains and leaves.
    ///
    /// A control plane or bus that is away is waited for.
    pub async fn run(self, stop: CancellationToken) {
        let context = self.context;
        let joined = Notify::new();
        let membership = Arc::clone(&context.membership);
        let member = async {
            sleep(full_jitter(Duration::from_millis(context.config.start_jitter_ms))).await;
            membership.run(&joined).await;
        };
        let worker = async {
            tokio::select! {
                () = stop.cancelled() => return,
                () = joined.notified() => {}
            }
            let stopping = async {
                stop.cancelled().await;
                context.stopping.cancel();
            };
            tokio::join!(stopping, work(&context));
            membership.leave().await;
        };
        // Leases are renewed until the last task has ended.
        tokio::select! {
            () = member => {}
            () = worker => {}
        }
    }
}
