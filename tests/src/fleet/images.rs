//! An image that agents fetch over HTTP, and that can be held back halfway so that a test finds a deployment in the middle;
//! beside it, whatever else a test publishes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use rand::RngExt;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Small, because what matters is that every byte of it arrives.
const IMAGE_BYTES: usize = 256 << 10;

/// Serves one image until it is dropped.
#[derive(Debug)]
pub struct ImageServer {
    url: String,
    checksum: String,
    held: watch::Sender<bool>,
    published: Published,
    server: JoinHandle<()>,
}

/// Texts by name.
type Published = Arc<Mutex<BTreeMap<String, String>>>;

struct Shared {
    image: Bytes,
    held: watch::Receiver<bool>,
    published: Published,
}

impl ImageServer {
    /// Makes an image of random bytes and serves it on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let mut content = vec![0; IMAGE_BYTES];
        rand::rng().fill(&mut content[..]);
        let checksum = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        let (held, receiver) = watch::channel(false);
        let published = Published::default();
        let shared =
            Shared { image: Bytes::from(content), held: receiver, published: Arc::clone(&published) };
        let shared = Arc::new(shared);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/images/disk.img", listener.local_addr()?);
        let app = Router::new().route("/images/disk.img", get(serve)).route("/texts/{name}", get(text));
        let app = app.with_state(shared);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                eprintln!("the image server ended: {error}");
            }
        });
        Ok(Self { url, checksum, held, published, server })
    }

    /// Where the image is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its SHA-256, in hexadecimal digits.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// Its size.
    pub fn size_bytes(&self) -> u64 {
        IMAGE_BYTES as u64
    }

    /// Serves a text, in place of what had this name before, and gives its URL.
    pub fn publish(&self, name: &str, text: &str) -> String {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), text.to_owned());
        self.url.replace("/images/disk.img", &format!("/texts/{name}"))
    }

    /// From now on a download stops halfway, until [`Self::release`]; not those with a query in their URL.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Lets all downloads go on.
    pub fn release(&self) {
        self.held.send_replace(false);
    }
}

impl Drop for ImageServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The first half at once, the second as soon as nothing is held back.
async fn serve(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let may_be_held = uri.query().is_none();
    let halves = [shared.image.slice(..IMAGE_BYTES / 2), shared.image.slice(IMAGE_BYTES / 2..)];
    let body = stream::unfold((0, shared), move |(at, shared)| {
        let half = halves.get(at).cloned();
        async move {
            let half = half?;
            if at > 0 && may_be_held && shared.held.clone().wait_for(|held| !held).await.is_err() {
                return None;
            }
            Some((Ok::<_, std::convert::Infallible>(half), (at + 1, shared)))
        }
    });
    ([(CONTENT_LENGTH, IMAGE_BYTES)], Body::from_stream(body)).into_response()
}

async fn text(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Response {
    let published = shared.published.lock().unwrap_or_else(PoisonError::into_inner);
    published
        .get(&name)
        .cloned()
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}
