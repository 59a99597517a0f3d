//! Finding a node for an allocation. The processes of the control plane do this themselves: no task, no conductor, no lock;
//! whoever writes first takes the node, and whoever loses goes on to the next.
//!
//! Source: `contract: conductor` section 5, "Allocation candidates" and "Reserve".

use super::{Write, claim};
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::nodes::{self, Wanted};
use ferric_db::{Conflict, Conn, DbError, Ident, allocations};
use ferric_model::allocation::{Allocation, AllocationState};
use ferric_model::node::Node;
use time::Duration;
use tokio_util::sync::CancellationToken;

/// Most allocations that are looked at together.
const BATCH: i64 = 100;

/// Most nodes that are tried before looking again.
const TRIES: i64 = 8;

/// How often nodes are looked for before others get their turn; the sweep comes back to what is left.
const ROUNDS: usize = 8;

/// How long an allocation waits for nodes that would do but are held by tasks.
const PATIENCE: Duration = Duration::seconds(10);

/// What came of trying to take a node.
enum Try {
    /// The allocation has it.
    Taken,
    /// Somebody else wrote first.
    Lost,
    /// No node can be given to this allocation.
    Hopeless(String),
}

impl Control {
    /// Looks for nodes as soon as this process creates allocations, until told to stop.
    pub async fn run_allocations(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.allocation_bell().rung() => {}
            }
            loop {
                let ids = self.allocation_bell().take(BATCH.unsigned_abs() as usize);
                if ids.is_empty() {
                    break;
                }
                if let Err(error) = self.match_allocating(Some(&ids)).await {
                    tracing::warn!(
                        %error,
                        cause = ?std::error::Error::source(&error),
                        "looking for nodes failed; the next sweep looks again"
                    );
                }
            }
        }
    }

    /// Looks for nodes for all allocations that have none yet; gives how many were settled.
    pub async fn sweep_allocations(&self) -> Result<usize, ControlError> {
        self.match_allocating(None).await
    }

    async fn match_allocating(&self, ids: Option<&[i64]>) -> Result<usize, ControlError> {
        let waiting = self
            .store()
            .read(async |conn: &mut Conn| {
                let waiting: Result<_, DbError> = allocations::list_allocating(conn, ids, BATCH).await;
                waiting
            })
            .await?;
        let mut settled = 0;
        for allocation in waiting {
            settled += usize::from(self.find_node_for(allocation).await?);
        }
        Ok(settled)
    }

    /// Finds a node, or says why there is none; false when that must be decided later.
    async fn find_node_for(&self, mut allocation: Allocation) -> Result<bool, ControlError> {
        for _ in 0..ROUNDS {
            let wanted = wanted(&allocation);
            let free = self.list_free(&wanted, TRIES).await?;
            let Some(first) = free.first() else {
                let reason = self.why_none(&allocation, wanted).await?;
                return self.give_up(allocation, reason).await;
            };
            if first.reservation.is_some() {
                if self.now() - allocation.created_at < PATIENCE {
                    return Ok(false);
                }
                let reason = format!("could not reserve any of {} suitable nodes", free.len());
                return self.give_up(allocation, reason).await;
            }
            for node in free.into_iter().filter(|node| node.reservation.is_none()) {
                match self.take(&allocation, node).await? {
                    Try::Taken => return Ok(true),
                    Try::Lost => {}
                    Try::Hopeless(reason) => return self.give_up(allocation, reason).await,
                }
            }
            let ident = Ident::Uuid(allocation.uuid);
            let again: Option<Allocation> =
                self.store().read(async |conn: &mut Conn| allocations::find(conn, &ident).await).await?;
            match again {
                Some(again) if again.state == AllocationState::Allocating => allocation = again,
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    async fn list_free(&self, wanted: &Wanted, limit: i64) -> Result<Vec<Node>, DbError> {
        self.store().read(async |conn: &mut Conn| nodes::list_free(conn, wanted, limit).await).await
    }

    /// Takes the node for the allocation: both are written, or neither.
    async fn take(&self, allocation: &Allocation, node: Node) -> Result<Try, ControlError> {
        let matched = Allocation {
            node_uuid: Some(node.uuid),
            state: AllocationState::Active,
            last_error: None,
            ..allocation.clone()
        };
        let uuid = node.uuid;
        match self.try_commit(claim(node, &matched, Write::Save)).await {
            Ok(Some(_)) => Ok(Try::Taken),
            Ok(None) => Ok(Try::Lost),
            Err(ControlError::Database(DbError::Conflict { constraint })) => Ok(match constraint {
                Conflict::InstanceUuid => Try::Hopeless(format!(
                    "Instance {} is already associated with a node, it cannot be associated with this other node {uuid}",
                    allocation.uuid
                )),
                _ => Try::Lost,
            }),
            Err(error) => Err(error),
        }
    }

    async fn why_none(&self, allocation: &Allocation, wanted: Wanted) -> Result<String, ControlError> {
        let class = wanted.resource_class.clone();
        if !allocation.traits.is_empty() {
            let any = Wanted { traits: Vec::new(), ..wanted };
            if !self.list_free(&any, 1).await?.is_empty() {
                let traits = allocation.traits.join(", ");
                return Ok(format!("no suitable nodes have the requested traits {traits}"));
            }
        }
        Ok(if allocation.candidate_nodes.is_empty() {
            format!("no available nodes match the resource class {class}")
        } else {
            format!("none of the requested nodes are available and match the resource class {class}")
        })
    }

    /// Records why there is no node; somebody who wrote the allocation in between goes first.
    async fn give_up(&self, mut allocation: Allocation, reason: String) -> Result<bool, ControlError> {
        let now = self.now();
        allocation.last_error = Some(format!("Failed to process allocation {}: {reason}.", allocation.uuid));
        allocation.state = AllocationState::Error;
        let written = self
            .store()
            .write("give_up_allocation", async |conn: &mut Conn| {
                allocations::save(conn, &allocation, now).await
            })
            .await;
        written.map_err(|error: DbError| error.into())
    }
}

fn wanted(allocation: &Allocation) -> Wanted {
    Wanted {
        resource_class: allocation.resource_class.clone().unwrap_or_default(),
        traits: allocation.traits.clone(),
        among: allocation.candidate_nodes.clone(),
        project: allocation.owner.clone(),
        name: allocation.name.clone(),
    }
}
