//! An HTTP origin with faults, for reads of sources.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ferric_artifacts::source::{Source, SourceConfig, Sources};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// One resource and how badly it is served.
#[derive(Clone)]
pub struct Served {
    pub content: Vec<u8>,
    pub etag: Option<&'static str>,
    /// Status of HEAD; `None` answers as GET would.
    pub head_status: Option<u16>,
    /// Whether `Range` is honoured.
    pub ranges: bool,
    /// Whether a length is told.
    pub length: bool,
    /// Every body breaks off after so many bytes.
    pub cut_after: Option<usize>,
    /// So many requests are answered 503 first.
    pub unavailable: u32,
    /// Redirect target.
    pub location: Option<String>,
    pub status: u16,
}

impl Served {
    pub fn new(content: impl Into<Vec<u8>>) -> Self {
        Self {
            content: content.into(),
            etag: Some("\"v1\""),
            head_status: None,
            ranges: true,
            length: true,
            cut_after: None,
            unavailable: 0,
            location: None,
            status: 200,
        }
    }
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub range: Option<(usize, usize)>,
}

#[derive(Default)]
struct State {
    served: HashMap<String, Served>,
    asked: Vec<Asked>,
}

/// The origin; stops when dropped.
pub struct Origin {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    _connections: JoinSet<()>,
}

impl Origin {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let mut connections = JoinSet::new();
        let shared = state.clone();
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                open.spawn(async move { answer(stream, &shared).await.unwrap_or_default() });
            }
        });
        Self { address, state, _connections: connections }
    }

    pub fn serve(&self, path: &str, served: Served) -> Source {
        self.state.lock().unwrap().served.insert(path.to_owned(), served);
        Source::parse("test", &self.url(path)).unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }
}

/// Sources with short back-offs.
pub fn sources(config: SourceConfig) -> Sources {
    // The first test of the process installs it; the others find it there.
    let installed = rustls::crypto::ring::default_provider().install_default().is_ok();
    assert!(installed || rustls::crypto::CryptoProvider::get_default().is_some());
    Sources::new(SourceConfig { backoff_base_ms: 1, backoff_cap_ms: 2, ..config }).unwrap()
}

async fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let range = head.lines().find_map(|line| {
        let value = line.to_ascii_lowercase().strip_prefix("range: bytes=")?.to_owned();
        let (first, last) = value.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    });
    let served = {
        let mut state = state.lock().unwrap();
        state.asked.push(Asked { method: method.to_owned(), path: path.to_owned(), range });
        state.served.get_mut(path).map(|served| {
            let now = served.clone();
            served.unavailable = served.unavailable.saturating_sub(1);
            now
        })
    };
    let (head, body) = response(served, method, range);
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}

fn response(served: Option<Served>, method: &str, range: Option<(usize, usize)>) -> (String, Vec<u8>) {
    let plain = |status: u16| (format!("HTTP/1.1 {status} x\r\nconnection: close\r\n\r\n"), Vec::new());
    let Some(served) = served else { return plain(404) };
    if served.unavailable > 0 {
        return plain(503);
    }
    if let Some(location) = &served.location {
        return (format!("HTTP/1.1 302 x\r\nlocation: {location}\r\nconnection: close\r\n\r\n"), Vec::new());
    }
    if let ("HEAD", Some(status)) = (method, served.head_status) {
        return plain(status);
    }
    let total = served.content.len();
    let mut head = String::from("connection: close\r\n");
    let mut status = served.status;
    let mut body = served.content.clone();
    if let (true, Some((first, last))) = (served.ranges, range) {
        if first >= total {
            return plain(416);
        }
        let last = last.min(total - 1);
        status = 206;
        body = body[first..=last].to_vec();
        head += &format!("content-range: bytes {first}-{last}/{total}\r\n");
    }
    if served.length {
        head += &format!("content-length: {}\r\n", body.len());
    }
    if let Some(etag) = served.etag {
        head += &format!("etag: {etag}\r\n");
    }
    if method == "HEAD" {
        body.clear();
    }
    body.truncate(served.cut_after.unwrap_or(usize::MAX));
    (format!("HTTP/1.1 {status} x\r\n{head}\r\n"), body)
}
