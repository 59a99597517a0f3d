//! Who gets to see and change what belongs to nodes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ferric_bus::BusConfig;
use ferric_control::{
    Actor, Control, ControlError, ControlSettings, NewPortgroup, PortFilter, PortgroupFilter, RequestContext,
    UpdatePortgroup,
};
use ferric_db::{Conn, DatabaseConfig, Store, nodes};
use ferric_model::clock::ManualClock;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::page::Page;
use serde_json::json;
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;

const OWNER: &str = "owner";
const STRANGER: &str = "stranger";

/// A control plane with two nodes: one of a project, one of nobody.
struct Stage {
    control: Control,
    owned: Uuid,
    other: Uuid,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("ferric.db").display());
        let store = Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
        store.migrate().await.unwrap();
        let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let new = |owner: Option<&str>| {
            let owner = owner.map(str::to_owned);
            Node { owner, ..Node::new(Uuid::new_v4(), "fake-hardware", ProvisionState::Enroll, start) }
        };
        let (owned, other) = (new(Some(OWNER)), new(None));
        for node in [&owned, &other] {
            store.write("node", async |conn: &mut Conn| nodes::insert(conn, node).await).await.unwrap();
        }
        let clock = Arc::new(ManualClock::new(start));
        let control = Control::new(store, bus, clock, ControlSettings::default());
        Self { control, owned: owned.uuid, other: other.uuid, _folder: folder }
    }
}

fn caller(project: &str, role: &str) -> RequestContext {
    let roles = vec![role.to_owned()];
    let actor = Actor { project: Some(project.to_owned()), roles, ..Actor::default() };
    RequestContext::new(actor, String::new())
}

/// The word for what came out.
fn outcome<T>(result: Result<T, ControlError>) -> &'static str {
    result.map_or_else(|error| error.kind(), |_| "done")
}

#[tokio::test]
async fn portgroups_are_hidden_with_their_node() {
    let Stage { control, owned, other, .. } = Stage::new().await;
    let (admin, reader) = (caller(OWNER, "admin"), caller(OWNER, "reader"));
    let (stranger, system) = (caller(STRANGER, "admin"), RequestContext::system());
    let new = |node: Uuid| NewPortgroup::parse(&json!({"node_uuid": node})).unwrap();
    let mine = control.create_portgroup(&admin, &new(owned)).await.unwrap().uuid;
    let theirs = control.create_portgroup(&system, &new(other)).await.unwrap().uuid;
    for (who, node, expected) in [
        (&reader, owned, "forbidden"),
        (&stranger, owned, "forbidden"),
        (&stranger, Uuid::nil(), "forbidden"),
        (&system, Uuid::nil(), "invalid"),
    ] {
        assert_eq!(outcome(control.create_portgroup(who, &new(node)).await), expected);
    }

    let update = UpdatePortgroup { operations: Vec::new(), refuse_while_inspecting: true };
    for (who, which, read, write) in [
        (&admin, mine, "done", "done"),
        (&admin, theirs, "not_found", "not_found"),
        (&reader, mine, "done", "forbidden"),
        (&stranger, mine, "not_found", "not_found"),
        (&system, theirs, "done", "done"),
    ] {
        let which = which.to_string();
        assert_eq!(outcome(control.get_portgroup(who, &which).await), read);
        assert_eq!(outcome(control.update_portgroup(who, &which, &update).await), write);
        if write != "done" {
            assert_eq!(outcome(control.delete_portgroup(who, &which).await), write);
        }
    }

    let page = Page::default();
    let listed = async |who: &RequestContext| {
        let found = control.list_portgroups(who, PortgroupFilter::default(), &page).await.unwrap();
        found.into_iter().map(|portgroup| portgroup.uuid).collect::<Vec<_>>()
    };
    assert_eq!(listed(&system).await, [mine, theirs]);
    assert_eq!(listed(&reader).await, [mine]);
    assert!(listed(&stranger).await.is_empty());

    let of = |node: Uuid| {
        let mut filter = PortgroupFilter::default();
        filter.of.node = Some(node.into());
        filter
    };
    assert_eq!(outcome(control.list_portgroups(&reader, of(owned), &page).await), "done");
    assert_eq!(outcome(control.list_portgroups(&stranger, of(owned), &page).await), "not_found");
    let inside = PortFilter { portgroup: Some(mine.into()), ..PortFilter::default() };
    assert_eq!(outcome(control.list_ports(&reader, inside.clone(), &page).await), "done");
    assert_eq!(outcome(control.list_ports(&stranger, inside, &page).await), "not_found");
}
