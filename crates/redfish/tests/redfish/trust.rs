//! Whom we believe to be the BMC.

use crate::support::{Service, Tree, clients, node, quick};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use serde_json::{Value, json};
use std::sync::Arc;

/// A certificate with its key, and its PEM.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: String,
}

/// What plain `openssl req -x509` makes: self-signed, and marked as an authority.
fn self_signed(names: &[&str]) -> Identity {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Identity { chain: vec![certificate.der().clone()], key: private(&key), pem: certificate.pem() }
}

/// A server certificate for 127.0.0.1; the PEM is that of its authority.
fn issued() -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    Identity { chain: vec![certificate.der().clone()], key: private(&key), pem: authority.pem() }
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

async fn serve(identity: &Identity, versions: &[&'static SupportedProtocolVersion]) -> Service {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())
        .unwrap();
    let mut tree = Tree::new();
    Service::start_tls(config, move |seen| tree.answer(seen)).await
}

async fn read(service: &Service, more: Value) -> Result<(), HardwareError> {
    let mut node = node(json!({"redfish_address": service.url}));
    node.spec.driver_info.extend(more.as_object().cloned().unwrap());
    clients(quick()).power[0].1.get_power_state(&node).await.map(drop)
}

#[tokio::test]
async fn a_given_authority_and_an_exact_certificate_are_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bmc.pem");
    for identity in [issued(), self_signed(&["127.0.0.1"]), self_signed(&["another.example.com"])] {
        let service = serve(&identity, &[&TLS13, &TLS12]).await;
        read(&service, json!({"redfish_verify_ca": identity.pem})).await.unwrap();
        std::fs::write(&file, &identity.pem).unwrap();
        read(&service, json!({"redfish_verify_ca": file})).await.unwrap();
        read(&service, json!({"redfish_verify_ca": folder.path()})).await.unwrap();
        read(&service, json!({"redfish_verify_ca": false})).await.unwrap();
    }
}

#[tokio::test]
async fn anybody_else_is_refused_before_a_request_is_sent() {
    let (served, other) = (self_signed(&["127.0.0.1"]), self_signed(&["127.0.0.1"]));
    for identity in [served, issued()] {
        let service = serve(&identity, &[&TLS13, &TLS12]).await;
        for trust in [json!({}), json!({"redfish_verify_ca": true}), json!({"redfish_verify_ca": other.pem})]
        {
            let error = read(&service, trust).await.unwrap_err();
            assert_eq!(
                (error.code, error.kind),
                ("redfish-tls", HardwareErrorKind::InvalidParameter),
                "{error:?}"
            );
            assert!(error.advice.contains("redfish_verify_ca"));
            assert!(!error.retryable());
        }
        assert!(service.seen().is_empty());
    }
}

#[tokio::test]
async fn what_an_authority_vouches_for_must_have_the_right_name() {
    let identity = issued();
    let service = serve(&identity, &[&TLS13]).await;
    let port = service.url.rsplit(':').next().unwrap();
    let error = read(
        &service,
        json!({"redfish_verify_ca": identity.pem, "redfish_address": format!("https://localhost:{port}")}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code, "redfish-tls", "{error:?}");
}

#[tokio::test]
async fn the_oldest_tls_version_is_kept_to() {
    let identity = self_signed(&["127.0.0.1"]);
    let service = serve(&identity, &[&TLS12]).await;
    let with =
        |version: &str| json!({"redfish_verify_ca": identity.pem, "redfish_tls_minimum_version": version});
    read(&service, with("1.2")).await.unwrap();
    assert_eq!(read(&service, with("1.3")).await.unwrap_err().code, "redfish-tls");
}

#[tokio::test]
async fn nodes_that_trust_differently_share_no_connection() {
    let identity = self_signed(&["127.0.0.1"]);
    let service = serve(&identity, &[&TLS13]).await;
    let hardware = clients(quick());
    let trusting = node(json!({"redfish_address": service.url, "redfish_verify_ca": false}));
    let careful = node(json!({"redfish_address": service.url}));
    hardware.power[0].1.get_power_state(&trusting).await.unwrap();
    assert_eq!(hardware.power[0].1.get_power_state(&careful).await.unwrap_err().code, "redfish-tls");
}
