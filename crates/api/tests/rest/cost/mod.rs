//! What each route costs the database: the contract, and the table in `crates/db/README.md`.
//!
//! Every route has at least one row in `table/`. A row says which request is sent, in which situation, and how much it may
//! cost; what it does cost stands in the table of the README, which this test compares with what it measures. To write the
//! table anew: `FERRIC_REWRITE=1 cargo test -p ferric-api --test rest cost`.
//!
//! The one thing that is not counted: each process reads the list of conductors every three seconds.

mod readme;
mod stage;
mod table;

use ferric_api::rest::routes;
use ferric_control::Cost;
use stage::Stage;
use std::collections::BTreeSet;
use table::{ROWS, Row};

/// A row with what its request really cost.
pub struct Measured {
    pub row: &'static Row,
    pub cost: Cost,
}

#[test]
fn every_route_has_a_row() {
    let known: BTreeSet<String> = routes().map(|(method, path)| format!("{method} {path}")).collect();
    let listed: BTreeSet<String> = rows().map(|row| row.route.to_owned()).collect();
    let missing: Vec<_> = known.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&known).collect();
    assert!(missing.is_empty(), "routes without a row in tests/rest/cost/table: {missing:#?}");
    assert!(stale.is_empty(), "rows of routes that are gone: {stale:#?}");
}

#[actix_web::test]
async fn no_route_costs_more_than_it_may() {
    let mut stage = Stage::new().await;
    let (mut measured, mut wrong) = (Vec::new(), Vec::new());
    for row in rows() {
        let (status, cost, statements) = stage.measure(row).await;
        let Cost { reads, transactions, inside } = cost;
        if status != row.status {
            wrong.push(format!("{} ({}): answered {status}, not {}", row.route, row.case, row.status));
        }
        if reads > row.limit.reads || inside > row.limit.inside || transactions > row.limit.inside.min(1) {
            let list = statements.join("\n    ");
            wrong.push(format!(
                "{} ({}): {cost:?} is more than {:?}\n    {list}",
                row.route, row.case, row.limit
            ));
        }
        measured.push(Measured { row, cost });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    readme::check(&measured);
}

fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().flat_map(|table| table.iter())
}
