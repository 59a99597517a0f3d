//! The rows, a file for each resource.

mod allocations;
mod bulk;
mod chassis;
mod conductors;
mod deploy_templates;
mod discovery;
mod drivers;
mod fleet;
mod hardware;
mod history;
mod inspection_rules;
mod nodes;
mod portgroups;
mod ports;
mod ramdisk;
mod runbooks;
mod states;
mod vendor;
mod volume;

use super::row::Row;
use crate::rest::route::Method;

static ROWS: &[&[Row]] = &[
    discovery::ROWS,
    nodes::ROWS,
    states::ROWS,
    hardware::ROWS,
    vendor::ROWS,
    vendor::CALLS[0],
    vendor::CALLS[1],
    vendor::CALLS[2],
    vendor::CALLS[3],
    ports::ROWS,
    portgroups::ROWS,
    chassis::ROWS,
    deploy_templates::ROWS,
    runbooks::ROWS,
    fleet::ROWS,
    allocations::ROWS,
    bulk::ROWS,
    history::ROWS,
    inspection_rules::ROWS,
    volume::ROWS,
    drivers::ROWS,
    conductors::ROWS,
    ramdisk::ROWS,
];

/// Every row.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().flat_map(|rows| rows.iter())
}

/// The row of a route.
pub(super) fn find(method: Method, path: &str) -> Option<&'static Row> {
    all().find(|row| row.method == method && row.path == path)
}
