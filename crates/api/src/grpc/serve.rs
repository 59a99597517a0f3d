//! The gRPC listener.

use super::boot_service::Boots;
use super::bulk_service::Bulks;
use super::callers::Callers;
use super::conductor_service::Conductors;
use super::history_service::Histories;
use super::identity::{Certificate, ConductorIdentity};
use super::watch_service::Watches;
use crate::config::{AuthConfig, GrpcConfig};
use crate::error::ApiError;
use crate::rest::Authenticator;
use crate::tls::{self, ServerTls};
use ferric_control::Control;
use ferric_proto::v1::boot_service_server::BootServiceServer;
use ferric_proto::v1::bulk_service_server::BulkServiceServer;
use ferric_proto::v1::conductor_service_server::ConductorServiceServer;
use ferric_proto::v1::node_history_service_server::NodeHistoryServiceServer;
use ferric_proto::v1::watch_service_server::WatchServiceServer;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;

/// Largest message taken: a node with a configdrive travels to its conductor and back.
const MAX_MESSAGE_BYTES: usize = 96 * 1024 * 1024;

/// How often a silent connection is asked whether it lives.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// Longest a call may take on the server.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);

/// Serves gRPC until told to stop, then lets running calls end.
///
/// **Errors**: `Config` when callers cannot be recognized as `auth` says; `Grpc`, `Io`.
pub async fn serve(
    control: Arc<Control>,
    config: &GrpcConfig,
    auth: &AuthConfig,
    stop: CancellationToken,
) -> Result<(), ApiError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<ConductorServiceServer<Conductors>>().await;
    health.set_serving::<BootServiceServer<Boots>>().await;
    health.set_serving::<NodeHistoryServiceServer<Histories>>().await;
    health.set_serving::<BulkServiceServer<Bulks>>().await;
    health.set_serving::<WatchServiceServer<Watches>>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(ferric_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| ApiError::Grpc(error.into()))?;
    let identity = ConductorIdentity::new(config.token.clone(), certificate(config)?);
    let conductors = ConductorServiceServer::new(Conductors::new(Arc::clone(&control), identity.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let callers = Arc::new(Callers::new(identity.clone(), Authenticator::new(auth, control.clock())?));
    let bulks = Bulks::new(Arc::clone(&control), Arc::clone(&callers), stop.clone());
    let bulks = BulkServiceServer::new(bulks).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let boots =
        BootServiceServer::new(Boots::new(Arc::clone(&control))).max_encoding_message_size(MAX_MESSAGE_BYTES);
    let boots = InterceptedService::new(boots, identity.clone());
    let watches =
        WatchServiceServer::new(Watches::new(Arc::clone(&control), Arc::clone(&callers), stop.clone()));
    let conductors = InterceptedService::new(conductors, identity);
    let tls = ServerTls {
        keys: ["grpc.tls_cert", "grpc.tls_key", "grpc.tls_client_ca"],
        cert: config.tls_cert.as_ref(),
        key: config.tls_key.as_ref(),
        client_ca: config.tls_client_ca.as_ref(),
    };
    let tls = tls.config()?;
    let listener = TcpListener::bind(config.listen).await?;
    tracing::info!(listen = %config.listen, "gRPC is served");
    let router = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .timeout(CALL_TIMEOUT)
        .add_service(health_service)
        .add_service(reflection)
        .add_service(conductors)
        .add_service(boots)
        .add_service(bulks)
        .add_service(watches)
        .add_service(NodeHistoryServiceServer::new(Histories::new(control, callers)));
    let stop = stop.cancelled_owned();
    match tls {
        Some(mut tls) => {
            tls.alpn_protocols = vec![b"h2".to_vec()];
            router.serve_with_incoming_shutdown(tls::accept(listener, tls), stop).await
        }
        None => router.serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop).await,
    }
    .map_err(|error| ApiError::Grpc(error.into()))
}

/// What conductors have to show.
///
/// **Errors**: `Config` when nobody vouches for the certificates that have to name a host.
fn certificate(config: &GrpcConfig) -> Result<Certificate, ApiError> {
    match (&config.tls_client_ca, config.tls_client_names_host) {
        (None, true) => Err(ApiError::Config {
            key: "grpc.tls_client_names_host",
            reason: "needs grpc.tls_client_ca, which vouches for what certificates say".to_owned(),
        }),
        (None, false) => Ok(Certificate::NotAsked),
        (Some(_), false) => Ok(Certificate::Shown),
        (Some(_), true) => Ok(Certificate::NamesHost),
    }
}
