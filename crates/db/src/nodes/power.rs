//! Writing what the periodic reading of power states found, for many nodes with one statement.

use crate::conn::{Conn, Raw};
use crate::error::DbError;
use crate::types::{stored_json, stored_time, uuid};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use diesel_async::RunQueryDsl;
use ferric_model::node::Node;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

/// How many values there are of one node.
const PLACES: usize = 7;

/// What is written of one node.
struct Values {
    uuid: String,
    generation: i64,
    power_state: Option<String>,
    maintenance: bool,
    fault: Option<&'static str>,
    spec: String,
    status: String,
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = Text)]
    uuid: String,
}

/// The statement with its values.
macro_rules! bound {
    ($db:ty, $sql:expr, $values:expr, $now:expr) => {{
        let now: PrimitiveDateTime = $now;
        let mut query = diesel::sql_query($sql).into_boxed::<$db>();
        for row in $values {
            query = query
                .bind::<Text, _>(&row.uuid)
                .bind::<BigInt, _>(row.generation)
                .bind::<Nullable<Text>, _>(&row.power_state)
                .bind::<Bool, _>(row.maintenance)
                .bind::<Nullable<Text>, _>(row.fault)
                .bind::<Text, _>(&row.spec)
                .bind::<Text, _>(&row.status);
        }
        query.bind::<Timestamp, _>(now)
    }};
}

/// Writes what readings of the power state change of nodes, with one statement. A node that was written since it was read,
/// or that a task holds, is left alone; gives those that were written.
pub async fn save_power(conn: &mut Conn, after: &[Node], now: OffsetDateTime) -> Result<Vec<Uuid>, DbError> {
    if after.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<Values> = after.iter().map(Values::of).collect::<Result<_, _>>()?;
    let (sql, now) = (update(values.len()), stored_time(now));
    let outcome: QueryResult<Vec<Written>> = match &mut conn.raw {
        Raw::Pg(c) => {
            let c: &mut diesel_async::AsyncPgConnection = c;
            bound!(diesel::pg::Pg, &sql, &values, now).get_results(c).await
        }
        Raw::Sqlite(c) => {
            let query = move |c: &mut SqliteConnection| {
                diesel::RunQueryDsl::get_results(bound!(diesel::sqlite::Sqlite, &sql, &values, now), c)
            };
            c.spawn_blocking(query).await
        }
    };
    let written = outcome.map_err(|error| conn.failed(error))?;
    written.iter().map(|row| uuid("nodes.uuid", &row.uuid)).collect()
}

/// Both back ends read `$n` and `UPDATE … FROM`; diesel has no typed form for values as a table. SQLite takes `$n` for a name
/// and counts by where it comes first, so the places are in order.
fn update(count: usize) -> String {
    let row = |index: usize| {
        let first = 1 + PLACES * index;
        let places: Vec<String> = (first..first + PLACES).map(|place| format!("${place}")).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..count).map(row).collect();
    format!(
        "WITH seen (uuid, generation, power_state, maintenance, fault, spec, status) AS (VALUES {}) \
         UPDATE nodes SET generation = nodes.generation + 1, updated_at = ${}, power_state = seen.power_state, \
         maintenance = seen.maintenance, fault = seen.fault, spec = seen.spec, status = seen.status FROM seen \
         WHERE nodes.uuid = seen.uuid AND nodes.generation = seen.generation AND nodes.reservation IS NULL \
         RETURNING nodes.uuid AS uuid",
        rows.join(", "),
        PLACES * count + 1
    )
}

impl Values {
    fn of(node: &Node) -> Result<Self, DbError> {
        Ok(Self {
            uuid: node.uuid.to_string(),
            generation: node.generation,
            power_state: node.power_state.map(|state| state.as_str().to_owned()),
            maintenance: node.maintenance,
            fault: node.fault.map(|fault| fault.as_str()),
            spec: stored_json(&node.spec)?,
            status: stored_json(&node.status)?,
        })
    }
}
