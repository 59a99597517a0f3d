//! A small container registry: tokens for those with the right pull secret, manifests, no blobs, for nobody here reads them.

use crate::fake_agent::{Answer, Request, serve};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};

pub const PULL_SECRET: &str = "puller:s3cret";
/// `Basic` for [`PULL_SECRET`].
const BASIC: &str = "Basic cHVsbGVyOnMzY3JldA==";
pub const TOKEN: &str = "registry-token";

/// The registry's `host:port`, and everything that it was asked.
pub struct Registry {
    pub host: String,
    pub asked: Arc<Mutex<Vec<String>>>,
}

pub fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A manifest of one blob called `title`, or of a container.
pub fn manifest(title: Option<&str>, blob: &[u8]) -> Value {
    let layer = json!({"mediaType": "application/octet-stream", "digest": digest(blob), "size": blob.len(),
        "annotations": title.map(|title| json!({"org.opencontainers.image.title": title})).unwrap_or(json!({}))});
    let config = if title.is_some() {
        "application/vnd.oci.empty.v1+json"
    } else {
        "application/vnd.oci.image.config.v1+json"
    };
    json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": config, "digest": digest(b"{}"), "size": 2}, "layers": [layer]})
}

/// An index over manifests: architecture, `disktype`, manifest.
pub fn index(rows: &[(&str, Option<&str>, &Value)]) -> Value {
    let entries: Vec<Value> = rows
        .iter()
        .map(|(architecture, disktype, manifest)| {
            json!({"digest": digest(manifest.to_string().as_bytes()), "platform": {"architecture": architecture},
                "annotations": disktype.map(|kind| json!({"disktype": kind})).unwrap_or(json!({}))})
        })
        .collect();
    json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries})
}

impl Registry {
    /// Serves documents under their tags and digests, and blobs under theirs.
    pub async fn start(tags: Vec<(&'static str, Value)>, others: Vec<Value>, blobs: Vec<Vec<u8>>) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        let mut own_url = String::new();
        let handler = move |request: Request| {
            noted.lock().unwrap().push(format!("{} {}?{}", request.method, request.path, request.query));
            if own_url.is_empty() {
                own_url = format!("http://{}", request.host);
            }
            if request.path == "/token" {
                let known = request.authorization == BASIC;
                return if known {
                    Answer::Json(200, json!({"token": TOKEN}))
                } else {
                    Answer::Json(401, json!({}))
                };
            }
            if request.authorization != format!("Bearer {TOKEN}") {
                return Answer::Challenge(format!("Bearer realm=\"{own_url}/token\",service=\"small\""));
            }
            let Some((kind, version)) =
                request.path.strip_prefix("/v2/images/disk/").and_then(|rest| rest.split_once('/'))
            else {
                return Answer::Json(404, json!({}));
            };
            let documents = tags.iter().map(|(tag, document)| (Some(*tag), document));
            let mut documents = documents.chain(others.iter().map(|document| (None, document)));
            let found = match kind {
                "manifests" => documents
                    .find(|(tag, document)| {
                        *tag == Some(version) || digest(document.to_string().as_bytes()) == version
                    })
                    .map(|(_, document)| document.to_string().into_bytes()),
                _ => blobs.iter().find(|blob| digest(blob) == version).cloned(),
            };
            found.map_or(Answer::Json(404, json!({})), |bytes| Answer::Bytes(200, bytes))
        };
        let url = serve(handler).await;
        Self { host: url.trim_start_matches("http://").to_owned(), asked }
    }

    pub fn image(&self, version: &str) -> String {
        let separator = if version.starts_with("sha256:") { '@' } else { ':' };
        format!("oci://{}/images/disk{separator}{version}", self.host)
    }
}
