//! What only fake nodes do: the test says what their operations lead to, and plays the part of their ramdisk.

use ferric_tests::fake::{FakeNode, Prompter, step};
use ferric_tests::rest::Rest;
use serde_json::{Value, json};

use super::super::moves::{Move, Traveler};

/// A move of a fake node. The last word of most is the state in which it is to rest afterwards.
#[derive(Debug)]
pub enum FakeMove {
    /// The ramdisk is heard of.
    Heard(&'static str),
    /// The ramdisk sends what it found.
    Found(&'static str),
    /// The next operation at this point leads to this word.
    Says(&'static str, &'static str),
    /// A flag of `driver_info`.
    Info(&'static str, bool),
}

pub const fn heard(state: &'static str) -> Move<FakeMove> {
    Move::Own(FakeMove::Heard(state))
}

pub const fn found(state: &'static str) -> Move<FakeMove> {
    Move::Own(FakeMove::Found(state))
}

pub const fn says(point: &'static str, word: &'static str) -> Move<FakeMove> {
    Move::Own(FakeMove::Says(point, word))
}

pub const fn info(key: &'static str, value: bool) -> Move<FakeMove> {
    Move::Own(FakeMove::Info(key, value))
}

/// A fake node with who decides for it.
#[derive(Debug)]
pub struct Fake<'a> {
    pub node: FakeNode,
    pub prompter: &'a Prompter,
}

impl Traveler for Fake<'_> {
    type Own = FakeMove;

    fn uuid(&self) -> &str {
        &self.node.uuid
    }

    fn step(&self, label: &str) -> Value {
        step(label)
    }

    async fn make(&self, _: &Rest, own: &FakeMove) -> anyhow::Result<()> {
        match own {
            FakeMove::Heard(state) => {
                self.node.heartbeat().await?;
                self.node.rests(state).await.map(drop)
            }
            FakeMove::Found(state) => {
                self.node.send_inventory().await?;
                self.node.rests(state).await.map(drop)
            }
            FakeMove::Says(point, word) => {
                self.prompter.say(&self.node.uuid, point, word);
                Ok(())
            }
            FakeMove::Info(key, value) => self.node.tell(key, &json!(value)).await,
        }
    }
}
