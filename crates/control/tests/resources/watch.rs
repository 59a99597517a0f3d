//! Watching nodes: what is told, to whom, and from where one resumes.

use crate::scene::Scene;
use ferric_control::{Actor, Control, ControlError, NodeNews, RequestContext};
use ferric_db::testing::on_each;
use ferric_db::{Conn, DbError, node_changes, nodes};
use ferric_model::node::{ChangeKind, Node};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

type News = BoxStream<'static, Result<NodeNews, ControlError>>;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

async fn next(news: &mut News) -> NodeNews {
    tokio::time::timeout(PATIENCE, news.next()).await.unwrap().unwrap().unwrap()
}

/// The next news that is no bookmark, in short.
async fn told(news: &mut News) -> (&'static str, Uuid, i64) {
    loop {
        match next(news).await {
            NodeNews::Bookmark(_) => {}
            NodeNews::Changed { kind: ChangeKind::Created, node, .. } => {
                return ("created", node.key.uuid, node.key.generation);
            }
            NodeNews::Changed { node, .. } => return ("updated", node.key.uuid, node.key.generation),
            NodeNews::Gone { node_uuid, generation, .. } => return ("deleted", node_uuid, generation),
            NodeNews::Resume(revision) => panic!("the stream ends at {revision}"),
        }
    }
}

fn following(control: &Arc<Control>) -> DropGuard {
    let (stop, control) = (CancellationToken::new(), Arc::clone(control));
    let until = stop.clone();
    tokio::spawn(async move { control.run_watch(until).await });
    stop.drop_guard()
}

async fn watch(
    control: &Arc<Control>,
    who: &RequestContext,
    since: Option<i64>,
) -> Result<News, ControlError> {
    let stop = CancellationToken::new();
    Ok(Arc::clone(control).watch_nodes(who, since, None, stop).await?.boxed())
}

async fn change(control: &Control, node: &Node, change: impl Fn(&mut Node) + Send + Sync) {
    let ident = node.uuid.to_string();
    let changed = control.change_node(&ident, |node| {
        change(node);
        Ok(())
    });
    changed.await.unwrap();
}

fn of_project(project: &str) -> RequestContext {
    let (project, roles) = (Some(project.to_owned()), vec!["reader".to_owned()]);
    let actor = Actor { project, roles, is_admin_project: true, ..Actor::default() };
    RequestContext::new(actor, "req-1".to_owned())
}

#[tokio::test]
async fn what_any_process_writes_is_told_and_told_again_to_who_resumes() {
    on_each(async |database| {
        let scene = Scene::new(database.store.clone()).await;
        let other = scene.second().await;
        let _following = [following(&scene.control), following(&other)];
        let everybody = RequestContext::system();
        let mut news = watch(&scene.control, &everybody, None).await.unwrap();
        let NodeNews::Bookmark(begin) = next(&mut news).await else { panic!("no bookmark") };
        let node = scene.node("a", |node| node).await;
        assert_eq!(told(&mut news).await, ("created", node.uuid, 1));
        change(&other, &node, |node| node.retired = true).await;
        assert_eq!(told(&mut news).await, ("updated", node.uuid, 2));
        let kept = scene.node("b", |node| node).await;
        assert_eq!(told(&mut news).await, ("created", kept.uuid, 1));
        let gone = async |conn: &mut Conn| nodes::delete(conn, node.uuid, 2).await;
        let deleted: Result<bool, DbError> = database.store.write("delete", gone).await;
        assert!(deleted.unwrap());
        assert_eq!(told(&mut news).await, ("deleted", node.uuid, 2));

        // Whoever was away is told the same by another process: nodes as they are now, so nothing of what has gone but that.
        let mut again = watch(&other, &everybody, Some(begin)).await.unwrap();
        assert_eq!(told(&mut again).await, ("created", kept.uuid, 1));
        assert_eq!(told(&mut again).await, ("deleted", node.uuid, 2));
        change(&other, &kept, |node| node.retired = true).await;
        assert_eq!(told(&mut again).await, ("updated", kept.uuid, 2));
    })
    .await;
}

#[tokio::test]
async fn nodes_of_other_projects_are_not_told_of() {
    on_each(async |database| {
        let scene = Scene::new(database.store.clone()).await;
        let _following = following(&scene.control);
        let mut news = watch(&scene.control, &of_project("own"), None).await.unwrap();
        assert!(matches!(next(&mut news).await, NodeNews::Bookmark(_)));
        let others = scene.node("others", |node| Node { owner: Some("other".to_owned()), ..node }).await;
        change(&scene.control, &others, |node| node.retired = true).await;
        let own = scene.node("own", |node| Node { owner: Some("own".to_owned()), ..node }).await;
        assert_eq!(told(&mut news).await, ("created", own.uuid, 1));
        change(&scene.control, &others, |node| node.lessee = Some("own".to_owned())).await;
        assert_eq!(told(&mut news).await, ("created", others.uuid, 3));
        change(&scene.control, &others, |node| node.lessee = None).await;
        assert_eq!(told(&mut news).await, ("deleted", others.uuid, 4));
        let nobody = RequestContext::new(Actor::default(), "req-2".to_owned());
        assert!(matches!(watch(&scene.control, &nobody, None).await, Err(ControlError::Forbidden(_))));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_known_any_more_is_refused_and_a_stop_says_where_to_resume() {
    on_each(async |database| {
        let scene = Scene::new(database.store.clone()).await;
        let _following = following(&scene.control);
        for name in ["a", "b", "c", "d"] {
            scene.node(name, |node| node).await;
        }
        let prune = async |conn: &mut Conn| node_changes::prune(conn, 2, 100).await;
        let pruned: Result<usize, DbError> = database.store.write("prune", prune).await;
        assert_eq!(pruned.unwrap(), 2);
        let everybody = RequestContext::system();
        for unknown in [0, 1, 1_000_000] {
            let refused = watch(&scene.control, &everybody, Some(unknown)).await.err();
            assert!(matches!(refused, Some(ControlError::Gone(_))), "{unknown}: {refused:?}");
        }
        let stop = CancellationToken::new();
        let watching = Arc::clone(&scene.control).watch_nodes(&everybody, Some(2), None, stop.clone()).await;
        let mut news: News = watching.unwrap().boxed();
        assert_eq!(told(&mut news).await.0, "created");
        assert_eq!(told(&mut news).await.0, "created");
        stop.cancel();
        let resume = loop {
            match next(&mut news).await {
                NodeNews::Resume(revision) => break revision,
                NodeNews::Bookmark(_) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(resume, 4);
        assert!(ended(news).await);
    })
    .await;
}

async fn ended(mut news: impl Stream + Unpin) -> bool {
    news.next().await.is_none()
}
