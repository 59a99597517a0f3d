//! Shards: an operator's partition of the fleet.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_db::{Conn, nodes};

impl Control {
    /// How many nodes each shard has; none is the name of those that are in no shard.
    ///
    /// **Errors**: `Forbidden`.
    pub async fn count_shards(
        &self,
        context: &RequestContext,
    ) -> Result<Vec<(Option<String>, i64)>, ControlError> {
        self.authorize(context, Rule::ShardsGet, Target::NONE)?;
        let counted = self.store().read(async |conn: &mut Conn| nodes::count_by_shard(conn).await).await;
        counted.map_err(ControlError::Database)
    }
}
