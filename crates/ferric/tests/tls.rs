//! A program whose REST API and gRPC are encrypted, and conductors that have or lack a certificate.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use reqwest::{Certificate, Client};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A running program, killed with this value.
struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Running {
    fn start(role: &str, settings: &[(&str, String)]) -> Self {
        let settings = settings.iter().map(|(key, value)| (format!("FERRIC__{key}"), value));
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferric"));
        command.arg(role).env_clear().envs(settings).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// Reads the log up to a line that holds `text`.
    fn says(&mut self, text: &str) -> String {
        let mut all = String::new();
        loop {
            let from = all.len();
            if self.log.read_line(&mut all).unwrap() == 0 {
                panic!("it ended without saying '{text}':\n{all}");
            }
            if all[from..].contains(text) {
                return all.split_off(from);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Writes `ca`, `cert` and `key`; each is replaced as a whole.
fn write_files(folder: &Path, authority: &Authority) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let cert = params.signed_by(&key, authority).unwrap();
    for (name, text) in [("ca", authority.pem()), ("cert", cert.pem()), ("key", key.serialize_pem())] {
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
    }
}

/// A client that trusts one authority.
fn client(trusted: &Authority) -> Client {
    let certificate = Certificate::from_pem(trusted.pem().as_bytes()).unwrap();
    Client::builder().tls_certs_only([certificate]).build().unwrap()
}

/// The conductors that the API knows, or why it was not reached.
async fn conductors(trusted: &Authority, address: &str) -> reqwest::Result<String> {
    let url = format!("https://{address}/v1/conductors");
    let request = client(trusted).get(url).header("X-OpenStack-Ironic-API-Version", "latest");
    request.send().await?.error_for_status()?.text().await
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn both_listeners_are_encrypted_and_conductors_are_known_by_certificate() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (authority("old"), authority("new"));
    write_files(folder.path(), &old);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (rest, grpc) = (free_address(), free_address());
    let dialing = vec![
        ("GRPC__ENDPOINTS", format!("https://{grpc}")),
        ("GRPC__CA", path("ca")),
        ("CONDUCTOR__START_JITTER_MS", "0".to_owned()),
        ("CONDUCTOR__HEALTH_LISTEN", "127.0.0.1:0".to_owned()),
    ];
    let mut settings = vec![
        ("DATABASE__URL", format!("sqlite:{}", path("ferric.db"))),
        ("API__LISTEN", rest.clone()),
        ("API__TLS_CERT", path("cert")),
        ("API__TLS_KEY", path("key")),
        ("GRPC__LISTEN", grpc.clone()),
        ("GRPC__TLS_CERT", path("cert")),
        ("GRPC__TLS_KEY", path("key")),
        ("GRPC__TLS_CLIENT_CA", path("ca")),
        ("GRPC__CLIENT_CERT", path("cert")),
        ("GRPC__CLIENT_KEY", path("key")),
    ];
    settings.extend(dialing.clone());
    let mut ferric = Running::start("all-in-one", &settings);
    ferric.says("joined");

    let known = conductors(&old, &rest).await.unwrap();
    assert!(known.contains(&format!("https://{rest}/v1/conductors/")), "{known}");
    let refused = conductors(&new, &rest).await.unwrap_err();
    assert!(format!("{refused:?}").contains("UnknownIssuer"), "{refused:?}");
    assert!(client(&old).get(format!("http://{rest}/healthz")).send().await.is_err());

    let mut stranger = Running::start("conductor", &dialing);
    let said = stranger.says("cannot join");
    assert!(said.contains("grpc.client_cert"), "{said}");

    write_files(folder.path(), &new);
    conductors(&new, &rest).await.unwrap();
    assert!(conductors(&old, &rest).await.is_err());
}

#[tokio::test]
async fn a_conductor_speaks_only_for_the_host_that_its_certificate_names() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &authority("all"));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let grpc = free_address();
    let dialing = |host: &str| {
        [
            ("GRPC__ENDPOINTS", format!("https://{grpc}")),
            ("GRPC__CA", path("ca")),
            ("GRPC__CLIENT_CERT", path("cert")),
            ("GRPC__CLIENT_KEY", path("key")),
            ("CONDUCTOR__HOST", host.to_owned()),
            ("CONDUCTOR__START_JITTER_MS", "0".to_owned()),
            ("CONDUCTOR__HEALTH_LISTEN", "127.0.0.1:0".to_owned()),
        ]
    };
    let mut settings = vec![
        ("DATABASE__URL", format!("sqlite:{}", path("ferric.db"))),
        ("API__LISTEN", "127.0.0.1:0".to_owned()),
        ("GRPC__LISTEN", grpc.clone()),
        ("GRPC__TLS_CERT", path("cert")),
        ("GRPC__TLS_KEY", path("key")),
        ("GRPC__TLS_CLIENT_CA", path("ca")),
        ("GRPC__TLS_CLIENT_NAMES_HOST", "true".to_owned()),
    ];
    settings.extend(dialing("127.0.0.1"));
    let mut ferric = Running::start("all-in-one", &settings);
    ferric.says("joined");

    let mut other = Running::start("conductor", &dialing("another.example"));
    let said = other.says("cannot join");
    assert!(said.contains("does not name the conductor 'another.example'"), "{said}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("DATABASE__URL", format!("sqlite:{}", folder.path().join("ferric.db").display())),
        ("API__LISTEN", "127.0.0.1:0".to_owned()),
        ("GRPC__LISTEN", "127.0.0.1:0".to_owned()),
        ("CONDUCTOR__HEALTH_LISTEN", "127.0.0.1:0".to_owned()),
        ("API__TLS_CERT", "/nowhere.pem".to_owned()),
        ("API__TLS_KEY", "/nowhere.key".to_owned()),
    ];
    let mut ferric = Running::start("all-in-one", &settings);
    let said = ferric.says("/nowhere.pem");
    assert!(said.contains("api.tls_cert"), "{said}");
}
