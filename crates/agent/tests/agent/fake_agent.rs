//! A scripted agent, and the small HTTP server under it.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    /// The headers of these names, empty if there are none.
    pub authorization: String,
    pub host: String,
    pub body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    Json(u16, Value),
    Text(u16, String),
    Bytes(u16, Vec<u8>),
    /// 401 with this challenge.
    Challenge(String),
    /// Closes the connection without a word.
    Hang,
}

/// What happens to the next POST.
#[derive(Debug, Clone)]
pub enum Twist {
    /// The command begins, the answer is lost.
    LoseAnswer,
    /// The connection is lost before the command begins.
    LoseRequest,
    /// Another answer than a command.
    Say(u16, String),
}

#[derive(Debug, Default)]
struct State {
    token: String,
    commands: Vec<Value>,
    posts: Vec<Value>,
    queries: Vec<String>,
    twists: VecDeque<Twist>,
    /// Results of commands that end at once, by method.
    results: Vec<(&'static str, Value)>,
    born: usize,
    /// After a command of this method the agent does not answer any more.
    last_words: Option<&'static str>,
    gone: bool,
}

/// The agent.
#[derive(Debug, Clone)]
pub struct FakeAgent {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl FakeAgent {
    pub async fn start(token: &str) -> Self {
        let state = Arc::new(Mutex::new(State { token: token.to_owned(), ..State::default() }));
        let shared = state.clone();
        let url = serve(move |request| shared.lock().unwrap().answer(&request)).await;
        Self { url, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next POST meets this.
    pub fn twist(&self, twist: Twist) {
        self.state().twists.push_back(twist);
    }

    /// Commands of this method end at once, with this result.
    pub fn ends_at_once(&self, method: &'static str, result: Value) {
        self.state().results.push((method, result));
    }

    /// The running command ends well; its result repeats the step it was given, as agents do.
    pub fn succeed(&self) {
        let mut state = self.state();
        let step = state.posts.last().unwrap()["params"]["step"].clone();
        let kind =
            state.posts.last().unwrap()["name"].as_str().unwrap().split('.').next().unwrap().to_owned();
        let last = state.commands.last_mut().unwrap();
        last["command_status"] = json!("SUCCEEDED");
        let (result, echo) = (format!("{kind}_result"), format!("{kind}_step"));
        last["command_result"] = json!({ result: null, echo: step });
    }

    /// The same with a result of its own.
    pub fn succeed_with(&self, result: Value) {
        self.succeed();
        let mut state = self.state();
        let last = state.commands.last_mut().unwrap();
        let results = last["command_result"].as_object_mut().unwrap();
        let (_, own) = results.iter_mut().find(|(key, _)| key.ends_with("_result")).unwrap();
        *own = result;
    }

    /// The running command ends otherwise.
    pub fn end(&self, status: &str, error: Value) {
        let mut state = self.state();
        let last = state.commands.last_mut().unwrap();
        last["command_status"] = json!(status);
        last["command_error"] = error;
    }

    /// The ramdisk is restarted: the agent forgets its commands.
    pub fn reboot(&self) {
        self.state().commands.clear();
    }

    /// After a command of this method the agent does not answer any more.
    pub fn leave_after(&self, method: &'static str) {
        self.state().last_words = Some(method);
    }

    /// A command that somebody else gave.
    pub fn put_command(&self, command: Value) {
        self.state().commands.push(command);
    }

    /// Bodies of all POSTs that arrived.
    pub fn posts(&self) -> Vec<Value> {
        self.state().posts.clone()
    }

    /// Names of all commands that were begun.
    pub fn begun(&self) -> Vec<String> {
        self.state().commands.iter().map(|c| c["command_name"].as_str().unwrap().to_owned()).collect()
    }

    /// The queries of all requests.
    pub fn queries(&self) -> Vec<String> {
        self.state().queries.clone()
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        if self.gone {
            return Answer::Hang;
        }
        self.queries.push(request.query.clone());
        if request.path != "/v1/commands/" {
            return Answer::Json(404, json!({"faultcode": "Client", "faultstring": "404 Not Found"}));
        }
        if !request.query.split('&').any(|pair| pair == format!("agent_token={}", self.token)) {
            return Answer::Json(401, json!({"faultcode": "Client", "faultstring": "Token invalid."}));
        }
        if request.method == "GET" {
            return Answer::Json(200, json!({"commands": self.commands}));
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        self.posts.push(body.clone());
        let twist = self.twists.pop_front();
        match twist {
            Some(Twist::LoseRequest) => return Answer::Hang,
            Some(Twist::Say(status, text)) => return Answer::Text(status, text),
            Some(Twist::LoseAnswer) | None => {}
        }
        if self.commands.iter().any(|command| command["command_status"] == "RUNNING") {
            return Answer::Json(409, json!({"faultcode": "Client", "faultstring": "Agent is busy"}));
        }
        self.born += 1;
        let method = body["name"].as_str().unwrap().split('.').nth(1).unwrap();
        let result = self.results.iter().find(|(name, _)| *name == method).map(|(_, result)| result.clone());
        let command = json!({
            "id": format!("command-{}", self.born),
            "command_name": method,
            "command_status": if result.is_some() { "SUCCEEDED" } else { "RUNNING" },
            "command_error": null,
            "command_result": result,
        });
        self.commands.push(command.clone());
        self.gone = self.last_words == Some(method);
        match twist {
            Some(Twist::LoseAnswer) => Answer::Hang,
            _ => Answer::Json(200, command),
        }
    }
}

/// Serves until the test ends; returns the base URL.
pub async fn serve(handler: impl FnMut(Request) -> Answer + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handler = Arc::new(Mutex::new(handler));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handler = handler.clone();
            tokio::spawn(async move { exchange(stream, &handler).await });
        }
    });
    url
}

fn header(head: &str, name: &str) -> String {
    let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

async fn exchange<H: FnMut(Request) -> Answer>(mut stream: TcpStream, handler: &Mutex<H>) -> Option<()> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse::<usize>().unwrap());
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = head.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let request = Request {
        method: method.clone(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: header(&head, "authorization"),
        host: header(&head, "host"),
        body: bytes[head_end + 4..].to_vec(),
    };
    let answer = (handler.lock().unwrap())(request);
    let mut challenge = String::new();
    let (status, body) = match answer {
        Answer::Hang => return None,
        Answer::Json(status, value) => (status, value.to_string().into_bytes()),
        Answer::Text(status, text) => (status, text.into_bytes()),
        Answer::Bytes(status, bytes) => (status, bytes),
        Answer::Challenge(text) => {
            challenge = format!("WWW-Authenticate: {text}\r\n");
            (401, Vec::new())
        }
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\n{challenge}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    if method != "HEAD" {
        stream.write_all(&body).await.ok()?;
    }
    stream.shutdown().await.ok()
}
