use crate::scene::{Scene, succeeded};
use ferric_control::{
    Actor, BulkItems, BulkReading, Control, ControlError, Grant, NewBulk, NewRunbook, RequestContext,
};
use ferric_db::testing::{Database, on_each};
use ferric_db::{Conn, DbError, nodes, tasks};
use ferric_model::lifecycle::{Event, ProvisionState};
use ferric_model::node::Node;
use ferric_model::operation::{ItemState, OperationItem, OperationState};
use ferric_model::page::Page;
use ferric_model::power::PowerState;
use ferric_model::report::{Failure, TaskOutcome};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn start(control: &Control, context: &RequestContext, document: Value) -> BulkReading {
    control.start_bulk(context, &NewBulk::parse(&document).unwrap()).await.unwrap()
}

async fn items(control: &Control, uuid: Uuid) -> Vec<OperationItem> {
    let all = BulkItems { limit: 1000, ..BulkItems::default() };
    control.list_bulk_items(&Scene::context(), uuid, &all).await.unwrap()
}

/// State and how many items are pending, running, succeeded, failed, skipped, canceled.
async fn shown(control: &Control, uuid: Uuid) -> (OperationState, [i64; 6]) {
    let reading = control.get_bulk(&Scene::context(), uuid).await.unwrap();
    let counts: Vec<i64> = ItemState::all().map(|state| reading.counts.of(state)).collect();
    (reading.operation.state, counts.try_into().unwrap())
}

async fn node(scene: &Scene, uuid: Uuid) -> Node {
    scene.control.get_node(&uuid.to_string()).await.unwrap()
}

async fn unfinished(scene: &Scene) -> i64 {
    let count: Result<_, DbError> =
        scene.control.store().read(async |conn: &mut Conn| tasks::count_unfinished(conn).await).await;
    count.unwrap()
}

fn of_project(project: &str, role: &str) -> RequestContext {
    let actor = Actor { project: Some(project.to_owned()), roles: vec![role.to_owned()], ..Actor::default() };
    RequestContext::new(actor, "req-1".to_owned())
}

fn extra(value: i64) -> Value {
    json!([{"op": "add", "path": "/extra/a", "value": value}])
}

fn failure() -> TaskOutcome {
    TaskOutcome::Failed(Failure::new("bmc-silent", "power", "nobody answers").advised("look"))
}

/// Ends the task of a node that an operation has begun.
async fn end(scene: &Scene, node: &Node, outcome: TaskOutcome) -> Grant {
    let (task_id, grant) = scene.claim(node).await;
    scene.report_quietly(task_id, &grant, outcome).await;
    grant
}

#[tokio::test]
async fn nodes_are_created_each_as_by_a_request_of_its_own() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        scene.node("taken", |node| node).await;
        let own = Uuid::new_v4();
        let documents = json!([
            {"driver": "fake-hardware", "name": "one", "uuid": own.to_string()},
            {"driver": "fake-hardware", "name": "taken"},
            {"driver": "none-such"},
            {"driver": "fake-hardware", "name": "two", "driver_info": {"fake_password": "x"}},
        ]);
        let operation =
            start(&scene.control, &Scene::context(), json!({"action": "create", "documents": documents}))
                .await;
        assert_eq!(operation.operation.state, OperationState::Queued);
        let uuid = operation.operation.uuid;
        assert_eq!(scene.control.sweep_bulk().await.unwrap(), 1);
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Failed, [0, 0, 2, 2, 0, 0]));
        let items = items(&scene.control, uuid).await;
        assert_eq!((items[0].subject.parse(), items[0].state), (Ok(own), ItemState::Succeeded));
        let texts: Vec<&str> = [1, 2].map(|at: usize| &items[at].failure.as_ref().unwrap().text[..]).into();
        assert_eq!(texts[0], "A node with name taken already exists.");
        assert!(texts[1].starts_with("No valid host was found."), "{}", texts[1]);
        assert!(items.iter().all(|item| item.document.is_null()), "documents may hold secrets");
        let two = node(&scene, items[3].subject.parse().unwrap()).await;
        assert_eq!((two.name.as_deref(), two.state()), (Some("two"), ProvisionState::Enroll));
        assert_eq!(scene.control.sweep_bulk().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_filter_is_resolved_once_to_what_the_caller_sees() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let owned = |node: Node| Node { owner: Some("mine".into()), ..node };
        let mine = scene.node("mine", owned).await;
        let leased = scene.node("leased", |node| Node { lessee: Some("mine".into()), ..node }).await;
        let other = scene.node("other", |node| Node { owner: Some("theirs".into()), ..node }).await;
        scene.node("of another class", |node| owned(Node { resource_class: None, ..node })).await;
        let document = json!({"action": "patch", "filter": {"resource_class": "gold"}, "patch": extra(1)});
        let caller = of_project("mine", "member");
        let operation = start(&scene.control, &caller, document).await;
        scene.node("late", owned).await;
        let uuid = operation.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Succeeded, [0, 0, 2, 0, 0, 0]));
        for (patched, uuid) in [(true, mine.uuid), (true, leased.uuid), (false, other.uuid)] {
            assert_eq!(node(&scene, uuid).await.spec.extra.contains_key("a"), patched);
        }
        let nothing = json!({"action": "patch", "filter": {"driver": "none"}, "patch": extra(1)});
        let nothing = start(&scene.control, &caller, nothing).await.operation;
        assert_eq!((nothing.state, nothing.total), (OperationState::Succeeded, 0));
    })
    .await;
}

