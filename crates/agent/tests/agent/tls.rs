//! Agents that speak https with a certificate of their own making.

use crate::fake_node::{TOKEN, agents, task};
use ferric_agent::AgentError;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;

/// A certificate as agents make them: P-384, signed with SHA-512 by itself, for an address that is not the test's.
const CERTIFICATE: &str = include_str!("data/agent.crt");
/// Its key, which protects nothing.
const KEY: &str = include_str!("data/agent.key");
/// Another certificate.
const OTHER: &str = include_str!("data/other.crt");

/// Answers every request with an empty list of commands, on a thread that ends with the process.
fn serve() -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let tls = ServerConnection::new(config.clone()).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(tls, socket.unwrap()));
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"commands\":[]}";
            let stream = stream.get_mut();
            // A client that does not trust the certificate is gone by now.
            if stream.write_all(answer.as_bytes()).is_ok() {
                stream.conn.send_close_notify();
                stream.flush().ok();
            }
        }
    });
    url
}

#[tokio::test]
async fn exactly_the_certificate_of_the_heartbeat_is_trusted() {
    let url = serve();
    let ask = async |pem: &str| {
        let mut task = task(&url);
        task.node.status.driver_internal_info.insert("agent_verify_ca".into(), json!(pem));
        agents().client(&task).unwrap().commands().await
    };
    assert!(ask(CERTIFICATE).await.unwrap().last().is_none());
    assert!(ask(&format!("{OTHER}{CERTIFICATE}")).await.is_ok());
    // Neither another certificate nor the system's authorities will do.
    for pem in [OTHER, ""] {
        let error = ask(pem).await.unwrap_err();
        assert!(matches!(error, AgentError::Unreachable { .. }), "{error}");
        assert!(!error.to_string().contains(TOKEN));
    }
}
