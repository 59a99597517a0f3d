//! The REST API in Ironic's dialect: the table of routes and how requests find theirs.

mod allocations;
mod answer;
mod app;
mod args;
mod authn;
mod body;
mod boot;
mod bulk;
mod call;
mod chassis;
mod conductors;
mod deploy_templates;
mod drivers;
mod entry;
mod error;
mod event_stream;
mod events;
mod fields;
mod firmware_compat;
mod health;
mod history;
mod inspection_rules;
mod json;
mod keyed;
mod limits;
mod link;
mod masked_text;
mod microversion;
mod nodes;
mod nul;
mod openapi;
mod page;
mod patch;
mod pieces;
mod portgroups;
mod ports;
mod ramdisk;
mod render_cache;
mod root;
mod route;
mod runbooks;
mod shards;
mod vendor;
mod versions;
mod volume;

pub use crate::server::{RestServer, serve};
pub(crate) use app::App;
pub(crate) use authn::{Authenticator, Caller};
pub(crate) use boot::{BootRoutes, mount as mount_boot};
pub(crate) use error::Fault;
pub(crate) use limits::{Admission, Rates};
pub(crate) use nul::{REFUSAL as NUL_REFUSAL, is_in as holds_nul};
pub use openapi::document as openapi_document;
pub(crate) use render_cache::RenderCache;

use actix_web::web;
use route::Route;

/// The routes of every resource.
static ROUTES: &[&[Route]] = &[
    &root::ROUTES,
    // Before the routes of nodes, which read whatever else stands behind a node as the name of a field.
    &nodes::HARDWARE,
    &vendor::ROUTES,
    &volume::ROUTES,
    &nodes::ROUTES,
    &nodes::WATCH,
    &ports::ROUTES,
    &portgroups::ROUTES,
    &chassis::ROUTES,
    &drivers::ROUTES,
    &conductors::ROUTES,
    &inspection_rules::ROUTES,
    &ramdisk::ROUTES,
    &shards::ROUTES,
    &events::ROUTES,
    &volume::connectors::ROUTES,
    &volume::targets::ROUTES,
    &deploy_templates::ROUTES,
    &runbooks::ROUTES,
    &allocations::ROUTES,
    &bulk::ROUTES,
    &history::ROUTES,
    &firmware_compat::ROUTES,
];

/// Method and path of every route below `/v1/`.
pub fn routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES.iter().flat_map(|table| table.iter()).map(|route| (route.method.as_str(), route.path))
}

/// Mounts health, boot artefacts, the document that describes the API, and the API.
pub(crate) fn mount(service: &mut web::ServiceConfig) {
    service
        .route("/healthz", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/openapi.json", web::get().to(openapi::get))
        .configure(boot::mount)
        .default_service(web::to(entry::serve));
}
