//! Nodes: routes only; each file beside this one is a resource.

mod allocation;
mod bios;
mod children;
mod choose;
mod create;
mod delete;
mod firmware;
mod hardware;
mod history;
mod inventory;
mod list;
mod listed;
mod maintenance;
mod management;
mod render;
mod show;
mod states;
mod traits;
mod update;
mod validate;
mod vifs;
mod vmedia;
mod watch;

pub(crate) use hardware::ROUTES as HARDWARE;
pub(crate) use list::{of_chassis, of_chassis_in_detail};
pub(crate) use render::put_lookup_node;
pub(crate) use show::malformed;
pub(crate) use vifs::VIF;

use super::allocations;
use super::args::{Arg, Kind};
use super::route::Gate::{NoMethod, NoRoute, NotAcceptable, Open};
use super::route::{Route, route};
use super::{portgroups, ports};

/// Watching nodes, beside the paths that begin with one.
pub(crate) static WATCH: [Route; 1] = [route!(Get "watch/nodes" Open, &watch::WATCH, Ignored, watch::get)];

/// Filters and paging of node lists, in the order in which they are checked.
static LIST: [Arg; 26] = [
    Arg::new("chassis_uuid", Kind::Uuid),
    Arg::new("instance_uuid", Kind::Uuid),
    Arg::new("associated", Kind::Bool),
    Arg::new("maintenance", Kind::Bool),
    Arg::new("retired", Kind::Bool),
    Arg::new("provision_state", Kind::Text),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("driver", Kind::Text),
    Arg::new("resource_class", Kind::Text),
    Arg::new("fault", Kind::Text),
    Arg::new("conductor_group", Kind::Text),
    Arg::new("conductor", Kind::Text),
    Arg::new("owner", Kind::Text),
    Arg::new("description_contains", Kind::Text),
    Arg::new("lessee", Kind::Text),
    Arg::new("project", Kind::Text),
    Arg::new("shard", Kind::Words),
    Arg::new("sharded", Kind::Bool),
    Arg::new("include_children", Kind::Bool),
    Arg::new("parent_node", Kind::Text),
    Arg::new("instance_name", Kind::Text),
    Arg::new("detail", Kind::Bool),
    Arg::new("fields", Kind::Words),
];

/// The same without the choice of fields.
static DETAIL: &[Arg] = LIST.split_at(24).0;

/// Both where the path names the chassis.
pub(crate) static LIST_OF_CHASSIS: &[Arg] = LIST.split_at(1).1;
pub(crate) static DETAIL_OF_CHASSIS: &[Arg] = DETAIL.split_at(1).1;

static FIELDS: [Arg; 1] = [Arg::new("fields", Kind::Words)];
static RESET: [Arg; 1] = [Arg::new("reset_interfaces", Kind::Bool)];
static VALIDATE: [Arg; 2] = [Arg::new("node", Kind::Ident), Arg::new("node_uuid", Kind::Uuid)];
static REASON: [Arg; 1] = [Arg::new("reason", Kind::Text)];
static POWER: [Arg; 2] = [Arg::required("target", Kind::Text), Arg::new("timeout", Kind::Integer)];
static PROVISION: [Arg; 8] = [
    Arg::required("target", Kind::Text),
    Arg::new("configdrive", Kind::TextOrObject),
    Arg::new("clean_steps", Kind::List),
    Arg::new("deploy_steps", Kind::List),
    Arg::new("rescue_password", Kind::Text),
    Arg::new("disable_ramdisk", Kind::Bool),
    Arg::new("service_steps", Kind::List),
    Arg::new("runbook", Kind::PlainText),
];
static HISTORY: [Arg; 5] = [
    Arg::new("detail", Kind::Bool),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
];

