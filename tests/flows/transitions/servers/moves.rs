//! What only simulated servers do: they break, are repaired, and run something.

use ferric_bmc_sim::{Fault, Running};
use ferric_tests::fleet::Fleet;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use serde_json::{Value, json};

use super::super::moves::{Move, Traveler};

/// A move of a server.
#[derive(Debug)]
pub enum ServerMove {
    /// From now on this is wrong with it.
    Breaks(fn() -> Fault),
    /// Nothing is wrong with it any more.
    Repaired,
    /// It comes to run this.
    Runs(Running),
    /// A flag of its node.
    Set(&'static str, bool),
    /// It is told what to run, which its node forgets with an instance.
    Named,
}

pub const REPAIRED: Move<ServerMove> = Move::Own(ServerMove::Repaired);
pub const IMAGE_NAMED: Move<ServerMove> = Move::Own(ServerMove::Named);
pub const INSTANCE_RUNS: Move<ServerMove> = Move::Own(ServerMove::Runs(Running::Instance));

pub const fn breaks(fault: fn() -> Fault) -> Move<ServerMove> {
    Move::Own(ServerMove::Breaks(fault))
}

pub const fn set(path: &'static str, value: bool) -> Move<ServerMove> {
    Move::Own(ServerMove::Set(path, value))
}

/// A simulated server with its node.
pub struct Server<'a> {
    fleet: &'a Fleet,
    index: usize,
    uuid: String,
}

impl<'a> Server<'a> {
    /// Enrolls a server.
    pub async fn enroll(rest: &Rest, fleet: &'a Fleet, index: usize) -> anyhow::Result<Self> {
        let uuid = fleet.enroll_quick(rest, index).await?;
        Ok(Self { fleet, index, uuid })
    }
}

impl Traveler for Server<'_> {
    type Own = ServerMove;

    fn uuid(&self) -> &str {
        &self.uuid
    }

    fn step(&self, label: &str) -> Value {
        let (interface, name) = label.split_once('.').unwrap_or(("deploy", label));
        let args = match label {
            "power.wait" => json!({"seconds": 1}),
            _ => json!({}),
        };
        json!({"interface": interface, "step": name, "args": args})
    }

    async fn make(&self, rest: &Rest, own: &ServerMove) -> anyhow::Result<()> {
        let simulator = &self.fleet.simulator;
        match own {
            ServerMove::Breaks(fault) => simulator.fault(self.index, fault()),
            ServerMove::Repaired => simulator.clear_faults(self.index),
            ServerMove::Runs(what) => {
                simulator.wait_until(self.index, DEADLINE, |server| server.running == *what).await?;
            }
            ServerMove::Named => rest.set(&self.uuid, "/instance_info", &self.fleet.instance_info()).await?,
            ServerMove::Set(path, value) => rest.set(&self.uuid, path, &json!(value)).await?,
        }
        Ok(())
    }
}
