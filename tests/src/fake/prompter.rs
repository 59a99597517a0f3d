//! The prompter that fake nodes ask at each point: it says what happens, counts what did, and keeps answers back.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// When a fake node asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Nothing has happened yet.
    Before,
    /// It has just been done and nobody but the node knows.
    Act,
    /// The node is about to tell.
    After,
}

/// Node and point.
type Place = (String, String);

#[derive(Debug, Default)]
struct Script {
    /// What the next acts at a place lead to.
    words: BTreeMap<Place, VecDeque<String>>,
    /// Where the next question is kept back.
    holds: BTreeMap<Place, Moment>,
    /// How often something was done at a place.
    acts: BTreeMap<Place, u32>,
    /// What nobody can tell afterwards.
    secrets: Vec<Place>,
    /// How many questions are being kept back, or were until their node went away.
    held: usize,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<Script>,
    held: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

/// Answers until it is dropped.
#[derive(Debug)]
pub struct Prompter {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Moment {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Act => "act",
            Self::After => "after",
        }
    }
}

impl Prompter {
    /// Begins to answer, on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            held: watch::Sender::new(0),
            released: watch::Sender::new(false),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, server })
    }

    /// What a fake node is told in `fake_script`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The next act of `node` at `point` leads to `word`.
    pub fn say(&self, node: &str, point: &str, word: &str) {
        self.script(|script| script.words.entry(place(node, point)).or_default().push_back(word.to_owned()));
    }

    /// The next question of `node` at `point` and `moment` is not answered before [`Self::release`].
    pub fn hold(&self, node: &str, point: &str, moment: Moment) {
        self.script(|script| script.holds.insert(place(node, point), moment));
    }

    /// Nobody will be able to tell whether `node` did something at `point`.
    pub fn keep_secret(&self, node: &str, point: &str) {
        self.script(|script| script.secrets.push(place(node, point)));
    }

    /// How often `node` did something at `point`.
    pub fn acts(&self, node: &str, point: &str) -> u32 {
        self.script(|script| script.acts.get(&place(node, point)).copied().unwrap_or(0))
    }

    /// Waits until so many questions have been kept back.
    pub async fn wait_until_held(&self, count: usize, deadline: Duration) -> anyhow::Result<()> {
        let mut held = self.shared.held.subscribe();
        let enough = held.wait_for(|held| *held >= count);
        let waited = tokio::time::timeout(deadline, enough).await.map(drop);
        waited.with_context(|| {
            let left = self.script(|script| format!("{:?}", script.holds));
            format!("{} of {count} questions were kept back; nobody asked {left}", *self.shared.held.borrow())
        })
    }

    /// Answers everything that was kept back, and keeps nothing back any more.
    pub fn release(&self) {
        self.script(|script| script.holds.clear());
        self.shared.released.send_replace(true);
    }

    fn script<T>(&self, with: impl FnOnce(&mut Script) -> T) -> T {
        with(&mut self.shared.script.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Prompter {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn place(node: &str, point: &str) -> Place {
    (node.to_owned(), point.to_owned())
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(conversations.spawn(converse(stream, Arc::clone(&shared)))),
                Err(error) => eprintln!("the prompter cannot be asked: {error}"),
            },
            Some(ended) = conversations.join_next() => if let Ok(Err(error)) = ended {
                eprintln!("a question was not answered: {error:#}");
            },
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let question: Value = serde_json::from_str(&line).with_context(|| format!("asked {line:?}"))?;
    let text = |key: &str| question[key].as_str().unwrap_or_default();
    let asked = place(text("node"), text("point"));
    let (word, hold) = decide(&shared, &asked, text("moment"));
    if hold {
        let count = {
            let mut script = shared.script.lock().unwrap_or_else(PoisonError::into_inner);
            script.held += 1;
            script.held
        };
        shared.held.send_replace(count);
        shared.released.subscribe().wait_for(|released| *released).await?;
    }
    // A node whose conductor was killed does not listen any more.
    drop(stream.write_all(format!("{word}\n").as_bytes()).await);
    Ok(())
}

/// The answer, and whether it is kept back.
fn decide(shared: &Shared, asked: &Place, moment: &str) -> (String, bool) {
    let mut script = shared.script.lock().unwrap_or_else(PoisonError::into_inner);
    let acts = script.acts.get(asked).copied().unwrap_or(0);
    if moment == "probe" {
        let word = if script.secrets.contains(asked) {
            "unknown"
        } else if acts > 0 {
            "done"
        } else {
            "not done"
        };
        return (word.to_owned(), false);
    }
    let mut word = "go".to_owned();
    if moment == Moment::Act.as_str() {
        script.acts.insert(asked.clone(), acts + 1);
        word = script.words.get_mut(asked).and_then(VecDeque::pop_front).unwrap_or(word);
    }
    let hold = script.holds.get(asked).is_some_and(|held| held.as_str() == moment);
    if hold {
        script.holds.remove(asked);
    }
    (word, hold)
}