#[tokio::test]
async fn items_have_the_rights_of_the_caller_and_conceal_what_requests_conceal() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        scene.node("foreign", |node| Node { owner: Some("theirs".into()), ..node }).await;
        let mine = scene.node("mine", |node| Node { owner: Some("mine".into()), ..node }).await;
        let leased = scene.node("leased", |node| Node { lessee: Some("mine".into()), ..node }).await;
        let reader =
            NewBulk::parse(&json!({"action": "patch", "nodes": ["mine"], "patch": extra(1)})).unwrap();
        let refused = scene.control.start_bulk(&of_project("mine", "reader"), &reader).await;
        assert!(matches!(refused, Err(ControlError::Forbidden(_))), "{refused:?}");

        let caller = of_project("mine", "member");
        let patch = json!([{"op": "add", "path": "/properties/a", "value": 1}]);
        let nodes = ["foreign", "nobody", "mine", "leased"];
        let operation =
            start(&scene.control, &caller, json!({"action": "patch", "nodes": nodes, "patch": patch})).await;
        scene.control.sweep_bulk().await.unwrap();
        let items = items(&scene.control, operation.operation.uuid).await;
        let told: Vec<_> =
            items.iter().map(|item| item.failure.as_ref().map(|f| (&f.kind[..], &f.text[..]))).collect();
        let expected = [
            Some(("not_found", "Node foreign could not be found.")),
            Some(("not_found", "Node nobody could not be found.")),
            None,
            Some((
                "forbidden",
                "Access was denied to the following resource: baremetal:node:update:properties",
            )),
        ];
        assert_eq!(told, expected);
        assert_eq!(node(&scene, mine.uuid).await.spec.properties["a"], 1);

        // Whoever may change power but not see what went wrong is not told here either.
        let power = json!({"action": "power", "nodes": ["leased", "mine"], "target": "power on"});
        let operation = start(&scene.control, &caller, power).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        end(&scene, &leased, failure()).await;
        end(&scene, &mine, failure()).await;
        let items = self::items(&scene.control, operation).await;
        let text = |at: usize| items[at].failure.as_ref().unwrap().text.clone();
        assert!(text(0).contains("baremetal:node:get:last_error"), "{}", text(0));
        assert!(text(1).contains("nobody answers"), "{}", text(1));
    })
    .await;
}

