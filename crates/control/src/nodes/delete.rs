//! Deleting nodes.

use crate::actor::RequestContext;
use crate::commit::{ATTEMPTS, check_unlocked};
use crate::control::Control;
use crate::error::ControlError;
use crate::request_reads::{self, Read};
use crate::task_read::node_ident;
use ferric_db::{Conn, DbError, nodes, tasks};
use ferric_model::lifecycle::ProvisionState as S;
use ferric_model::node::Node;
use ferric_model::task::TaskState;

/// States in which a node may be deleted without being in maintenance.
const DELETABLE: [S; 4] = [S::Manageable, S::Enroll, S::AdoptFailed, S::Available];

impl Control {
    /// Deletes a node with its ports, history and inventory; a task that waits on it ends.
    ///
    /// **Errors**: `NodeLocked` while a task holds it; `Conflict` in other states, or while an instance is on it, unless
    /// it is in maintenance; `Forbidden`, also when it is protected.
    pub async fn delete_node(&self, context: &RequestContext, ident: &str) -> Result<(), ControlError> {
        let wanted = node_ident(ident);
        for _ in 0..ATTEMPTS {
            let read = match request_reads::take(&wanted) {
                Some(read) => Some(read),
                None => self.read_node(&wanted).await?,
            };
            let Read { node, active } = read.ok_or_else(|| ControlError::node_not_found(ident))?;
            self.authorize_deletion(context, ident, &node)?;
            check(&node)?;
            let now = self.now();
            let deleted = self
                .store()
                .write("delete_node", async move |conn: &mut Conn| {
                    if !nodes::delete(conn, node.uuid, node.generation).await? {
                        return Ok(None);
                    }
                    let mut go_on = Vec::new();
                    for mut task in active.clone() {
                        let fence = task.fence();
                        task.end(TaskState::Failed, now);
                        tasks::save(conn, &task, &fence).await?;
                        go_on.extend(self.end_item_of(conn, &task, &node, now).await?);
                    }
                    Ok(Some(go_on))
                })
                .await
                .map_err(|error: DbError| ControlError::from(error))?;
            if let Some(go_on) = deleted {
                self.bulk_bell().ring(&go_on);
                self.feed().ring();
                return Ok(());
            }
        }
        Err(ControlError::Stale(ident.to_owned()))
    }
}

fn check(node: &Node) -> Result<(), ControlError> {
    check_unlocked(node)?;
    if let Some(instance) = node.instance_uuid.filter(|_| !node.maintenance) {
        let text = format!("Node {} is associated with instance {instance}.", node.uuid);
        return Err(ControlError::Conflict(text));
    }
    if node.spec.protected {
        let text = format!("Node {} is protected and cannot be undeployed, rebuilt or deleted", node.uuid);
        return Err(ControlError::Forbidden(text));
    }
    if !node.maintenance && !DELETABLE.contains(&node.state()) {
        let states: Vec<String> = DELETABLE.into_iter().map(|state| format!("'{state}'")).collect();
        return Err(ControlError::Conflict(format!(
            "Can not delete node \"{}\" while it is in provision state \"{}\". Valid provision states to perform \
             deletion are: \"({})\", or set the node into maintenance mode",
            node.uuid,
            node.state(),
            states.join(", ")
        )));
    }
    Ok(())
}
