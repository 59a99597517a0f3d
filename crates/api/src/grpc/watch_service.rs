//! `ferric.v1.WatchService`: what changes, for those who would poll otherwise.

use super::callers::Callers;
use super::error::status;
use ferric_control::{Control, NodeNews};
use ferric_model::node::{ChangeKind, NodeSheet};
use ferric_proto::v1::watch_nodes_response::News;
use ferric_proto::v1::watch_service_server::WatchService;
use ferric_proto::v1::{Bookmark, NodeGone, NodeState, Resume, WatchNodesRequest, WatchNodesResponse};
use futures::StreamExt;
use futures::stream::BoxStream;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// The service over a control plane.
#[derive(Debug)]
pub(crate) struct Watches {
    control: Arc<Control>,
    callers: Arc<Callers>,
    stop: CancellationToken,
}

const NODES: &str = "/ferric.v1.WatchService/WatchNodes";

impl Watches {
    /// Serves `control` to `callers`; those who watch are let go when `stop` is told.
    pub(crate) fn new(control: Arc<Control>, callers: Arc<Callers>, stop: CancellationToken) -> Self {
        Self { control, callers, stop }
    }
}

#[tonic::async_trait]
impl WatchService for Watches {
    type WatchNodesStream = BoxStream<'static, Result<WatchNodesResponse, Status>>;

    async fn watch_nodes(
        &self,
        request: Request<WatchNodesRequest>,
    ) -> Result<Response<Self::WatchNodesStream>, Status> {
        let context = self.callers.context(&request, NODES).await?;
        let since = request.into_inner().since;
        let control = Arc::clone(&self.control);
        let news = control.watch_nodes(&context, since, None, self.stop.clone()).await;
        let news = news.map_err(|error| status(&error))?;
        Ok(Response::new(news.map(|news| news.map(wire).map_err(|error| status(&error))).boxed()))
    }
}

fn wire(news: NodeNews) -> WatchNodesResponse {
    let (revision, news) = match news {
        NodeNews::Bookmark(revision) => (revision, News::Bookmark(Bookmark {})),
        NodeNews::Changed { revision, kind: ChangeKind::Created, node } => {
            (revision, News::Created(state(&node)))
        }
        NodeNews::Changed { revision, node, .. } => (revision, News::Updated(state(&node))),
        NodeNews::Gone { revision, node_uuid, generation } => {
            (revision, News::Deleted(NodeGone { uuid: node_uuid.to_string(), generation }))
        }
        NodeNews::Resume(revision) => (revision, News::Resume(Resume {})),
    };
    WatchNodesResponse { revision, news: Some(news) }
}

fn state(node: &NodeSheet) -> NodeState {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    NodeState {
        uuid: node.key.uuid.to_string(),
        generation: node.key.generation,
        name: text(&node.name),
        driver: node.key.driver.clone(),
        provision_state: node.state.as_str().to_owned(),
        target_provision_state: text(&node.others.target_provision_state),
        power_state: text(&node.power_state),
        target_power_state: text(&node.others.target_power_state),
        maintenance: node.maintenance,
        instance_uuid: text(&node.instance_uuid),
        resource_class: text(&node.others.resource_class),
        owner: text(&node.key.owner),
        lessee: text(&node.key.lessee),
    }
}
