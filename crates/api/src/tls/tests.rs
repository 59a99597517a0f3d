//! Both listeners take their settings from `ServerTls`; here it serves gRPC's health service.

use super::{ServerTls, accept};
use crate::grpc::{Certificate as Asked, ConductorIdentity};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use tonic::Code;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity, Server};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

struct Authority(CertifiedIssuer<'static, KeyPair>);

/// Files of a listener that trusts itself and its clients to one authority.
struct Files {
    folder: TempDir,
}

/// A listener with an interceptor that wants certificates.
struct Served {
    url: String,
    _server: AbortOnDropHandle<()>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Certificate and key for `127.0.0.1`.
    fn issue(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    fn identity(&self) -> Identity {
        let (cert, key) = self.issue();
        Identity::from_pem(cert, key)
    }
}

impl Files {
    fn new(authority: &Authority) -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        let (cert, key) = authority.issue();
        files.replace("cert", &cert);
        files.replace("key", &key);
        files.replace("ca", &authority.0.pem());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn replace(&self, name: &str, text: &str) {
        let new = self.path("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.path(name)).unwrap();
    }

    async fn serve(&self, with_clients: bool) -> Served {
        let (cert, key, ca) = (self.path("cert"), self.path("key"), self.path("ca"));
        let mut config =
            settings(Some(&cert), Some(&key), with_clients.then_some(&ca)).config().unwrap().unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let (_, health) = tonic_health::server::health_reporter();
        let asked = if with_clients { Asked::Shown } else { Asked::NotAsked };
        let service = InterceptedService::new(health, ConductorIdentity::new(None, asked));
        let server = Server::builder().add_service(service).serve_with_incoming(accept(listener, config));
        Served { url, _server: AbortOnDropHandle::new(tokio::spawn(async move { server.await.unwrap() })) }
    }
}

impl Served {
    /// One call on a connection of its own; the failure as text.
    async fn call(&self, trusted: &Authority, identity: Option<Identity>) -> Result<(), (Code, String)> {
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(trusted.0.pem()));
        if let Some(identity) = identity {
            tls = tls.identity(identity);
        }
        let endpoint = Endpoint::from_shared(self.url.clone()).unwrap().tls_config(tls).unwrap();
        let mut client = HealthClient::new(endpoint.connect_lazy());
        let answer = client.check(HealthCheckRequest::default()).await;
        answer.map(|_| ()).map_err(|status| (status.code(), format!("{status:?}")))
    }
}

fn settings<'a>(
    cert: Option<&'a PathBuf>,
    key: Option<&'a PathBuf>,
    client_ca: Option<&'a PathBuf>,
) -> ServerTls<'a> {
    ServerTls { keys: ["x.tls_cert", "x.tls_key", "x.tls_client_ca"], cert, key, client_ca }
}

#[tokio::test]
async fn a_certificate_is_replaced_while_the_listener_serves() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let files = Files::new(&old);
    let served = files.serve(false).await;
    served.call(&old, None).await.unwrap();
    let (_, refused) = served.call(&new, None).await.unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");

    let (cert, key) = new.issue();
    files.replace("cert", &cert);
    // The key does not fit yet.
    served.call(&old, None).await.unwrap();
    files.replace("key", &key);
    served.call(&new, None).await.unwrap();
    assert!(served.call(&old, None).await.is_err());
    std::fs::remove_file(files.path("cert")).unwrap();
    served.call(&new, None).await.unwrap();
}

#[tokio::test]
async fn a_conductor_without_a_known_certificate_is_refused() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let files = Files::new(&ours);
    let served = files.serve(true).await;
    served.call(&ours, Some(ours.identity())).await.unwrap();
    let (code, refused) = served.call(&ours, None).await.unwrap_err();
    assert_eq!(code, Code::Unauthenticated);
    assert!(refused.contains("grpc.client_cert"), "{refused}");
    let (code, _) = served.call(&ours, Some(others.identity())).await.unwrap_err();
    assert_ne!(code, Code::Unauthenticated);

    files.replace("ca", &others.0.pem());
    served.call(&ours, Some(others.identity())).await.unwrap();
    assert!(served.call(&ours, Some(ours.identity())).await.is_err());
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let files = Files::new(&Authority::new("ours"));
    let (cert, key, ca) = (files.path("cert"), files.path("key"), files.path("ca"));
    let nowhere = Path::new("/nowhere.pem").to_owned();
    assert!(settings(None, None, None).config().unwrap().is_none());
    for (settings, name, reason) in [
        (settings(Some(&cert), None, None), "x.tls_key", "needed with x.tls_cert"),
        (settings(None, Some(&key), None), "x.tls_cert", "needed with x.tls_key"),
        (settings(None, None, Some(&ca)), "x.tls_cert", "needed with x.tls_client_ca"),
        (settings(Some(&nowhere), Some(&key), None), "x.tls_cert", "/nowhere.pem cannot be read"),
        (settings(Some(&key), Some(&key), None), "x.tls_cert", "holds no PEM certificate"),
        (settings(Some(&cert), Some(&cert), None), "x.tls_cert", "cert holds nothing"),
        (settings(Some(&ca), Some(&key), None), "x.tls_cert", "do not go together"),
        (settings(Some(&cert), Some(&key), Some(&nowhere)), "x.tls_client_ca", "/nowhere.pem cannot be read"),
    ] {
        let text = settings.config().unwrap_err().to_string();
        assert!(text.starts_with(&format!("{name}: ")) && text.contains(reason), "{text}");
    }
}