#[tokio::test]
async fn operations_are_there_for_their_project() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        scene.node("n", |node| Node { owner: Some("mine".into()), ..node }).await;
        let document = json!({"action": "patch", "nodes": ["n"], "patch": extra(1)});
        let (mine, theirs) = (of_project("mine", "member"), of_project("theirs", "member"));
        let uuid = start(&scene.control, &mine, document.clone()).await.operation.uuid;
        let of_system = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        let seen = async |context: &RequestContext| {
            let list =
                scene.control.list_bulk(context, &Page { limit: 10, ..Page::default() }).await.unwrap();
            list.iter().map(|reading| reading.operation.uuid).collect::<Vec<_>>()
        };
        assert_eq!(seen(&mine).await, [uuid]);
        assert!(seen(&theirs).await.is_empty());
        assert_eq!(seen(&Scene::context()).await, [uuid, of_system]);
        for hidden in [
            scene.control.get_bulk(&theirs, uuid).await.map(drop),
            scene.control.get_bulk(&mine, of_system).await.map(drop),
            scene.control.cancel_bulk(&theirs, uuid).await.map(drop),
            scene.control.list_bulk_items(&theirs, uuid, &BulkItems::default()).await.map(drop),
        ] {
            assert!(matches!(hidden, Err(ControlError::NotFound(_))), "{hidden:?}");
        }
        let reader = of_project("mine", "reader");
        assert_eq!(scene.control.get_bulk(&reader, uuid).await.unwrap().operation.uuid, uuid);
        let refused = scene.control.cancel_bulk(&reader, uuid).await;
        assert!(matches!(refused, Err(ControlError::Forbidden(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn no_more_nodes_are_worked_on_at_once_than_asked_for() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let mut all = Vec::new();
        for n in 0..5 {
            all.push(scene.node(&format!("n{n}"), |node| node).await);
        }
        let document =
            json!({"action": "power", "filter": {"driver": "fake-hardware"}, "target": "power on", "max_parallel": 2});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        for round in 0..3 {
            scene.control.sweep_bulk().await.unwrap();
            scene.control.sweep_bulk().await.unwrap();
            let running = 2.min(5 - 2 * round);
            assert_eq!(unfinished(&scene).await, running);
            for node in &all[round as usize * 2..][..running as usize] {
                end(&scene, node, succeeded()).await;
            }
        }
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [0, 0, 5, 0, 0, 0]));
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Succeeded, [0, 0, 5, 0, 0, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_spent_budget_leaves_the_rest_alone() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let mut all = Vec::new();
        for n in 0..6 {
            all.push(scene.node_in(ProvisionState::Enroll, &format!("n{n}"), |node| node).await);
        }
        let names: Vec<String> = (0..6).map(|n| format!("n{n}")).collect();
        let document = json!({"action": "provision", "nodes": names, "target": "manage", "max_parallel": 2,
            "failure_budget": 1});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        let (first, grant) = scene.claim(&all[0]).await;
        scene.report(first, &grant, 1, failure(), Event::Fail).await;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [3, 2, 0, 1, 0, 0]));
        let (second, grant) = scene.claim(&all[1]).await;
        scene.report(second, &grant, 1, failure(), Event::Fail).await;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [0, 1, 0, 2, 3, 0]));
        let (third, grant) = scene.claim(&all[2]).await;
        scene.report(third, &grant, 1, succeeded(), Event::Done).await;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Failed, [0, 0, 1, 2, 3, 0]));
        assert_eq!(node(&scene, all[2].uuid).await.state(), ProvisionState::Manageable);
        assert_eq!(node(&scene, all[3].uuid).await.generation, all[3].generation);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_begun_can_be_canceled() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let one = scene.node("one", |node| node).await;
        scene.node("two", |node| node).await;
        let document =
            json!({"action": "power", "nodes": ["one", "two"], "target": "power on", "max_parallel": 1});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        let canceled = scene.control.cancel_bulk(&Scene::context(), uuid).await.unwrap();
        assert_eq!(canceled.operation.state, OperationState::Canceling);
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Canceling, [0, 1, 0, 0, 0, 1]));
        end(&scene, &one, succeeded()).await;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Canceled, [0, 0, 1, 0, 0, 1]));
        let again = scene.control.cancel_bulk(&Scene::context(), uuid).await;
        assert!(matches!(again, Err(ControlError::Conflict(_))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_is_held_is_tried_again_for_a_while() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let held = scene.node("held", |node| node).await;
        scene.node("stuck", |node| Node { reservation: Some("somebody".into()), ..node }).await;
        let context = Scene::context();
        let on = ferric_model::power::PowerTarget::On;
        scene.control.set_power(&context, "held", on, None).await.unwrap();
        let document = json!({"action": "patch", "nodes": ["held", "stuck"], "patch": extra(1)});
        let uuid = start(&scene.control, &context, document).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        end(&scene, &held, succeeded()).await;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [2, 0, 0, 0, 0, 0]));
        for _ in 0..12 {
            scene.wait(5);
            scene.control.sweep_bulk().await.unwrap();
        }
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Failed, [0, 0, 1, 1, 0, 0]));
        assert_eq!(items(&scene.control, uuid).await[1].failure.as_ref().unwrap().kind, "node_locked");
    })
    .await;
}

