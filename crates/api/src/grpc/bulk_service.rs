//! `ferric.v1.BulkService`: operations on many nodes.

use super::callers::Callers;
use super::error::{invalid, status};
use crate::rest::{NUL_REFUSAL, holds_nul};
use ferric_control::{
    BulkItems, BulkReading, Control, ControlError, Keyed, KeyedOutcome, NewBulk, RequestContext, StoredAnswer,
};
use ferric_model::page::{Page, SortDirection};
use ferric_proto::v1::bulk_service_server::BulkService;
use ferric_proto::v1::{
    Bulk, CancelBulkRequest, CancelBulkResponse, GetBulkRequest, GetBulkResponse, ListBulkItemsRequest,
    ListBulkItemsResponse, ListBulkRequest, ListBulkResponse, StartBulkRequest, StartBulkResponse,
    WatchBulkRequest, WatchBulkResponse,
};
use ferric_proto::{item_state_from_wire, operation_item_to_wire, operation_to_wire};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// The service over a control plane.
#[derive(Debug)]
pub(crate) struct Bulks {
    control: Arc<Control>,
    callers: Arc<Callers>,
    stop: CancellationToken,
}

/// Paths of the methods.
const START: &str = "/ferric.v1.BulkService/StartBulk";
const GET: &str = "/ferric.v1.BulkService/GetBulk";
const LIST: &str = "/ferric.v1.BulkService/ListBulk";
const LIST_ITEMS: &str = "/ferric.v1.BulkService/ListBulkItems";
const CANCEL: &str = "/ferric.v1.BulkService/CancelBulk";
const WATCH: &str = "/ferric.v1.BulkService/WatchBulk";

/// Entries of a page when the caller names no number.
const DEFAULT_PAGE: i64 = 100;

impl Bulks {
    /// Serves `control` to `callers`; those who watch are let go when `stop` is told.
    pub(crate) fn new(control: Arc<Control>, callers: Arc<Callers>, stop: CancellationToken) -> Self {
        Self { control, callers, stop }
    }

