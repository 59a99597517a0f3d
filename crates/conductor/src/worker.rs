//! Taking deliveries, claiming their tasks and running them.

use crate::ConductorConfig;
use crate::api_client::ApiClient;
use crate::backoff::{jittered, pause};
use crate::dispatch::dispatch;
use crate::lease::Leases;
use crate::membership::Membership;
use crate::node_cache::NodeCache;
use crate::readings::Readings;
use crate::reporter::Reporter;
use crate::resolve::open;
use crate::status::ConductorStatus;
use crate::{ConductorError, driver_call, power_sync, sensors};
use ferric_bus::{Bus, BusError, Delivery};
use ferric_hardware::Registry;
use ferric_model::clock::SharedClock;
use ferric_proto::v1::action_envelope::Work;
use ferric_proto::v1::{ActionEnvelope, Claim, ClaimRequest, TaskWork, claim_response::Answer};
use futures::StreamExt;
use futures::stream::BoxStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

/// How often a claim is tried before the delivery is given back.
const CLAIM_ATTEMPTS: u32 = 4;

/// Pause before a delivery is given back that nobody can handle now.
const RETURN_PAUSE: Duration = Duration::from_secs(2);

/// What every task of this conductor shares.
#[derive(Debug)]
pub struct Context {
    /// What the operator decided.
    pub config: Arc<ConductorConfig>,
    /// The hardware types.
    pub registry: Arc<Registry>,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The control plane.
    pub api: Arc<ApiClient>,
    /// The leases held.
    pub leases: Arc<Leases>,
    /// The conductor as the control plane knows it.
    pub membership: Arc<Membership>,
    /// How the conductor is.
    pub status: ConductorStatus,
    /// Who reads many nodes gets them under this, so that one chunk at a time is on its way: several at once would take
    /// every processor from those who are waited for.
    pub fetching: Semaphore,
    /// The nodes that were read, for when they are visited again.
    pub nodes: NodeCache,
    /// The sensors that were read.
    pub readings: Readings,
    /// Tells the time.
    pub clock: SharedClock,
    /// Set when no new work is to be begun.
    pub stopping: CancellationToken,
}

/// What a claim led to.
enum Claimed {
    Granted { claim: Box<Claim>, asked_at: Instant },
    Refused(String),
    Later(String),
}

/// Takes deliveries until told to stop, then lets the running tasks end as long as the configuration allows.
pub async fn work(context: &Arc<Context>) {
    let mut tasks = JoinSet::new();
    consume(context, &mut tasks).await;
    tracing::info!(running = tasks.len(), "draining");
    let patience = Duration::from_secs(context.config.drain_secs);
    let ended = async {
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    };
    if tokio::time::timeout(patience, ended).await.is_err() {
        tracing::warn!(left = tasks.len(), "tasks did not end in time; other conductors take them over");
        tasks.shutdown().await;
    }
}

/// A delivery is only taken when there is room to work on it. While there is none, the subscription is given up, so that
/// nothing waits here that another conductor could do.
async fn consume(context: &Arc<Context>, tasks: &mut JoinSet<()>) {
    let permits = Arc::new(Semaphore::new(usize::from(context.config.max_tasks)));
    let mut stream = None;
    loop {
        let permit = tokio::select! {
            () = context.stopping.cancelled() => return,
            Some(ended) = tasks.join_next() => { note(ended); continue }
            permit = Arc::clone(&permits).acquire_owned() => match permit { Ok(permit) => permit, Err(_) => return },
        };
        let deliveries = match &mut stream {
            Some(deliveries) => deliveries,
            None => match subscribe(context).await {
                Some(deliveries) => stream.insert(deliveries),
                None => return,
            },
        };
        tokio::select! {
            () = context.stopping.cancelled() => return,
            Some(ended) = tasks.join_next() => note(ended),
            delivery = deliveries.next() => match delivery {
                Some(delivery) => {
                    tasks.spawn(handle(Arc::clone(context), delivery, permit));
                }
                None => stream = None,
            },
        }
        if permits.available_permits() == 0 {
            stream = None;
        }
    }
}

/// Subscribes, however long it takes; none when the conductor stops or the bus is closed.
async fn subscribe(context: &Context) -> Option<BoxStream<'static, Delivery>> {
    for attempt in 1.. {
        match context.bus.consume_actions(&context.config.group, context.config.max_tasks).await {
            Ok(deliveries) => return Some(deliveries),
            Err(BusError::Closed) => return None,
            Err(error) => tracing::warn!(%error, attempt, "cannot take actions yet"),
        }
        tokio::select! {
            () = context.stopping.cancelled() => return None,
            () = sleep(pause(attempt)) => {}
        }
    }
    None
}

