//! The steps of flows of simulated servers over which conductors die.

use ferric_bmc_sim::{Counters, ResetType};

/// A step of a flow.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Which of the hardware models the server is of.
    pub model: usize,
    /// What leads a new server to where the flow begins: verbs, or power states, each with the state it ends in.
    pub way: &'static [(&'static str, &'static str)],
    /// The verb that begins the flow.
    pub verb: &'static str,
    /// Its steps, where somebody has to choose them.
    pub steps: &'static [&'static str],
    /// Interfaces that are not those of every server, and flags of the node.
    pub set: &'static [(&'static str, &'static str)],
    /// What has to happen in the flow before the act is the one that is meant, as a target of faults.
    pub past: Option<&'static str>,
    /// The request that does what the step is about, as a target of faults.
    pub act: &'static str,
    /// A request that follows it, if any does.
    pub next: &'static str,
    /// How often the server did it.
    pub done: fn(&Counters) -> u32,
    /// How often it may do that in the whole flow, however its conductor dies.
    pub most: u32,
    /// Where the node is at the end.
    pub ends: &'static str,
    /// Where else it may be, and with which code, if nobody can tell afterwards what was done.
    pub or_fails: Option<(&'static str, &'static str)>,
}

const MANAGE: (&str, &str) = ("manage", "manageable");
const PROVIDE: (&str, &str) = ("provide", "available");
const ADOPT: (&str, &str) = ("adopt", "active");
const RESCUE: (&str, &str) = ("rescue", "rescue");
/// Not a verb, but the power.
pub const POWER_ON: (&str, &str) = ("power on", "power on");

/// What may be done again by whoever takes over.
const TWICE: u32 = 2;

/// What only reads, and may be done as often as anybody likes.
const ANY: u32 = u32::MAX;

/// The act of one conductor, and that of the other, which boots anew what the first one has booted. An insert may be sent once
/// more, for it names the state that it leads to.
const BOOTS: u32 = 2;

const fn of(flow: (&'static [(&'static str, &'static str)], &'static str, &'static str)) -> Case {
    let (way, verb, ends) = flow;
    Case {
        model: 0,
        way,
        verb,
        steps: &[],
        set: &[],
        past: None,
        act: "",
        next: "",
        done: |_| 0,
        most: ANY,
        ends,
        or_fails: None,
    }
}

impl Case {
    /// What the step does, and what follows.
    const fn over(self, act: &'static str, next: &'static str) -> Self {
        Self { act, next, ..self }
    }

    const fn past(self, past: &'static str) -> Self {
        Self { past: Some(past), ..self }
    }

    const fn steps(self, steps: &'static [&'static str]) -> Self {
        Self { steps, ..self }
    }

    const fn set(self, set: &'static [(&'static str, &'static str)]) -> Self {
        Self { set, ..self }
    }

    const fn at_most(self, most: u32, done: fn(&Counters) -> u32) -> Self {
        Self { most, done, ..self }
    }

    const fn or_fails(self, state: &'static str, code: &'static str) -> Self {
        Self { or_fails: Some((state, code)), ..self }
    }

    const fn model(self, model: usize) -> Self {
        Self { model, ..self }
    }
}

const VERIFY: Case = of((&[], "manage", "manageable"));
const INSPECT: Case = of((&[MANAGE], "inspect", "manageable"));
const ADOPTION: Case = of((&[MANAGE], "adopt", "active"));
const CLEANING: Case = of((&[MANAGE], "clean", "manageable"));
const DEPLOYMENT: Case = of((&[MANAGE, PROVIDE], "active", "active"));
const RESCUING: Case = of((&[MANAGE, ADOPT], "rescue", "rescue"));
const UNRESCUE: Case = of((&[MANAGE, ADOPT, RESCUE], "unrescue", "active"));
const SERVICE: Case = of((&[MANAGE, ADOPT], "service", "active"));
const UNDEPLOYMENT: Case = of((&[MANAGE, ADOPT, POWER_ON], "deleted", "available"));

/// Requests that BMCs and agents get.
const LOOK: &str = "GET /Systems";
const INSERT: &str = "POST VirtualMedia.InsertMedia";
const EJECT: &str = "POST VirtualMedia.EjectMedia";
const ON: &str = "On";
const OFF: &str = "ForceOff";
const BIOS: &str = "PATCH /BIOS/Settings";
const VOLUMES: &str = "POST /Volumes";
const FIRMWARE: &str = "UpdateService.SimpleUpdate";
const AGENT: &str = "GET /agent";

