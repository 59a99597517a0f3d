//! Connections to the control plane; encrypted where the endpoint is https.

use crate::config::ClientTls;
use crate::error::ConductorError;
use ferric_proto::v1::boot_service_client::BootServiceClient;
use ferric_proto::v1::conductor_service_client::ConductorServiceClient;
use std::error::Error;
use std::path::Path;
use std::time::Duration;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// How long connecting may take.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

/// Pause between signs of life on an idle connection: a dead one is noticed within two of them.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// A claim carries the node with its configdrive.
const LARGEST_ANSWER: usize = 64 << 20;

/// What the TLS files hold. Compared to notice that they have changed.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsMaterial {
    ca: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl TlsMaterial {
    /// Reads the files.
    ///
    /// **Errors**: `Config` naming the key of a file that cannot be used, or that lacks its other half.
    pub fn read(tls: &ClientTls) -> Result<Self, ConductorError> {
        let ca = tls.ca.as_deref().map(|path| read("grpc.ca", path, "CERTIFICATE-----")).transpose()?;
        let missing =
            |key, other| ConductorError::Config { key, reason: format!("it is needed with {other}") };
        let identity = match (&tls.cert, &tls.key) {
            (Some(cert), Some(key)) => Some((
                read("grpc.client_cert", cert, "CERTIFICATE-----")?,
                read("grpc.client_key", key, "PRIVATE KEY-----")?,
            )),
            (Some(_), None) => return Err(missing("grpc.client_key", "grpc.client_cert")),
            (None, Some(_)) => return Err(missing("grpc.client_cert", "grpc.client_key")),
            (None, None) => None,
        };
        Ok(Self { ca, identity })
    }

    fn config(&self) -> ClientTlsConfig {
        let config = ClientTlsConfig::new().timeout(CONNECT_DEADLINE);
        let config = match &self.ca {
            Some(ca) => config.ca_certificate(Certificate::from_pem(ca)),
            None => config.with_native_roots(),
        };
        match &self.identity {
            Some((cert, key)) => config.identity(Identity::from_pem(cert, key)),
            None => config,
        }
    }
}

/// A channel to the control plane at `url` that connects when it is needed.
///
/// **Errors**: `Config` for an unusable URL or certificate.
pub fn channel(url: &str, tls: &TlsMaterial) -> Result<Channel, ConductorError> {
    let unusable = |reason: String| ConductorError::Config { key: "grpc.endpoints", reason };
    let encrypted = url.starts_with("https://");
    if !encrypted && !url.starts_with("http://") {
        return Err(unusable(format!("'{url}' does not begin with http:// or https://")));
    }
    let mut endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|error| unusable(format!("'{url}' is no URL: {error}")))?
        .connect_timeout(CONNECT_DEADLINE)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .tcp_nodelay(true);
    if encrypted {
        endpoint = endpoint.tls_config(tls.config()).map_err(|error| {
            let reason = chain(&error);
            let key = if tls.identity.is_some() { "grpc.client_cert" } else { "grpc.ca" };
            ConductorError::Config { key, reason }
        })?;
    }
    Ok(endpoint.connect_lazy())
}

/// What a conductor says to the control plane.
pub fn conductors(channel: Channel) -> ConductorServiceClient<Channel> {
    ConductorServiceClient::new(channel)
        .max_decoding_message_size(LARGEST_ANSWER)
        .max_encoding_message_size(LARGEST_ANSWER)
}

/// What a boot service says to it.
pub fn boots(channel: Channel) -> BootServiceClient<Channel> {
    BootServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER)
}

/// An error with its causes.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

fn read(key: &'static str, path: &Path, expected: &str) -> Result<Vec<u8>, ConductorError> {
    let unusable = |reason: String| ConductorError::Config { key, reason };
    let bytes = std::fs::read(path)
        .map_err(|error| unusable(format!("{} cannot be read: {error}", path.display())))?;
    if !String::from_utf8_lossy(&bytes).contains(expected) {
        return Err(unusable(format!("{} holds nothing of the expected kind in PEM", path.display())));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use crate::api_client::ApiClient;
    use crate::{ClientTls, ConductorConfig, ConductorError};
    use ferric_proto::v1::LeaveRequest;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    use std::path::{Path, PathBuf};
    use tokio::net::TcpListener;
    use tokio_stream::wrappers::TcpListenerStream;
    use tonic::service::Routes;
    use tonic::transport::{Identity, Server, ServerTlsConfig};

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn client(endpoint: &str, tls: ClientTls) -> Result<ApiClient, ConductorError> {
        ApiClient::new(&ConductorConfig {
            endpoints: vec![endpoint.to_owned()],
            tls,
            ..ConductorConfig::default()
        })
    }

    #[tokio::test]
    async fn only_a_known_authority_is_trusted_and_it_can_be_replaced() {
        let (right, wrong) = (authority("right"), authority("wrong"));
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let identity = Identity::from_pem(params.signed_by(&key, &right).unwrap().pem(), key.serialize_pem());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("https://{}", listener.local_addr().unwrap());
        let server = Server::builder()
            .tls_config(ServerTlsConfig::new().identity(identity))
            .unwrap()
            .add_routes(Routes::default());
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));

        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, wrong.pem()).unwrap();
        let client = client(&endpoint, ClientTls { ca: Some(ca.clone()), ..ClientTls::default() }).unwrap();
        let ConductorError::Unreachable { reason, .. } =
            client.leave(LeaveRequest::default()).await.unwrap_err()
        else {
            panic!("it was reached")
        };
        assert!(reason.contains("UnknownIssuer"), "{reason}");

        std::fs::write(&ca, right.pem()).unwrap();
        client.leave(LeaveRequest::default()).await.unwrap_err();
        // The server has no services, but now it is heard.
        let refused = client.leave(LeaveRequest::default()).await.unwrap_err();
        assert!(matches!(refused, ConductorError::Refused { .. }), "{refused}");
    }

    #[tokio::test]
    async fn files_that_cannot_be_used_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| -> PathBuf {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let cert = write("cert", &authority("ours").pem());
        let key = write("key", &KeyPair::generate().unwrap().serialize_pem());
        let nowhere = Path::new("/nowhere.pem").to_owned();
        let only = |ca: &PathBuf| ClientTls { ca: Some(ca.clone()), ..ClientTls::default() };
        let own = |cert: Option<&PathBuf>, key: Option<&PathBuf>| ClientTls {
            ca: None,
            cert: cert.cloned(),
            key: key.cloned(),
        };
        for (tls, name, reason) in [
            (only(&nowhere), "grpc.ca", "/nowhere.pem cannot be read"),
            (only(&key), "grpc.ca", "holds nothing of the expected kind"),
            (own(Some(&cert), None), "grpc.client_key", "needed with grpc.client_cert"),
            (own(None, Some(&key)), "grpc.client_cert", "needed with grpc.client_key"),
            (own(Some(&cert), Some(&key)), "grpc.client_cert", "KeyMismatch"),
        ] {
            let text = client("https://127.0.0.1:1", tls).unwrap_err().to_string();
            assert!(text.starts_with(name) && text.contains(reason), "{text}");
        }
    }
}
