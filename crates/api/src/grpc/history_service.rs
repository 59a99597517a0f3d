//! `ferric.v1.NodeHistoryService`: reading the history of nodes.

use super::callers::Callers;
use super::error::{invalid, status};
use ferric_control::Control;
use ferric_model::page::{Page, SortDirection};
use ferric_proto::history_entry_to_wire;
use ferric_proto::v1::node_history_service_server::NodeHistoryService;
use ferric_proto::v1::{
    GetNodeHistoryEntryRequest, GetNodeHistoryEntryResponse, ListNodeHistoryRequest, ListNodeHistoryResponse,
};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service over a control plane.
#[derive(Debug)]
pub(crate) struct Histories {
    control: Arc<Control>,
    callers: Arc<Callers>,
}

/// Paths of the methods.
const LIST: &str = "/ferric.v1.NodeHistoryService/ListNodeHistory";
const GET: &str = "/ferric.v1.NodeHistoryService/GetNodeHistoryEntry";

/// Entries of a page when the caller names no number.
const DEFAULT_PAGE: i64 = 100;

impl Histories {
    /// Serves `control` to `callers`.
    pub(crate) fn new(control: Arc<Control>, callers: Arc<Callers>) -> Self {
        Self { control, callers }
    }
}

#[tonic::async_trait]
impl NodeHistoryService for Histories {
    async fn list_node_history(
        &self,
        request: Request<ListNodeHistoryRequest>,
    ) -> Result<Response<ListNodeHistoryResponse>, Status> {
        let context = self.callers.context(&request, LIST).await?;
        let request = request.into_inner();
        let most = self.control.settings().max_limit;
        let limit = match i64::from(request.page_size) {
            0 => DEFAULT_PAGE,
            size if size < 0 => return Err(Status::invalid_argument("page_size must not be negative")),
            size => size.min(most),
        };
        let page = Page {
            limit,
            marker: Some(request.page_token).filter(|token| !token.is_empty()),
            sort_key: "created_at".to_owned(),
            sort_dir: SortDirection::Desc,
        };
        let entries = self
            .control
            .list_history(&context, &request.node, &page)
            .await
            .map_err(|error| status(&error))?;
        let full = i64::try_from(entries.len()).is_ok_and(|count| count == limit);
        let next_page_token =
            entries.last().filter(|_| full).map(|entry| entry.uuid.to_string()).unwrap_or_default();
        let entries = entries.iter().map(history_entry_to_wire).collect();
        Ok(Response::new(ListNodeHistoryResponse { entries, next_page_token }))
    }

    async fn get_node_history_entry(
        &self,
        request: Request<GetNodeHistoryEntryRequest>,
    ) -> Result<Response<GetNodeHistoryEntryResponse>, Status> {
        let context = self.callers.context(&request, GET).await?;
        let request = request.into_inner();
        let entry = request.entry.parse().map_err(|error| invalid("entry", &error))?;
        let entry =
            self.control.get_history(&context, &request.node, entry).await.map_err(|error| status(&error))?;
        Ok(Response::new(GetNodeHistoryEntryResponse { entry: Some(history_entry_to_wire(&entry)) }))
    }
}
