//! What callers with roles may do, where a rule alone does not decide it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ferric_bus::BusConfig;
use ferric_control::{
    Actor, Control, ControlError, ControlSettings, NewNode, NewPort, NodeFilter, ProvisionRequest,
    RequestContext, UpdateNode, UpdatePort,
};
use ferric_db::{Conn, DatabaseConfig, DbError, Store, nodes};
use ferric_model::clock::{Clock, SystemClock};
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::hardware::InterfaceKind;
use ferric_model::json_patch;
use ferric_model::lifecycle::{ProvisionState as S, Verb};
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::step::Step;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use uuid::Uuid;

struct Fixture {
    control: Control,
    _folder: tempfile::TempDir,
}

impl Fixture {
    async fn new(settings: ControlSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("ferric.db").display());
        let store = Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
        store.migrate().await.unwrap();
        let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
        let control = Control::new(store, bus, Arc::new(SystemClock), settings);
        let interfaces: BTreeMap<InterfaceKind, Vec<String>> =
            InterfaceKind::ALL.into_iter().map(|kind| (kind, vec!["fake".to_owned()])).collect();
        let offer = DriverOffer { interfaces, properties: BTreeMap::new(), vendor: BTreeMap::new() };
        control.join("host", "", "one", DriverOffers::from([("d".to_owned(), offer)])).await.unwrap();
        Self { control, _folder: folder }
    }

    async fn node(&self, owner: Option<&str>, lessee: Option<&str>, state: S) -> Node {
        let mut node = Node::new(Uuid::new_v4(), "d", state, SystemClock.now());
        node.owner = owner.map(str::to_owned);
        node.lessee = lessee.map(str::to_owned);
        let stored = self
            .control
            .store()
            .write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await)
            .await;
        stored.map_err(|error: DbError| error).unwrap()
    }

    async fn create(&self, context: &RequestContext, more: Value) -> Result<Node, ControlError> {
        let mut document = json!({"driver": "d"});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.control.create_node(context, &NewNode::parse(&document).unwrap(), S::Enroll).await
    }

    async fn patch(&self, context: &RequestContext, node: &Node, patch: Value) -> Result<Node, ControlError> {
        let update = UpdateNode {
            operations: json_patch::parse(&patch).unwrap(),
            reset_interfaces: false,
            refuse_while_inspecting: true,
        };
        self.control.update_node(context, &node.uuid.to_string(), &update).await
    }
}

fn context(role: &str, project: Option<&str>) -> RequestContext {
    let actor = Actor {
        user: Some("u".to_owned()),
        roles: vec![role.to_owned()],
        project: project.map(str::to_owned),
        system_scope: project.is_none(),
        ..Actor::default()
    };
    RequestContext { actor, ..RequestContext::default() }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, ControlError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.kind(), error.to_string())
}

const DENIED: &str = "Access was denied to the following resource: baremetal:";

#[tokio::test]
async fn a_project_creates_and_deletes_nodes_of_its_own() {
    let f = Fixture::new(ControlSettings::default()).await;
    let (admin, system) = (context("admin", Some("p")), context("admin", None));
    let own = f.create(&admin, json!({})).await.unwrap();
    assert_eq!(own.owner.as_deref(), Some("p"));
    assert_eq!(f.create(&admin, json!({"owner": "p"})).await.unwrap().owner.as_deref(), Some("p"));
    let (kind, said) = refusal(f.create(&admin, json!({"owner": "q"})).await);
    assert_eq!(
        (kind, said.as_str()),
        (
            "invalid",
            "Cannot create a node as a project scoped admin with an owner other than your own project."
        )
    );
    let others = f.create(&system, json!({"owner": "q", "lessee": "p"})).await.unwrap();
    assert_eq!(others.owner.as_deref(), Some("q"));
    let said = refusal(f.create(&context("manager", Some("p")), json!({})).await);
    assert_eq!(said, ("forbidden", format!("{DENIED}node:create")));
    // A caller who is neither of the system nor of a project has no project to own the node.
    let unscoped = RequestContext {
        actor: Actor { roles: vec!["admin".to_owned()], ..Actor::default() },
        ..RequestContext::default()
    };
    assert_eq!(refusal(f.create(&unscoped, json!({})).await).0, "forbidden");

    let delete = async |context: &RequestContext, node: &Node| {
        f.control.delete_node(context, &node.uuid.to_string()).await
    };
    let said = refusal(delete(&admin, &others).await);
    assert_eq!(said, ("forbidden", format!("{DENIED}node:delete:self_owned_node")));
    delete(&admin, &own).await.unwrap();
    let said = refusal(delete(&context("admin", Some("r")), &others).await);
    assert_eq!(said, ("not_found", format!("Node {} could not be found.", others.uuid)));
}