    /// Begins an operation, once for its key.
    async fn start_keyed(
        &self,
        mut context: RequestContext,
        key: &str,
        document: &Value,
    ) -> Result<BulkReading, ControlError> {
        let digest = Sha256::digest(format!("{START} {document}"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let (identity, left) = match self.control.begin_keyed(&context, key, &digest).await? {
            Keyed::Answered(answer) => {
                let uuid = answer.body.unwrap_or_default().parse().map_err(ControlError::internal)?;
                return self.control.get_bulk(&context, uuid).await;
            }
            Keyed::New(identity) => (identity, false),
            Keyed::Left(identity, _) => (identity, true),
        };
        context.identity = Some(identity);
        let begun = match self.start(&context, document).await {
            Err(ControlError::Conflict(_)) if left => self.control.get_bulk(&context, identity).await,
            other => other,
        };
        let outcome = match &begun {
            Ok(_) => {
                let body = Some(identity.to_string());
                KeyedOutcome::Done(StoredAnswer { status: 0, location: None, body })
            }
            Err(error) if error.retryable() || matches!(error, ControlError::Internal(_)) => {
                KeyedOutcome::Unknown
            }
            Err(_) => KeyedOutcome::Refused,
        };
        self.control.end_keyed(&context, key, &outcome).await;
        begun
    }

    async fn start(&self, context: &RequestContext, document: &Value) -> Result<BulkReading, ControlError> {
        self.control.start_bulk(context, &NewBulk::parse(document)?).await
    }

    /// How many entries a page has.
    fn limit(&self, page_size: i32) -> Result<i64, Status> {
        match i64::from(page_size) {
            0 => Ok(DEFAULT_PAGE),
            size if size < 0 => Err(Status::invalid_argument("page_size must not be negative")),
            size => Ok(size.min(self.control.settings().max_limit)),
        }
    }
}

#[tonic::async_trait]
impl BulkService for Bulks {
    async fn start_bulk(
        &self,
        request: Request<StartBulkRequest>,
    ) -> Result<Response<StartBulkResponse>, Status> {
        let context = self.callers.context(&request, START).await?;
        let StartBulkRequest { document_json, idempotency_key } = request.into_inner();
        let document: Value =
            serde_json::from_str(&document_json).map_err(|error| invalid("document_json", &error))?;
        if holds_nul(&document) {
            return Err(Status::invalid_argument(NUL_REFUSAL));
        }
        let begun = if idempotency_key.is_empty() {
            self.start(&context, &document).await
        } else {
            self.start_keyed(context, &idempotency_key, &document).await
        };
        let bulk = Some(wire(&begun.map_err(|error| status(&error))?));
        Ok(Response::new(StartBulkResponse { bulk }))
    }

    async fn get_bulk(&self, request: Request<GetBulkRequest>) -> Result<Response<GetBulkResponse>, Status> {
        let context = self.callers.context(&request, GET).await?;
        let uuid = uuid(&request.into_inner().bulk)?;
        let reading = self.control.get_bulk(&context, uuid).await.map_err(|error| status(&error))?;
        Ok(Response::new(GetBulkResponse { bulk: Some(wire(&reading)) }))
    }

    async fn list_bulk(
        &self,
        request: Request<ListBulkRequest>,
    ) -> Result<Response<ListBulkResponse>, Status> {
        let context = self.callers.context(&request, LIST).await?;
        let request = request.into_inner();
        let limit = self.limit(request.page_size)?;
        let page = Page {
            limit,
            marker: Some(request.page_token).filter(|token| !token.is_empty()),
            sort_key: "created_at".to_owned(),
            sort_dir: SortDirection::Desc,
        };
        let found = self.control.list_bulk(&context, &page).await.map_err(|error| status(&error))?;
        let last = found.last().map(|reading| reading.operation.uuid.to_string());
        let next_page_token = last.filter(|_| is_full(found.len(), limit)).unwrap_or_default();
        Ok(Response::new(ListBulkResponse { bulks: found.iter().map(wire).collect(), next_page_token }))
    }

    async fn list_bulk_items(
        &self,
        request: Request<ListBulkItemsRequest>,
    ) -> Result<Response<ListBulkItemsResponse>, Status> {
        let context = self.callers.context(&request, LIST_ITEMS).await?;
        let request = request.into_inner();
        let uuid = uuid(&request.bulk)?;
        let limit = self.limit(request.page_size)?;
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(token.parse::<i64>().map_err(|error| invalid("page_token", &error))?),
        };
        let asked = BulkItems { state: item_state_from_wire(request.state()), after, limit };
        let items =
            self.control.list_bulk_items(&context, uuid, &asked).await.map_err(|error| status(&error))?;
        let last = items.last().map(|item| item.position.to_string());
        let next_page_token = last.filter(|_| is_full(items.len(), limit)).unwrap_or_default();
        let items = items.iter().map(operation_item_to_wire).collect();
        Ok(Response::new(ListBulkItemsResponse { items, next_page_token }))
    }

    async fn cancel_bulk(
        &self,
        request: Request<CancelBulkRequest>,
    ) -> Result<Response<CancelBulkResponse>, Status> {
        let context = self.callers.context(&request, CANCEL).await?;
        let uuid = uuid(&request.into_inner().bulk)?;
        let reading = self.control.cancel_bulk(&context, uuid).await.map_err(|error| status(&error))?;
        Ok(Response::new(CancelBulkResponse { bulk: Some(wire(&reading)) }))
    }

    type WatchBulkStream = BoxStream<'static, Result<WatchBulkResponse, Status>>;

    async fn watch_bulk(
        &self,
        request: Request<WatchBulkRequest>,
    ) -> Result<Response<Self::WatchBulkStream>, Status> {
        let context = self.callers.context(&request, WATCH).await?;
        let uuid = uuid(&request.into_inner().bulk)?;
        let control = Arc::clone(&self.control);
        let news =
            control.watch_bulk(context, uuid, self.stop.clone()).await.map_err(|error| status(&error))?;
        let messages = news.map(|news| {
            let news = news.map_err(|error| status(&error))?;
            let ended = news.ended.iter().map(operation_item_to_wire).collect();
            Ok(WatchBulkResponse { bulk: Some(wire(&news.reading)), ended })
        });
        Ok(Response::new(messages.boxed()))
    }
}

fn wire(reading: &BulkReading) -> Bulk {
    operation_to_wire(&reading.operation, &reading.counts)
}

fn uuid(text: &str) -> Result<Uuid, Status> {
    text.parse().map_err(|error| invalid("bulk", &error))
}

fn is_full(count: usize, limit: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count == limit)
}