async fn handle(context: Arc<Context>, delivery: Delivery, permit: OwnedSemaphorePermit) {
    let settled = match &delivery.envelope {
        Ok(ActionEnvelope { work: Some(Work::Task(work)), .. }) => {
            let work = work.clone();
            let span = tracing::info_span!(
                "task",
                task.id = work.task_id,
                node.uuid = work.node_uuid,
                action = work.action
            );
            handle_task(&context, delivery, &work).instrument(span).await
        }
        Ok(ActionEnvelope { work: Some(Work::PowerSync(batch)), .. }) => {
            // Whatever is missed is read in the next round.
            let batch = batch.clone();
            let settled = delivery.ack().await;
            power_sync::run(&context, batch).await;
            settled
        }
        Ok(ActionEnvelope { work: Some(Work::Sensors(batch)), .. }) => {
            let batch = batch.clone();
            let settled = delivery.ack().await;
            sensors::run(&context, batch).await;
            settled
        }
        Ok(ActionEnvelope { work: Some(Work::DriverCall(work)), .. }) => {
            let span = tracing::info_span!("driver_call", work.call_id, work.driver, work.method);
            let work = work.clone();
            // A call that nobody takes up again is answered as one that did not end in time.
            let settled = delivery.ack().await;
            driver_call::run(&context, &work).instrument(span).await;
            settled
        }
        Err(error @ BusError::UnknownVersion { .. }) => {
            tracing::warn!(%error, "left to a newer conductor");
            give_back(&context, delivery).await
        }
        Ok(ActionEnvelope { work: None, .. }) => delivery.reject().await,
        Err(error) => {
            tracing::error!(%error, "put aside");
            delivery.reject().await
        }
    };
    if let Err(error) = settled {
        tracing::debug!(%error, "the delivery will come again");
    }
    drop(permit);
}

async fn handle_task(context: &Context, delivery: Delivery, work: &TaskWork) -> Result<(), BusError> {
    let Ok(task_id) = work.task_id.parse::<Uuid>() else {
        tracing::error!("put aside: its task has no UUID");
        return delivery.reject().await;
    };
    if context.stopping.is_cancelled() {
        return delivery.retry().await;
    }
    match claim(context, task_id).await {
        Ok(Claimed::Granted { claim, asked_at }) => {
            // From here on the lease guards the task: a delivery that comes again is refused.
            let settled = delivery.ack().await;
            run(context, task_id, *claim, asked_at).await;
            settled
        }
        Ok(Claimed::Refused(reason)) => {
            tracing::info!(reason, "not for us");
            delivery.ack().await
        }
        Ok(Claimed::Later(reason)) => {
            tracing::info!(reason, "not now");
            context.membership.suspect();
            give_back(context, delivery).await
        }
        Err(error) => {
            tracing::warn!(%error, "could not claim");
            give_back(context, delivery).await
        }
    }
}

/// Gives a delivery back after a while, or at once when the conductor stops.
async fn give_back(context: &Context, delivery: Delivery) -> Result<(), BusError> {
    tokio::select! {
        () = context.stopping.cancelled() => {}
        () = sleep(jittered(RETURN_PAUSE)) => {}
    }
    delivery.retry().await
}

async fn claim(context: &Context, task_id: Uuid) -> Result<Claimed, ConductorError> {
    let message = ClaimRequest {
        task_id: task_id.to_string(),
        hostname: context.membership.hostname.clone(),
        incarnation: context.membership.incarnation.clone(),
    };
    let mut attempt = 1;
    loop {
        let asked_at = Instant::now();
        match context.api.claim(message.clone()).await {
            Ok(answer) => {
                return match answer.answer {
                    Some(Answer::Claim(claim)) => Ok(Claimed::Granted { claim: Box::new(claim), asked_at }),
                    Some(Answer::Refused(reason)) => Ok(Claimed::Refused(reason)),
                    Some(Answer::Later(reason)) => Ok(Claimed::Later(reason)),
                    None => Err(ConductorError::Nonsense("a claim was not answered".to_owned())),
                };
            }
            Err(error) if error.retryable() && attempt < CLAIM_ATTEMPTS => {
                tracing::debug!(%error, attempt, "claiming again");
                sleep(pause(attempt)).await;
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Works on a claimed task for as long as its lease lasts.
async fn run(context: &Context, task_id: Uuid, claim: Claim, asked_at: Instant) {
    let _count = context.status.count_task();
    let lasts = Duration::from_millis(claim.lease_ms);
    let held = context.leases.hold(task_id, claim.epoch, asked_at, lasts);
    let reporter = Reporter::new(
        Arc::clone(&context.api),
        context.membership.hostname.clone(),
        task_id,
        claim.epoch,
        Arc::clone(held.lease()),
        lasts,
    );
    let work = async {
        match open(context, task_id, claim, reporter) {
            Ok(mut task) => dispatch(&mut task).await,
            Err(mut unworkable) => {
                tracing::error!(ending = ?unworkable.ending.outcome, "the task cannot be worked on");
                if unworkable.reporter.send(unworkable.ending, None).await.is_err() {
                    tracing::warn!("the report was not accepted");
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = held.lease().lost() => tracing::warn!("the lease is lost, stopped at once"),
        () = work => {}
    }
}

fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "the conductor's own code failed outside of any task");
    }
}
