//! Finding the nodes that periodic reading has to visit, a slice of them with one statement.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::nodes::dsl as n;
use crate::types::uuid;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault;
use std::ops::Range;
use uuid::Uuid;

/// Into how many buckets nodes are spread; the migration `power_buckets` has the same number.
pub const BUCKETS: i64 = 1024;

/// States in which the periodic reading of power states leaves a node alone.
///
/// Source: `contract: conductor`, power state synchronization.
const NO_POWER_SYNC: [&str; 4] = [
    ProvisionState::Enroll.as_str(),
    ProvisionState::WaitCallBack.as_str(),
    ProvisionState::CleanWait.as_str(),
    ProvisionState::AdoptFailed.as_str(),
];

/// What nodes are visited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Their power state. Nodes in maintenance are left alone, but for those that only a silent BMC brought there: a reading
    /// brings them back.
    PowerSync,
    /// Their sensors. Nodes in maintenance are left alone.
    ///
    /// Source: Ironic's `[sensor_data]enable_for_undeployed_nodes`.
    Sensors {
        /// Not only nodes that are deployed, but all whose description was found to be right.
        of_undeployed: bool,
    },
}

/// A node that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its row number.
    pub id: i64,
    /// Its identity.
    pub uuid: Uuid,
    /// How often it was written: who read this generation of it before need not read it again.
    pub generation: i64,
    /// Whose conductors visit it.
    pub conductor_group: String,
}

/// The query of nodes of these buckets for which `$may` holds.
macro_rules! due {
    ($conn:ident, $bucket:ident, $buckets:ident, $after:ident, $limit:ident, $may:expr) => {
        on!($conn, |c| n::nodes
            .filter($bucket(">=").bind::<BigInt, _>($buckets.start))
            .filter($bucket("<").bind::<BigInt, _>($buckets.end))
            .filter(n::id.gt($after))
            .filter($may)
            .order(n::id.asc())
            .limit($limit)
            .select((n::id, n::uuid, n::generation, n::conductor_group))
            .load(c))
    };
}

/// Lists nodes of these buckets that may be visited now, in the order of their row numbers after `after`.
pub async fn list_due(
    conn: &mut Conn,
    visit: Visit,
    buckets: Range<i64>,
    after: i64,
    limit: i64,
) -> Result<Vec<Due>, DbError> {
    // Written as the index has it, or it is not used.
    let bucket =
        |comparison: &str| diesel::dsl::sql::<Bool>(&format!("(nodes.id % {BUCKETS}) {comparison} "));
    let well = n::maintenance.eq(false);
    let deployed = n::provision_state.eq(ProvisionState::Active.as_str());
    let known = n::provision_state.ne(ProvisionState::Enroll.as_str());
    let rows: Vec<(i64, String, i64, String)> = match visit {
        Visit::PowerSync => {
            let idle = n::target_power_state.is_null().and(n::reservation.is_null());
            let awake = n::provision_state.ne_all(NO_POWER_SYNC);
            let well = well.nullable().or(n::fault.eq(Fault::Power.as_str()));
            due!(conn, bucket, buckets, after, limit, well.and(idle).and(awake))
        }
        Visit::Sensors { of_undeployed: false } => {
            due!(conn, bucket, buckets, after, limit, well.and(deployed))
        }
        Visit::Sensors { of_undeployed: true } => due!(conn, bucket, buckets, after, limit, well.and(known)),
    }?;
    let due = |(id, text, generation, conductor_group): (i64, String, i64, String)| {
        Ok(Due { id, uuid: uuid("nodes.uuid", &text)?, generation, conductor_group })
    };
    rows.into_iter().map(due).collect()
}
