//! An image that agents fetch over HTTP, and that can be held back halfway so that a test finds a deployment in the middle.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
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
    server: JoinHandle<()>,
}

struct Shared {
    image: Bytes,
    held: watch::Receiver<bool>,
}

impl ImageServer {
    /// Makes an image of random bytes and serves it on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let mut content = vec![0; IMAGE_BYTES];
        rand::rng().fill(&mut content[..]);
        let checksum = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        let (held, receiver) = watch::channel(false);
        let shared = Arc::new(Shared { image: Bytes::from(content), held: receiver });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/images/disk.img", listener.local_addr()?);
        let app = Router::new().route("/images/disk.img", get(serve)).with_state(shared);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                eprintln!("the image server ended: {error}");
            }
        });
        Ok(Self { url, checksum, held, server })
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

    /// From now on a download stops halfway, until [`Self::release`].
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
async fn serve(State(shared): State<Arc<Shared>>) -> Response {
    let halves = [shared.image.slice(..IMAGE_BYTES / 2), shared.image.slice(IMAGE_BYTES / 2..)];
    let body = stream::unfold((0, shared), move |(at, shared)| {
        let half = halves.get(at).cloned();
        async move {
            let half = half?;
            if at > 0 && shared.held.clone().wait_for(|held| !held).await.is_err() {
                return None;
            }
            Some((Ok::<_, std::convert::Infallible>(half), (at + 1, shared)))
        }
    });
    ([(CONTENT_LENGTH, IMAGE_BYTES)], Body::from_stream(body)).into_response()
}