#[tokio::test]
async fn operators_may_keep_nodes_to_themselves() {
    let settings =
        ControlSettings { project_admin_can_manage_own_nodes: false, ..ControlSettings::default() };
    let f = Fixture::new(settings).await;
    let admin = context("admin", Some("p"));
    let said = refusal(f.create(&admin, json!({})).await);
    assert_eq!(said, ("forbidden", format!("{DENIED}node:create")));
    let own = f.node(Some("p"), None, S::Enroll).await;
    let said = refusal(f.control.delete_node(&admin, &own.uuid.to_string()).await);
    assert_eq!(said, ("forbidden", format!("{DENIED}node:delete")));
    let system = RequestContext::system();
    assert_eq!(f.create(&system, json!({"owner": "q"})).await.unwrap().owner.as_deref(), Some("q"));
}

#[tokio::test]
async fn a_list_for_a_project_is_of_that_project() {
    let f = Fixture::new(ControlSettings::default()).await;
    let owned = f.node(Some("p"), None, S::Enroll).await.uuid;
    let leased = f.node(Some("q"), Some("p"), S::Enroll).await.uuid;
    let foreign = f.node(Some("q"), None, S::Enroll).await.uuid;
    f.node(None, None, S::Enroll).await;
    let list = async |context: &RequestContext, project: Option<&str>| {
        let filter = NodeFilter { project: project.map(str::to_owned), ..NodeFilter::default() };
        let found = f.control.list_nodes(context, &filter, &Page::default()).await?;
        Ok::<_, ControlError>(found.into_iter().map(|node| node.uuid).collect::<Vec<_>>())
    };
    let (reader, system) = (context("reader", Some("p")), context("reader", None));
    assert_eq!(list(&reader, None).await.unwrap(), [owned, leased]);
    assert_eq!(list(&reader, Some("p")).await.unwrap(), [owned, leased]);
    assert_eq!(refusal(list(&reader, Some("q")).await), ("forbidden", format!("{DENIED}node:list_all")));
    assert_eq!(list(&system, None).await.unwrap().len(), 4);
    assert_eq!(list(&system, Some("q")).await.unwrap(), [leased, foreign]);
}

#[tokio::test]
async fn a_node_in_use_keeps_its_owner() {
    let f = Fixture::new(ControlSettings::default()).await;
    let node = f.node(Some("p"), None, S::Active).await;
    let patch = json!([{"op": "replace", "path": "/owner", "value": "q"}]);
    let said = refusal(f.patch(&context("member", None), &node, patch.clone()).await);
    let text = format!("Cannot update owner of node \"{}\" while it is in state \"active\".", node.uuid);
    assert_eq!(said, ("conflict", text));
    let changed = f.patch(&context("admin", None), &node, patch).await.unwrap();
    assert_eq!(changed.owner.as_deref(), Some("q"));
}

