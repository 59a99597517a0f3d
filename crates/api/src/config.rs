//! What an operator may decide about the API.

mod keystone;
mod limits;

pub use keystone::KeystoneConfig;
pub use limits::LimitsConfig;

use ferric_model::secret::Secret;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Section `api` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// Address and port of the REST API.
    pub listen: SocketAddr,
    /// Certificate chain of the listener, which speaks plain HTTP without one; read again when it changes.
    pub tls_cert: Option<PathBuf>,
    /// Private key of `tls_cert`.
    pub tls_key: Option<PathBuf>,
    /// Base URL of links in answers, without `/v1`; what the request calls this host if empty.
    pub public_url: String,
    /// Threads that serve requests; the number of processors if 0.
    pub workers: usize,
    /// How long an idle connection is kept, in seconds.
    pub keep_alive_secs: u64,
    /// How long running requests may take to end after the stop signal, in seconds.
    pub shutdown_secs: u64,
    /// Largest body of a request, in bytes.
    pub max_body_bytes: usize,
    /// Largest body of `states/provision`, which may carry a configdrive, in bytes.
    pub max_provision_body_bytes: usize,
    /// Largest body of `continue_inspection`, in bytes.
    pub max_inspection_body_bytes: usize,
    /// Largest body of `POST /v1/bulk`, which may carry many nodes, in bytes.
    pub max_bulk_body_bytes: usize,
    /// How deeply JSON may be nested.
    pub max_json_depth: usize,
    /// How much memory is used to keep nodes as they were shown, for lists that show them again, in bytes; 0 keeps none.
    pub node_cache_bytes: u64,
    /// Whether ramdisks may look up nodes and report.
    pub enable_ramdisk_endpoints: bool,
    /// What keeps one caller from standing in the way of the others.
    pub limits: LimitsConfig,
}

/// Section `auth` of the configuration.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// How callers are recognized.
    pub strategy: AuthStrategy,
    /// File of users for `http_basic`: lines `user:bcrypt hash`.
    pub http_basic_file: PathBuf,
    /// How tokens are validated, for `keystone`.
    pub keystone: KeystoneConfig,
}

/// How callers are recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum AuthStrategy {
    /// Everybody may do everything.
    #[default]
    Noauth,
    /// User and password with each request.
    HttpBasic,
    /// A token of Keystone with each request.
    Keystone,
}

/// Section `grpc` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrpcConfig {
    /// Address and port of the gRPC services.
    pub listen: SocketAddr,
    /// What conductors must show; nothing is asked for if absent.
    pub token: Option<Secret<String>>,
    /// Certificate chain of the listener, which is not encrypted without one; read again when it changes.
    pub tls_cert: Option<PathBuf>,
    /// Private key of `tls_cert`.
    pub tls_key: Option<PathBuf>,
    /// Authorities one of which must vouch for the certificate of a conductor; none is asked for if absent.
    pub tls_client_ca: Option<PathBuf>,
    /// Whether that certificate must name the host that the conductor says to be, so that none can speak for another.
    pub tls_client_names_host: bool,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 6385)),
            tls_cert: None,
            tls_key: None,
            public_url: String::new(),
            workers: 0,
            keep_alive_secs: 75,
            shutdown_secs: 30,
            max_body_bytes: 1024 * 1024,
            max_provision_body_bytes: 64 * 1024 * 1024,
            max_inspection_body_bytes: 16 * 1024 * 1024,
            max_bulk_body_bytes: 16 * 1024 * 1024,
            max_json_depth: 25,
            node_cache_bytes: 64 * 1024 * 1024,
            enable_ramdisk_endpoints: true,
            limits: LimitsConfig::default(),
        }
    }
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 6390)),
            token: None,
            tls_cert: None,
            tls_key: None,
            tls_client_ca: None,
            tls_client_names_host: false,
        }
    }
}
