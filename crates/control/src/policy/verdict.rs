//! A check with everything about the caller decided.

use super::expression::{Bound, Check, Left, Right, TargetKey};
use super::roles::LADDER;
use super::target::Target;
use crate::actor::Actor;
use std::collections::BTreeSet;

/// What is left of a check once the caller is known: questions about what the request is about, and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Whatever it is about.
    Always,
    /// Never.
    Never,
    /// Where this of the target is that.
    Is(TargetKey, String),
    /// Where that does not hold.
    Not(Box<Verdict>),
    /// Where each of them holds.
    All(Vec<Verdict>),
    /// Where one of them holds.
    Any(Vec<Verdict>),
}

/// A caller as checks see them.
#[derive(Debug)]
pub(super) struct Caller<'a> {
    actor: &'a Actor,
    roles: BTreeSet<String>,
    service_project: Option<&'a str>,
}

impl Verdict {
    /// Whether it takes a target to tell.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self, Self::Always | Self::Never)
    }

    /// Whether it holds for `target`.
    pub(super) fn holds(&self, target: &Target<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Is(key, value) => key.of(target) == Some(value.as_str()),
            Self::Not(verdict) => !verdict.holds(target),
            Self::All(verdicts) => verdicts.iter().all(|one| one.holds(target)),
            Self::Any(verdicts) => verdicts.iter().any(|one| one.holds(target)),
        }
    }

    fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for verdict in verdicts {
            match verdict {
                Self::Always => {}
                Self::Never => return Self::Never,
                open if left.contains(&open) => {}
                open => left.push(open),
            }
        }
        match left.len() {
            0 => Self::Always,
            1 => left.remove(0),
            _ => Self::All(left),
        }
    }

    fn any(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for verdict in verdicts {
            let parts = match verdict {
                Self::Never => continue,
                Self::Always => return Self::Always,
                Self::Any(parts) => parts,
                open => vec![open],
            };
            for part in parts {
                if !left.contains(&part) {
                    left.push(part);
                }
            }
        }
        match left.len() {
            0 => Self::Never,
            1 => left.remove(0),
            _ => Self::Any(left),
        }
    }
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Always } else { Self::Never }
    }
}

impl TargetKey {
    fn of<'a>(self, target: &Target<'a>) -> Option<&'a str> {
        match self {
            Self::NodeOwner => target.node_owner,
            Self::NodeLessee => target.node_lessee,
            Self::AllocationOwner => target.allocation_owner,
            Self::RunbookOwner => target.runbook_owner,
            Self::OperationOwner => target.operation_owner,
        }
    }
}

impl<'a> Caller<'a> {
    /// The caller `actor`; `service_project` is named when its services have more rights.
    pub(super) fn new(actor: &'a Actor, service_project: Option<&'a str>) -> Self {
        let mut roles: BTreeSet<String> = actor.roles.iter().map(|role| role.to_lowercase()).collect();
        if let Some(step) = LADDER.iter().position(|role| roles.contains(*role)) {
            roles.extend(LADDER[step..].iter().map(|role| (*role).to_owned()));
        }
        Self { actor, roles, service_project }
    }

    /// What is left of `check`.
    pub(super) fn judge(&self, check: &Bound) -> Verdict {
        self.judge_check(&check.0)
    }

    fn judge_check(&self, check: &Check<std::sync::Arc<Bound>>) -> Verdict {
        match check {
            Check::Always => Verdict::Always,
            Check::Never => Verdict::Never,
            Check::Rule(rule) => self.judge(rule),
            Check::Role(role) => self.roles.contains(role).into(),
            Check::Same(left, right) => self.compare(left, right),
            Check::Not(check) => match self.judge_check(check) {
                Verdict::Always => Verdict::Never,
                Verdict::Never => Verdict::Always,
                open => Verdict::Not(Box::new(open)),
            },
            Check::All(checks) => Verdict::all(checks.iter().map(|one| self.judge_check(one))),
            Check::Any(checks) => Verdict::any(checks.iter().map(|one| self.judge_check(one))),
        }
    }

    /// What is absent is the word `None` to a text, and the same as nothing else: a caller without a project does not own
    /// the nodes without an owner.
    fn compare(&self, left: &Left, right: &Right) -> Verdict {
        let values = match left {
            Left::Caller(attribute) => (attribute.read)(self.actor),
            Left::Text(text) => vec![Some(text.as_str())],
        };
        let present = |wanted: &str| values.iter().flatten().any(|value| *value == wanted);
        match right {
            Right::Text(text) => values.iter().any(|value| value.unwrap_or("None") == text).into(),
            Right::Caller(attribute) => {
                (attribute.read)(self.actor).into_iter().flatten().any(present).into()
            }
            Right::ServiceProject => self.service_project.is_some_and(present).into(),
            Right::Target(key) => {
                Verdict::any(values.iter().flatten().map(|value| Verdict::Is(*key, (*value).to_owned())))
            }
        }
    }
}