pub(crate) static ROUTES: [Route; 45] = [
    route!(Get "nodes" Open, &LIST, Ignored, list::summary),
    route!(Post "nodes" Open, &[], Document, create::post),
    route!(Patch "nodes" Open, &[], Ignored, show::no_ident),
    route!(Delete "nodes" Open, &[], Ignored, show::no_ident),
    route!(Get "nodes/detail" Open, DETAIL, Ignored, list::detail),
    route!(Get "nodes/validate" Open, &VALIDATE, Ignored, validate::by_query),
    route!(Get "nodes/{node}" Open, &FIELDS, Ignored, show::get),
    route!(Patch "nodes/{node}" Open, &RESET, Document, update::patch),
    route!(Delete "nodes/{node}" Open, &[], Ignored, delete::delete),
    route!(Get "nodes/{node}/validate" Open, &[], Ignored, validate::by_path),
    route!(Put "nodes/{node}/maintenance" Open, &REASON, Members, maintenance::put),
    route!(Delete "nodes/{node}/maintenance" Open, &[], Ignored, maintenance::delete),
    route!(Get "nodes/{node}/states" Open, &[], Ignored, states::get),
    route!(Put "nodes/{node}/states/power" Open, &POWER, Members, states::power::put),
    route!(Put "nodes/{node}/states/provision" Open, &PROVISION, Members, states::provision::put),
    route!(Get "nodes/{node}/traits" NotAcceptable(37), &[], Ignored, traits::get),
    route!(Put "nodes/{node}/traits" NoMethod(37), &[], Document, traits::put_all),
    route!(Delete "nodes/{node}/traits" NoRoute(37), &[], Ignored, traits::delete_all),
    route!(Put "nodes/{node}/traits/{trait}" NoMethod(37), &[], Document, traits::put_one),
    route!(Delete "nodes/{node}/traits/{trait}" NoRoute(37), &[], Ignored, traits::delete_one),
    route!(Get "nodes/{node}/vifs" NoRoute(28), &[], Ignored, vifs::get),
    route!(Post "nodes/{node}/vifs" NoRoute(28), &[], Document, vifs::post),
    route!(Delete "nodes/{node}/vifs" NoRoute(28), &[], Ignored, vifs::no_id),
    route!(Delete "nodes/{node}/vifs/{vif}" NoRoute(28), &[], Ignored, vifs::delete),
    route!(Get "nodes/{node}/history" NoRoute(78), &HISTORY, Ignored, history::list),
    route!(Get "nodes/{node}/history/{entry}" NoRoute(78), &[], Ignored, history::get),
    route!(Get "nodes/{node}/history/{entry}/trace" NoRoute(78), &[], Ignored, history::trace),
    route!(Get "nodes/{node}/inventory" NoRoute(81), &[], Ignored, inventory::get),
    route!(Get "nodes/{node}/allocation" NoRoute(52), &allocations::SHOW, Ignored, allocation::get),
    route!(Delete "nodes/{node}/allocation" NoRoute(52), &[], Ignored, allocation::delete),
    route!(Get "nodes/{node}/children" NoRoute(83), &[], Ignored, children::get),
    route!(Get "nodes/{node}/ports" Open, &ports::LIST, Ignored, ports::of_node),
    route!(Post "nodes/{node}/ports" Open, &[], Ignored, show::malformed),
    route!(Get "nodes/{node}/ports/detail" Open, ports::DETAIL, Ignored, ports::of_node_in_detail),
    route!(Get "nodes/{node}/portgroups" NoRoute(24), &portgroups::LIST, Ignored, portgroups::of_node),
    route!(Post "nodes/{node}/portgroups" NoRoute(24), &[], Ignored, show::malformed),
    route!(Get "nodes/{node}/portgroups/detail" NoRoute(24), portgroups::DETAIL, Ignored, portgroups::of_node_in_detail),
    route!(Get "nodes/{node}/portgroups/{portgroup}" NoRoute(24), &[], Ignored, show::malformed),
    route!(Patch "nodes/{node}/portgroups/{portgroup}" NoRoute(24), &[], Ignored, show::malformed),
    route!(Delete "nodes/{node}/portgroups/{portgroup}" NoRoute(24), &[], Ignored, show::malformed),
    route!(Get "nodes/{node}/ports/{port}" Open, &[], Ignored, show::malformed),
    route!(Patch "nodes/{node}/ports/{port}" Open, &[], Ignored, show::malformed),
    route!(Delete "nodes/{node}/ports/{port}" Open, &[], Ignored, show::malformed),
    // What is no resource below a node is read as the name of a field, as it always was.
    route!(Get "nodes/{node}/{field}" Open, &[], Ignored, show::field),
    route!(Delete "nodes/{node}/{rest}" Open, &[], Ignored, show::nothing_below),
];
