//! Power as a table: which reset does what in which power state.

use serde::Serialize;

/// The power state a BMC reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PowerState {
    /// No power.
    Off,
    /// On its way up: after a power on, and during a restart.
    PoweringOn,
    /// Powered; what runs is a question of its own.
    On,
    /// On its way down.
    PoweringOff,
}

/// The kinds of reset a BMC offers (DSP0268, ComputerSystem, ResetType).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ResetType {
    /// Power on.
    On,
    /// Power on without asking.
    ForceOn,
    /// Cut the power.
    ForceOff,
    /// Ask the operating system to stop.
    GracefulShutdown,
    /// Ask the operating system to restart.
    GracefulRestart,
    /// Reset without asking.
    ForceRestart,
    /// Cut the power and give it back.
    PowerCycle,
    /// What the button on the front does.
    PushPowerButton,
    /// Non-maskable interrupt; power stays as it is.
    Nmi,
}

/// What a reset does to a server in a given power state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    TurnOn,
    TurnOff,
    /// Off is under way: come on again as soon as it is reached.
    TurnOnAfterOff,
    /// Off is under way: stay there, whatever was asked before.
    StayOff,
    Restart,
    Cycle,
    Refuse,
}

/// A reset that makes no sense in the present power state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResetRefused {
    pub power: PowerState,
}

use Effect::{Cycle, Nothing, Refuse, Restart, StayOff, TurnOff, TurnOn, TurnOnAfterOff};

/// One row per reset; columns are the states Off, PoweringOn, On, PoweringOff.
const EFFECTS: &[(ResetType, [Effect; 4])] = &[
    (ResetType::On, [TurnOn, Nothing, Nothing, TurnOnAfterOff]),
    (ResetType::ForceOn, [TurnOn, Nothing, Nothing, TurnOnAfterOff]),
    (ResetType::ForceOff, [Nothing, TurnOff, TurnOff, StayOff]),
    (ResetType::GracefulShutdown, [Nothing, TurnOff, TurnOff, StayOff]),
    (ResetType::GracefulRestart, [Refuse, Restart, Restart, Refuse]),
    (ResetType::ForceRestart, [Refuse, Restart, Restart, Refuse]),
    (ResetType::PowerCycle, [Refuse, Cycle, Cycle, TurnOnAfterOff]),
    (ResetType::PushPowerButton, [TurnOn, TurnOff, TurnOff, TurnOnAfterOff]),
    (ResetType::Nmi, [Refuse, Nothing, Nothing, Refuse]),
];

impl PowerState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::PoweringOn => "PoweringOn",
            Self::On => "On",
            Self::PoweringOff => "PoweringOff",
        }
    }

    fn column(self) -> usize {
        match self {
            Self::Off => 0,
            Self::PoweringOn => 1,
            Self::On => 2,
            Self::PoweringOff => 3,
        }
    }
}

impl ResetType {
    /// Every reset, in the order a BMC advertises them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        EFFECTS.iter().map(|(kind, _)| *kind)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::On => "On",
            Self::ForceOn => "ForceOn",
            Self::ForceOff => "ForceOff",
            Self::GracefulShutdown => "GracefulShutdown",
            Self::GracefulRestart => "GracefulRestart",
            Self::ForceRestart => "ForceRestart",
            Self::PowerCycle => "PowerCycle",
            Self::PushPowerButton => "PushPowerButton",
            Self::Nmi => "Nmi",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == text)
    }

    pub(super) fn effect(self, power: PowerState) -> Effect {
        EFFECTS.iter().find(|(kind, _)| *kind == self).map_or(Refuse, |(_, row)| row[power.column()])
    }
}