/// Processes die in the middle of what they do, each a little later than the one before, and only time frees what they
/// held. How far they come depends on the machine; whoever lives visits until nothing is left to do.
async fn outlive_many_deaths(scene: &Scene) {
    for steps in (0..200).step_by(2) {
        let process = scene.second().await;
        scene.join().await;
        let mut visit = Box::pin(process.sweep_bulk());
        for _ in 0..steps {
            if futures::poll!(visit.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(visit);
        scene.wait(31);
    }
    for _ in 0..6 {
        scene.join().await;
        scene.control.sweep_bulk().await.unwrap();
        scene.wait(31);
    }
}

#[tokio::test]
async fn a_process_that_dies_leaves_nothing_undone_and_nothing_done_twice() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let mut all = Vec::new();
        for n in 0..60 {
            all.push(scene.node(&format!("n{n}"), |node| node).await);
        }
        let patch = json!({"action": "patch", "filter": {"resource_class": "gold"}, "patch": extra(7)});
        let patched = start(&scene.control, &Scene::context(), patch).await.operation.uuid;
        let documents: Vec<Value> =
            (0..60).map(|n| json!({"driver": "fake-hardware", "name": format!("c{n}")})).collect();
        let create = json!({"action": "create", "documents": documents, "max_parallel": 7});
        let created = start(&scene.control, &Scene::context(), create).await.operation.uuid;
        let power = json!({"action": "power", "filter": {"resource_class": "gold"}, "target": "power on",
            "max_parallel": 20});
        outlive_many_deaths(&scene).await;
        assert_eq!(shown(&scene.control, patched).await, (OperationState::Succeeded, [0, 0, 60, 0, 0, 0]));
        assert_eq!(shown(&scene.control, created).await, (OperationState::Succeeded, [0, 0, 60, 0, 0, 0]));
        // Only now: a node that is being powered is locked, and a change of it would give up after a while.
        let powered = start(&scene.control, &Scene::context(), power).await.operation.uuid;
        outlive_many_deaths(&scene).await;
        assert_eq!(shown(&scene.control, powered).await, (OperationState::Running, [40, 20, 0, 0, 0, 0]));
        assert_eq!(unfinished(&scene).await, 20);
        for (n, before) in all.iter().enumerate() {
            let begun = i64::from(n < 20);
            let after = node(&scene, before.uuid).await;
            assert_eq!(after.generation, before.generation + 1 + begun, "node {n}");
            assert_eq!(after.spec.extra["a"], 7);
        }
        for n in 0..3 {
            for node in &all[n * 20..][..20] {
                end(&scene, node, succeeded()).await;
            }
            // Two processes at once: one visits, the other leaves it alone.
            let other = scene.second().await;
            let (one, two) = tokio::join!(scene.control.sweep_bulk(), other.sweep_bulk());
            one.unwrap();
            two.unwrap();
        }
        assert_eq!(shown(&scene.control, powered).await, (OperationState::Succeeded, [0, 0, 60, 0, 0, 0]));
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_task_lets_the_next_item_begin_without_a_sweep() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (one, two) = (scene.node("one", |node| node).await, scene.node("two", |node| node).await);
        let document =
            json!({"action": "power", "nodes": ["one", "two"], "target": "power on", "max_parallel": 1});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        let stop = CancellationToken::new();
        let (running, token) = (Arc::clone(&scene.control), stop.clone());
        let running = tokio::spawn(async move { running.run_bulk(token).await });
        for node in [&one, &two] {
            scene.until_begun(node).await;
            end(&scene, node, succeeded()).await;
        }
        let watching = Arc::clone(&scene.control);
        let news = watching.watch_bulk(Scene::context(), uuid, stop.clone()).await.unwrap();
        let news: Vec<_> = futures::StreamExt::collect(news).await;
        let last = news.last().unwrap().as_ref().unwrap();
        assert_eq!(last.reading.operation.state, OperationState::Succeeded);
        let told: Vec<&str> = news
            .iter()
            .flat_map(|news| &news.as_ref().unwrap().ended)
            .map(|item| &item.subject[..])
            .collect();
        assert_eq!(told, ["one", "two"]);
        stop.cancel();
        running.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_item_ends_with_its_node() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let waits = scene.node_in(ProvisionState::Manageable, "waits", |node| node).await;
        let document = json!({"action": "provision", "nodes": ["waits"], "target": "inspect"});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        let (task_id, grant) = scene.claim(&waits).await;
        scene.report(task_id, &grant, 1, TaskOutcome::Parked { timeout_secs: 9 }, Event::Wait).await;
        scene.control.set_maintenance(&Scene::context(), "waits", None).await.unwrap();
        scene.control.delete_node(&Scene::context(), "waits").await.unwrap();
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Failed, [0, 0, 0, 1, 0, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_verb_without_a_task_ends_its_item_at_once() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let free = scene.node("free", |node| node).await;
        scene.node_in(ProvisionState::Active, "used", |node| node).await;
        let document = json!({"action": "provision", "nodes": ["free", "used"], "target": "manage"});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Failed, [0, 0, 1, 1, 0, 0]));
        assert_eq!(node(&scene, free.uuid).await.state(), ProvisionState::Manageable);
        let failed = items(&scene.control, uuid).await[1].failure.clone().unwrap();
        assert_eq!(failed.kind, "invalid_state_requested");
        // A patch that changes nothing is done as well.
        let same = json!({"action": "patch", "nodes": ["free"], "patch": [{"op": "replace", "path": "/name", "value": "free"}]});
        let uuid = start(&scene.control, &Scene::context(), same).await.operation.uuid;
        let before = node(&scene, free.uuid).await.generation;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Succeeded, [0, 0, 1, 0, 0, 0]));
        assert_eq!(node(&scene, free.uuid).await.generation, before);
        assert_eq!(node(&scene, free.uuid).await.power_state, Some(PowerState::Off));
        let gone: Result<_, DbError> =
            scene.control.store().read(async |conn: &mut Conn| nodes::count(conn, &Default::default()).await).await;
        assert_eq!(gone.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn operations_and_keys_are_forgotten_after_their_time() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (control, context) = (&scene.control, Scene::context());
        let document = json!({"action": "patch", "nodes": ["nobody"], "patch": extra(1)});
        let ended = start(control, &context, document.clone()).await.operation.uuid;
        control.sweep_bulk().await.unwrap();
        scene.wait(604_000);
        let waits = start(control, &context, document).await.operation.uuid;
        control.begin_keyed(&context, "k", "digest").await.unwrap();
        control.sweep_once().await;
        assert_eq!(control.get_bulk(&context, ended).await.unwrap().operation.uuid, ended);
        scene.wait(86_401);
        control.sweep_once().await;
        let gone = control.get_bulk(&context, ended).await;
        assert!(matches!(gone, Err(ControlError::NotFound(_))), "{gone:?}");
        assert_eq!(control.get_bulk(&context, waits).await.unwrap().operation.uuid, waits);
        let find =
            async |conn: &mut Conn| ferric_db::idempotency::prune(conn, control.clock().now(), 9).await;
        let left: Result<usize, DbError> = control.store().write("left", find).await;
        assert_eq!(left.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn work_that_has_a_limit_waits_for_room() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let mut all = Vec::new();
        for n in 0..52 {
            all.push(scene.node_in(ProvisionState::Manageable, &format!("n{n}"), |node| node).await);
        }
        let steps = json!([{"interface": "deploy", "step": "erase"}]);
        let document = json!({"action": "provision", "filter": {"provision_state": "manageable"}, "target": "clean",
            "clean_steps": steps});
        let uuid = start(&scene.control, &Scene::context(), document).await.operation.uuid;
        for _ in 0..20 {
            scene.control.sweep_bulk().await.unwrap();
            scene.wait(5);
            scene.join().await;
        }
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [2, 50, 0, 0, 0, 0]));
        let (task_id, grant) = scene.claim(&all[0]).await;
        scene.report(task_id, &grant, 1, succeeded(), Event::Manage).await;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [1, 50, 1, 0, 0, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_runbook_runs_where_it_was_approved() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let context = Scene::context();
        let with = |name: &'static str| move |node: Node| Node { traits: vec![name.to_owned()], ..node };
        let fits = scene.node_in(ProvisionState::Manageable, "fits", with("CUSTOM_A")).await;
        scene.node_in(ProvisionState::Manageable, "other", with("CUSTOM_B")).await;
        let steps = json!([{"interface": "bios", "step": "two", "order": 2}, {"interface": "bios", "step": "one", "order": 1}]);
        let runbook = json!({"name": "book", "steps": steps, "disable_ramdisk": true});
        scene.control.create_runbook(&context, &NewRunbook::parse(&runbook, true).unwrap()).await.unwrap();
        scene.control.set_runbook_traits(&context, "book", &["CUSTOM_A".to_owned()]).await.unwrap();
        let document =
            json!({"action": "provision", "nodes": ["fits", "other"], "target": "clean", "runbook": "book"});
        let uuid = start(&scene.control, &context, document).await.operation.uuid;
        scene.control.sweep_bulk().await.unwrap();
        assert_eq!(shown(&scene.control, uuid).await, (OperationState::Running, [0, 1, 0, 1, 0, 0]));
        let text = items(&scene.control, uuid).await[1].failure.clone().unwrap().text;
        assert!(text.starts_with("This runbook has not been approved for use on this node"), "{text}");
        let (_, grant) = scene.claim(&fits).await;
        let told: Vec<&str> =
            grant.params["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
        assert_eq!((told, &grant.params["disable_ramdisk"]), (vec!["one", "two"], &json!(true)));
    })
    .await;
}