/// The cases.
pub const CASES: &[Case] = &[
    VERIFY.over(LOOK, "GET /Managers"),
    INSPECT.over(INSERT, ON).at_most(BOOTS + 1, |count| count.inserts),
    INSPECT.over(ON, LOOK).at_most(BOOTS, on),
    INSPECT.over(OFF, EJECT).at_most(BOOTS, off),
    ADOPTION.over(LOOK, ""),
    CLEANING.steps(&["deploy.burnin_cpu"]).over("clean.get_clean_steps", "clean.execute_clean_step"),
    CLEANING
        .steps(&["deploy.burnin_cpu"])
        .over("burnin_cpu", AGENT)
        .at_most(TWICE, |count| step(count, "burnin_cpu")),
    CLEANING
        .steps(&["raid.create_configuration"])
        .set(&[("/raid_interface", "agent")])
        .over("create_configuration", AGENT)
        .at_most(1, |count| step(count, "create_configuration")),
    CLEANING
        .steps(&["raid.create_configuration"])
        .over(VOLUMES, "GET /Volumes")
        .at_most(1, |count| count.volumes_created),
    CLEANING
        .model(1)
        .steps(&["raid.create_configuration"])
        .over(VOLUMES, OFF)
        .at_most(1, |count| count.volumes_created),
    CLEANING.steps(&["bios.apply_configuration"]).over(BIOS, ON).at_most(TWICE, |count| count.bios_changes),
    CLEANING.steps(&["firmware.update"]).over(FIRMWARE, OFF).at_most(1, |count| count.firmware_requests),
    CLEANING.steps(&["deploy.burnin_cpu"]).over(OFF, EJECT).at_most(BOOTS, off),
    DEPLOYMENT.over(INSERT, ON).at_most(BOOTS + 1, |count| count.inserts),
    DEPLOYMENT.over(ON, LOOK).at_most(BOOTS + 1, on),
    DEPLOYMENT.over("deploy.get_deploy_steps", "write_image"),
    DEPLOYMENT.over("write_image", AGENT).at_most(1, |count| step(count, "write_image")),
    DEPLOYMENT
        .over("image.install_bootloader", "PATCH /Systems")
        .at_most(TWICE, |count| command(count, "image.install_bootloader")),
    DEPLOYMENT.over("standby.power_off", LOOK).at_most(TWICE, |count| command(count, "standby.power_off")),
    DEPLOYMENT.past("standby.power_off").over(ON, LOOK).at_most(BOOTS + 1, on),
    RESCUING.over(ON, LOOK).at_most(BOOTS, on),
    RESCUING
        .over("rescue.finalize_rescue", EJECT)
        .at_most(1, |count| command(count, "rescue.finalize_rescue"))
        // The agent leaves when it has let people in, and answers nobody any more.
        .or_fails("rescue failed", "agent-unreachable"),
    UNRESCUE.over(OFF, ON).at_most(BOOTS, off),
    UNRESCUE.over(ON, LOOK).at_most(BOOTS, on),
    UNDEPLOYMENT.over(OFF, LOOK).at_most(TWICE, off),
    SERVICE
        .steps(&["deploy.burnin_cpu"])
        .over("burnin_cpu", AGENT)
        .at_most(TWICE, |count| step(count, "burnin_cpu")),
    SERVICE.steps(&["firmware.update"]).over(FIRMWARE, ON).at_most(1, |count| count.firmware_requests),
    SERVICE
        .steps(&["bios.factory_reset"])
        .over("POST Bios.ResetBios", ON)
        .at_most(TWICE, |count| count.bios_changes),
];

fn on(count: &Counters) -> u32 {
    resets(count, ResetType::On)
}

fn off(count: &Counters) -> u32 {
    resets(count, ResetType::ForceOff)
}

fn resets(count: &Counters, kind: ResetType) -> u32 {
    count.resets.get(&kind).copied().unwrap_or_default()
}

fn step(count: &Counters, name: &str) -> u32 {
    count.steps.get(name).copied().unwrap_or_default()
}

fn command(count: &Counters, name: &str) -> u32 {
    count.commands.get(name).copied().unwrap_or_default()
}
