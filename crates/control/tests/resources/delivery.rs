//! Envelopes and leases that are lost, with the test playing the conductor.

use crate::scene::Scene;
use ferric_bus::v1::action_envelope::Work;
use ferric_control::{ClaimAnswer, Control, ProvisionRequest};
use ferric_db::testing::on_each;
use ferric_db::{Conn, DbError, history, outbox, tasks};
use ferric_model::lifecycle::{ProvisionState, Verb};
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::task::{Task, TaskState};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn task_of(control: &Control, node: Uuid) -> Option<Task> {
    let find = async |conn: &mut Conn| tasks::find_active(conn, node).await;
    let found: Result<Vec<Task>, DbError> = control.store().read(find).await;
    found.unwrap().pop()
}

async fn told(control: &Control, node: &Node) -> Vec<String> {
    let ident = node.uuid.into();
    let list = async |conn: &mut Conn| history::list(conn, &ident, &Page::default()).await;
    let found: Result<_, DbError> = control.store().read(list).await;
    found.unwrap().0.into_iter().map(|entry| entry.event).collect()
}

async fn in_outbox(control: &Control) -> i64 {
    let count: Result<_, DbError> =
        control.store().read(async |conn: &mut Conn| outbox::count(conn).await).await;
    count.unwrap()
}

/// Carries the outbox to the bus, once.
async fn relay(scene: &Scene) {
    let once = CancellationToken::new();
    once.cancel();
    scene.wait(4);
    scene.control.run_relay(once).await;
}

async fn managing(scene: &Scene, name: &str) -> Node {
    let node = scene.node_in(ProvisionState::Enroll, name, |node| node).await;
    scene.provision(&node, &ProvisionRequest::of(Verb::Manage)).await;
    node
}

#[tokio::test]
async fn a_broker_that_lost_its_data_is_filled_again_and_no_other() {
    on_each(async |database| {
        let scene = Scene::new(database.store.clone()).await;
        let nodes = [managing(&scene, "a").await, managing(&scene, "b").await];
        relay(&scene).await;
        assert_eq!(scene.control.bus().waiting_actions("").await.unwrap(), 2);
        // Conductors have too much to do: everything is where it should be.
        scene.wait(120);
        assert_eq!(scene.control.sweep_stranded().await.unwrap(), 0);
        // A process that speaks to another broker finds nothing there.
        let second = scene.second().await;
        scene.wait(60);
        assert_eq!(second.sweep_stranded().await.unwrap(), 2);
        assert_eq!(second.sweep_stranded().await.unwrap(), 0, "once in a window");
        assert_eq!(in_outbox(&second).await, 2);
        for node in &nodes {
            assert_eq!(task_of(&second, node.uuid).await.unwrap().state, TaskState::Queued);
        }
    })
    .await;
}

#[tokio::test]
async fn an_envelope_that_is_put_aside_is_sent_again_until_it_is_given_up() {
    on_each(async |database| {
        let scene = Scene::new(database.store.clone()).await;
        let control = &scene.control;
        let node = managing(&scene, "a").await;
        let stop = CancellationToken::new();
        let watching = {
            let (control, stop) = (control.clone(), stop.clone());
            tokio::spawn(async move { control.run_dead_letters(stop).await })
        };
        let most = control.settings().max_lost_leases;
        let mut deliveries = control.bus().consume_actions("", 1).await.unwrap();
        for lost in 1..=most + 1 {
            relay(&scene).await;
            let delivery = deliveries.next().await.unwrap();
            assert!(matches!(delivery.envelope.as_ref().unwrap().work, Some(Work::Task(_))));
            delivery.reject().await.unwrap();
            let history = loop {
                let history = told(control, &node).await;
                if history.len() == lost as usize {
                    break history;
                }
                tokio::task::yield_now().await;
            };
            let last = if lost <= most { "it is sent again" } else { "[undeliverable]" };
            assert!(history.last().unwrap().contains(last), "{history:?}");
        }
        assert_eq!(task_of(control, node.uuid).await, None);
        let node = control.get_node(&node.uuid.to_string()).await.unwrap();
        assert_eq!((node.state(), node.reservation), (ProvisionState::Enroll, None));
        assert!(node.status.last_error.unwrap().contains("[undeliverable]"));
        stop.cancel();
        watching.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_envelope_of_a_task_that_runs_is_no_loss() {
    on_each(async |database| {
        let scene = Scene::new(database.store.clone()).await;
        let node = managing(&scene, "a").await;
        let (task_id, _) = scene.claim(&node).await;
        scene.control.envelope_lost(task_id).await.unwrap();
        scene.control.envelope_lost(Uuid::new_v4()).await.unwrap();
        let task = task_of(&scene.control, node.uuid).await.unwrap();
        assert_eq!((task.state, task.lost_leases), (TaskState::Running, 0));
        let again = scene.control.claim(task_id, "conductor-1", "one").await.unwrap();
        assert!(matches!(again, ClaimAnswer::Refused(reason) if reason == "the task is running"));
    })
    .await;
}
