//! What readings of power states change, of many nodes together.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, history, nodes};
use ferric_model::history::HistoryEntry;
use ferric_model::node::Node;
use std::collections::BTreeMap;
use uuid::Uuid;

impl Control {
    /// Writes nodes as readings made them, where nobody wrote them since and no task holds them, with what history tells of
    /// those; gives how many.
    pub(crate) async fn commit_power(
        &self,
        after: &[Node],
        told: &BTreeMap<Uuid, Vec<HistoryEntry>>,
    ) -> Result<usize, ControlError> {
        if after.is_empty() {
            return Ok(0);
        }
        let now = self.now();
        let written: Vec<Uuid> = self
            .store()
            .write("power readings", async |conn: &mut Conn| {
                let written = nodes::save_power(conn, after, now).await?;
                for uuid in &written {
                    for entry in told.get(uuid).into_iter().flatten() {
                        history::append(conn, entry).await?;
                    }
                }
                Ok::<_, DbError>(written)
            })
            .await?;
        if !written.is_empty() {
            self.feed().ring();
        }
        Ok(written.len())
    }
}
