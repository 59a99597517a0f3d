//! Operations on many nodes, over gRPC.

use crate::golden::conductor;
use crate::in_process::InProcess;
use ferric_api::{AuthConfig, GrpcConfig};
use ferric_proto::v1::bulk_service_client::BulkServiceClient;
use ferric_proto::v1::{
    Bulk, BulkItemState, BulkState, CancelBulkRequest, GetBulkRequest, ListBulkItemsRequest, ListBulkRequest,
    StartBulkRequest, WatchBulkRequest,
};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

type Client = BulkServiceClient<Channel>;

async fn begin(client: &mut Client, document: &Value, key: &str) -> Result<Bulk, tonic::Status> {
    let request = StartBulkRequest { document_json: document.to_string(), idempotency_key: key.to_owned() };
    client.start_bulk(request).await.map(|answer| answer.into_inner().bulk.unwrap())
}

#[actix_web::test]
async fn operations_are_begun_read_watched_and_canceled() {
    let api = InProcess::new().await;
    conductor::join(&api.control).await;
    let stop = CancellationToken::new();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = GrpcConfig { listen, ..GrpcConfig::default() };
    let (control, grpc_stop) = (Arc::clone(&api.control), stop.clone());
    let served = tokio::spawn(async move {
        ferric_api::grpc::serve(control, &config, &AuthConfig::default(), grpc_stop).await
    });
    let endpoint = Endpoint::from_shared(format!("http://{listen}")).unwrap();
    let channel = loop {
        match endpoint.connect().await {
            Ok(channel) => break channel,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let mut client = BulkServiceClient::new(channel);

    let documents = json!([{"driver": "fake-hardware", "name": "a"}, {"driver": "none-such"}]);
    let create = json!({"action": "create", "documents": documents});
    let begun = begin(&mut client, &create, "k").await.unwrap();
    assert_eq!((begun.state(), begun.total, begun.pending), (BulkState::Queued, 2, 2));
    assert_eq!(begin(&mut client, &create, "k").await.unwrap().uuid, begun.uuid);
    let power = json!({"action": "power", "nodes": ["a", "b"], "target": "power on"});
    assert_eq!(begin(&mut client, &power, "k").await.unwrap_err().code(), Code::InvalidArgument);
    let waiting = begin(&mut client, &power, "").await.unwrap();
    assert_eq!(waiting.target, "power on");

    // While it is watched, somebody visits the first operation.
    let mut news =
        client.watch_bulk(WatchBulkRequest { bulk: begun.uuid.clone() }).await.unwrap().into_inner();
    assert_eq!(news.message().await.unwrap().unwrap().bulk.unwrap().state(), BulkState::Queued);
    let canceled = client.cancel_bulk(CancelBulkRequest { bulk: waiting.uuid.clone() }).await.unwrap();
    assert_eq!(canceled.into_inner().bulk.unwrap().canceled, 2);
    api.control.sweep_bulk().await.unwrap();
    let last = news.message().await.unwrap().unwrap();
    let shown = last.bulk.unwrap();
    assert_eq!((shown.state(), shown.succeeded, shown.failed), (BulkState::Failed, 1, 1));
    assert_eq!(last.ended.len(), 2);
    assert!(news.message().await.unwrap().is_none(), "the stream ends with the operation");

    let read = client.get_bulk(GetBulkRequest { bulk: begun.uuid.clone() }).await.unwrap();
    assert_eq!(read.into_inner().bulk.unwrap(), shown);
    let asked =
        ListBulkItemsRequest { bulk: begun.uuid.clone(), page_size: 1, ..ListBulkItemsRequest::default() };
    let first = client.list_bulk_items(asked.clone()).await.unwrap().into_inner();
    let second = ListBulkItemsRequest { page_token: first.next_page_token, ..asked.clone() };
    let second = client.list_bulk_items(second).await.unwrap().into_inner();
    let states = [first.items[0].state(), second.items[0].state()];
    assert_eq!(states, [BulkItemState::Succeeded, BulkItemState::Failed]);
    assert_eq!(second.items[0].error_kind, "invalid");
    let failed = ListBulkItemsRequest { state: BulkItemState::Failed.into(), ..asked };
    assert_eq!(client.list_bulk_items(failed).await.unwrap().into_inner().items, second.items);

    let first =
        client.list_bulk(ListBulkRequest { page_size: 1, ..ListBulkRequest::default() }).await.unwrap();
    let token = first.into_inner().next_page_token;
    let second = client.list_bulk(ListBulkRequest { page_size: 1, page_token: token }).await.unwrap();
    assert_eq!(second.into_inner().bulks[0].uuid, begun.uuid);

    for (bulk, code) in
        [("x", Code::InvalidArgument), ("99999999-0000-4000-8000-000000000000", Code::NotFound)]
    {
        let refused = client.get_bulk(GetBulkRequest { bulk: bulk.to_owned() }).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    let refused = client.cancel_bulk(CancelBulkRequest { bulk: waiting.uuid }).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let refused = begin(&mut client, &json!({"action": "fly"}), "").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);

    // Those who watch do not keep a process from stopping.
    let idle = begin(&mut client, &power, "").await.unwrap();
    let mut news = client.watch_bulk(WatchBulkRequest { bulk: idle.uuid }).await.unwrap().into_inner();
    assert!(news.message().await.unwrap().is_some());
    stop.cancel();
    assert!(news.message().await.unwrap().is_none());
    served.await.unwrap().unwrap();
}