#[tokio::test]
async fn links_lead_only_to_nodes_of_the_same_owner_that_the_caller_may_see() {
    let f = Fixture::new(ControlSettings::default()).await;
    let system = context("admin", None);
    let (node, sibling) =
        (f.node(Some("p"), None, S::Enroll).await, f.node(Some("p"), None, S::Enroll).await);
    let foreign = f.node(Some("q"), None, S::Enroll).await;
    let link = |to: Uuid| json!([{"op": "add", "path": "/parent_node", "value": to.to_string()}]);
    let refused =
        |to: Uuid| format!("Unable to apply the requested parent_node '{to}'. Requested value was invalid.");
    for to in [foreign.uuid, Uuid::new_v4()] {
        assert_eq!(refusal(f.patch(&system, &node, link(to)).await), ("invalid", refused(to)));
    }
    let child = f.patch(&system, &node, link(sibling.uuid)).await.unwrap();
    assert_eq!(child.parent_node, Some(sibling.uuid));
    let owner = context("admin", Some("p"));
    let parent = json!({"parent_node": foreign.uuid.to_string()});
    assert_eq!(refusal(f.create(&owner, parent).await), ("invalid", refused(foreign.uuid)));
    let parent = json!({"parent_node": sibling.uuid.to_string()});
    assert_eq!(f.create(&owner, parent).await.unwrap().parent_node, Some(sibling.uuid));

    let port = json!({"node_uuid": node.uuid.to_string(), "address": "52:54:00:00:00:01"});
    let port = f.control.create_port(&owner, &NewPort::parse(&port).unwrap()).await.unwrap();
    let update = |to: Uuid| UpdatePort {
        operations: json_patch::parse(
            &json!([{"op": "replace", "path": "/node_uuid", "value": to.to_string()}]),
        )
        .unwrap(),
        refuse_while_inspecting: true,
        portgroup_has_network: true,
    };
    let ident = port.uuid.to_string();
    let said = refusal(f.control.update_port(&owner, &ident, &update(foreign.uuid)).await);
    let text =
        format!("Unable to apply the requested node_uuid '{}'. Requested value was invalid.", foreign.uuid);
    assert_eq!(said, ("invalid", text));
    let moved = f.control.update_port(&owner, &ident, &update(sibling.uuid)).await.unwrap();
    assert_eq!(moved.node_uuid, sibling.uuid);
}

#[tokio::test]
async fn whether_a_node_exists_is_for_those_who_may_create_ports_on_it() {
    let f = Fixture::new(ControlSettings::default()).await;
    let new = |node: Uuid| {
        let port = json!({"node_uuid": node.to_string(), "address": "52:54:00:00:00:01"});
        NewPort::parse(&port).unwrap()
    };
    let foreign = f.node(Some("q"), None, S::Enroll).await;
    for node in [foreign.uuid, Uuid::new_v4()] {
        let said = refusal(f.control.create_port(&context("admin", Some("p")), &new(node)).await);
        assert_eq!(said, ("forbidden", format!("{DENIED}port:create")));
    }
    let absent = Uuid::new_v4();
    let said = refusal(f.control.create_port(&context("admin", None), &new(absent)).await);
    assert_eq!(said, ("invalid", format!("Node {absent} could not be found.")));
}

#[tokio::test]
async fn single_steps_have_rules_where_the_operator_writes_them() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(
        file,
        "'baremetal:step:execute:deploy.erase_devices': 'role:admin and project_id:%(node.owner)s'"
    )
    .unwrap();
    let settings =
        ControlSettings { policy_file: Some(file.path().to_owned()), ..ControlSettings::default() };
    let f = Fixture::new(settings).await;
    f.control.load_policy().unwrap();
    let node = f.node(Some("p"), Some("q"), S::Manageable).await;
    let step = |name: &str| Step::new(InterfaceKind::Deploy, name, 0);
    let clean = |names: [&str; 2], by_runbook: bool| ProvisionRequest {
        clean_steps: Some(names.map(step).to_vec()),
        by_runbook,
        ..ProvisionRequest::of(Verb::Clean)
    };
    let ident = node.uuid.to_string();
    let provision = async |context: &RequestContext, request: &ProvisionRequest| {
        f.control.provision(context, &ident, request).await
    };
    let both = clean(["erase_devices", "burnin"], false);
    let said = refusal(provision(&context("admin", Some("q")), &both).await);
    let text = "insufficient privileges to execute step erase_devices on interface deploy";
    assert_eq!(said, ("forbidden", text.to_owned()));
    let said = refusal(provision(&context("member", Some("p")), &both).await);
    assert_eq!(said.0, "forbidden");
    provision(&context("manager", Some("q")), &clean(["erase_devices", "burnin"], true)).await.unwrap();
}

#[tokio::test]
async fn runbooks_of_nobody_and_public_ones_are_approved_already() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "'baremetal:step:execute:raid.delete_configuration': '!'").unwrap();
    let settings =
        ControlSettings { policy_file: Some(file.path().to_owned()), ..ControlSettings::default() };
    let f = Fixture::new(settings).await;
    let node = f.node(Some("p"), None, S::Manageable).await;
    let steps = [Step::new(InterfaceKind::Raid, "delete_configuration", 0)];
    let admin = context("admin", Some("p"));
    let judge = |owner, public| f.control.authorize_runbook_steps(&admin, owner, public, &steps, &node);
    judge(None, false).unwrap();
    judge(Some("p"), true).unwrap();
    assert_eq!(refusal(judge(Some("p"), false)).0, "forbidden");
}
