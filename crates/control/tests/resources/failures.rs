use crate::scene::{Scene, succeeded};
use ferric_control::{
    Actor, ControlError, FingerprintQuery, Heartbeat, HistoryQuery, ProvisionRequest, RequestContext,
};
use ferric_db::testing::{Database, on_each};
use ferric_model::failure::code;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::node::Node;
use ferric_model::page::{Page, SortDirection};
use ferric_model::report::{Failure, TaskOutcome};
use time::OffsetDateTime;
use uuid::Uuid;

async fn waiting(scene: &Scene, name: &str, owner: &str) -> (Node, Uuid) {
    let node = scene.node(name, |node| Node { owner: Some(owner.to_owned()), ..node }).await;
    scene.provision(&node, &ProvisionRequest::of(Verb::Active)).await;
    let (task, grant) = scene.claim(&node).await;
    scene.report(task, &grant, 1, TaskOutcome::Parked { timeout_secs: 60 }, Event::Wait).await;
    (node, task)
}

async fn errors(scene: &Scene, node: &Node) -> Vec<HistoryEntry> {
    let page = Page { sort_key: "id".to_owned(), sort_dir: SortDirection::Asc, ..Page::default() };
    let entries = scene.control.list_history(&Scene::context(), &node.uuid.to_string(), &page).await.unwrap();
    entries.into_iter().filter(|entry| entry.severity == Severity::Error).collect()
}

/// Nothing is heard of the ramdisk for too long.
async fn silence(scene: &Scene) {
    scene.wait(61);
    scene.join().await;
    scene.control.sweep_once().await;
}

fn reader_of(project: &str) -> RequestContext {
    let actor =
        Actor { project: Some(project.to_owned()), roles: vec!["reader".to_owned()], ..Actor::default() };
    RequestContext::new(actor, String::new())
}

#[tokio::test]
async fn a_silence_names_what_went_wrong_before_and_so_does_what_follows() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (node, task) = waiting(&scene, "n", "p").await;
        let stranger = Heartbeat {
            callback_url: "http://user:pw@192.0.2.7:9999".to_owned(),
            agent_token: Some("stolen".to_owned()),
            ..Heartbeat::default()
        };
        for _ in 0..2 {
            let refused = scene.control.heartbeat(&node.uuid.to_string(), &stranger).await;
            assert!(matches!(refused, Err(ControlError::Invalid(_))), "{refused:?}");
        }
        scene.control.note_trouble(task, code::IMAGE_NOT_FOUND, "does not explain a silence", None).await;
        silence(&scene).await;

        let [failed] = errors(&scene, &node).await.try_into().unwrap();
        assert!(
            failed
                .event
                .starts_with("An agent called and was refused: its token is not the node's (2 times since"),
            "{}",
            failed.event
        );
        assert!(
            failed
                .event
                .contains("For that reason waiting for the ramdisk during deploy failed: Timeout reached")
        );
        assert_eq!(failed.details.code.as_deref(), Some(code::RAMDISK_SILENT));
        let cause = failed.details.cause.unwrap();
        assert_eq!((cause.code.as_str(), cause.seen), (code::AGENT_TOKEN_MISMATCH, 2));
        assert!(cause.evidence.unwrap().contains("from http://192.0.2.7:9999: Agent token is not valid"));
        assert!(failed.details.advice.unwrap().starts_with("reboot the ramdisk"));
        assert_eq!(failed.details.task, Some(task));
        assert_eq!(failed.state.as_deref(), Some("deploy failed"));
        assert_eq!(failed.duration_seconds, Some(61));
        let node = scene.control.get_node(&node.uuid.to_string()).await.unwrap();
        assert_eq!(node.status.last_error.as_ref(), Some(&failed.event));

        // What cleans up after it meets a BMC that is gone, for which the stranger is no reason.
        let (clean_up, grant) = scene.claim(&node).await;
        let gone = Failure::new(code::REDFISH_UNREACHABLE, "abort", "nobody answers");
        scene.report_quietly(clean_up, &grant, TaskOutcome::Failed(gone)).await;
        let last = errors(&scene, &node).await.pop().unwrap();
        assert_eq!(
            (last.details.code.as_deref(), last.details.cause),
            (Some(code::REDFISH_UNREACHABLE), None)
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_owns_nodes_sees_their_failures_and_no_others() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let control = &scene.control;
        let (mine, _) = waiting(&scene, "mine", "p").await;
        let (_theirs, _) = waiting(&scene, "theirs", "q").await;
        silence(&scene).await;
        let verified = scene.node_in(ProvisionState::Enroll, "fine", |node| node).await;
        scene.provision(&verified, &ProvisionRequest::of(Verb::Manage)).await;
        let (task, grant) = scene.claim(&verified).await;
        scene.report(task, &grant, 1, succeeded(), Event::Done).await;

        let query = FingerprintQuery { since: OffsetDateTime::UNIX_EPOCH, marker: None, limit: 10 };
        let count = async |context: &RequestContext| -> Vec<(i64, i64)> {
            let found = control.list_fingerprints(context, &query).await.unwrap();
            found.into_iter().map(|one| (one.seen, one.nodes)).collect()
        };
        assert_eq!(count(&Scene::context()).await, [(2, 2)]);
        assert_eq!(count(&reader_of("p")).await, [(1, 1)]);
        assert!(count(&reader_of("nobody")).await.is_empty());
        let nobody = RequestContext::new(Actor::default(), String::new());
        assert!(matches!(control.list_fingerprints(&nobody, &query).await, Err(ControlError::Forbidden(_))));

        let fingerprint = errors(&scene, &mine).await[0].fingerprint.clone().unwrap();
        let (one, _) = control.get_fingerprint(&reader_of("p"), &fingerprint).await.unwrap();
        assert_eq!((one.code.as_str(), one.nodes), (code::RAMDISK_SILENT, 1));
        let hidden = control.get_fingerprint(&reader_of("nobody"), &fingerprint).await;
        assert!(matches!(hidden, Err(ControlError::NotFound(_))));

        let page = Page { sort_key: "id".to_owned(), ..Page::default() };
        let listed = async |context: &RequestContext, query: HistoryQuery| {
            control.list_all_history(context, &query, &page).await.unwrap().len()
        };
        let same = HistoryQuery { fingerprint: Some(fingerprint), ..HistoryQuery::default() };
        assert_eq!(listed(&Scene::context(), same.clone()).await, 2);
        let failed = HistoryQuery { severity: Some(Severity::Error), ..HistoryQuery::default() };
        assert_eq!(listed(&Scene::context(), failed.clone()).await, 2);
        assert_eq!(listed(&reader_of("p"), failed).await, 1);
        assert_eq!(listed(&reader_of("q"), same).await, 1);
    })
    .await;
}
