//! A small HTTP/1.1 service to order: a test says what each request is answered.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Value,
}

/// What a request is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    Reply {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// The connection ends without an answer.
    Close,
    /// The answer is held back until as many are waiting as the barrier wants.
    After(Arc<Barrier>, Box<Answer>),
}

/// The service; ends when dropped.
pub struct Service {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    load: Arc<Load>,
    _tasks: JoinSet<()>,
}

/// How many requests wait for their answer, and the most that ever did.
#[derive(Default)]
struct Load {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Seen {
    /// Method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Answer {
    pub fn json(body: &Value) -> Self {
        Self::status(200, body.to_string())
    }

    pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Reply {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
    }

    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Reply { status, mut headers, body } => {
                headers.push((name, value.into()));
                Self::Reply { status, headers, body }
            }
            other => other,
        }
    }
}

impl Service {
    pub async fn start(answer: impl FnMut(&Seen) -> Answer + Send + 'static) -> Self {
        Self::listen(None, answer).await
    }

    pub async fn start_tls(
        config: ServerConfig,
        answer: impl FnMut(&Seen) -> Answer + Send + 'static,
    ) -> Self {
        Self::listen(Some(TlsAcceptor::from(Arc::new(config))), answer).await
    }

    async fn listen(tls: Option<TlsAcceptor>, answer: impl FnMut(&Seen) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new(answer));
        let mut tasks = JoinSet::new();
        let log = Arc::clone(&seen);
        let load = Arc::new(Load::default());
        let counted = Arc::clone(&load);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, answer, log) = (tls.clone(), Arc::clone(&answer), Arc::clone(&log));
                let load = Arc::clone(&counted);
                connections.spawn(async move {
                    let decide = |seen: Seen| {
                        log.lock().unwrap().push(seen.clone());
                        (*answer.lock().unwrap())(&seen)
                    };
                    match tls {
                        None => serve(stream, &load, decide).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &load, decide).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, seen, load, _tasks: tasks }
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The most requests that ever waited for their answers at one moment.
    pub fn most_at_once(&self) -> usize {
        self.load.most.load(Ordering::SeqCst)
    }

    /// How many requests began with `line`.
    pub fn count(&self, line: &str) -> usize {
        self.seen().iter().filter(|seen| seen.line().starts_with(line)).count()
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, load: &Load, decide: impl Fn(Seen) -> Answer) {
    let mut stream = BufReader::new(stream);
    while let Some(seen) = read(&mut stream).await {
        let now = load.now.fetch_add(1, Ordering::SeqCst) + 1;
        load.most.fetch_max(now, Ordering::SeqCst);
        let mut answer = decide(seen);
        if let Answer::After(barrier, inner) = answer {
            barrier.wait().await;
            answer = *inner;
        }
        load.now.fetch_sub(1, Ordering::SeqCst);
        let Answer::Reply { status, headers, body } = answer else { return };
        let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let sent = async {
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
            stream.flush().await
        };
        if sent.await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut (impl AsyncBufReadExt + AsyncReadExt + Unpin)) -> Option<Seen> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|length| *length > 0)?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|length| *length > 0)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Seen { method, path, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}
