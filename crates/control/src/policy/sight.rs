//! How much of a node a caller sees.
//!
//! Source: `contract: rbac` section 3.

use super::verdict::Verdict;
use super::watched::Policy;
use super::{Rule, Target};
use crate::actor::{Actor, RequestContext};
use crate::control::Control;

/// What one caller sees of one node. Nodes that look alike to two callers have the same sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeSight {
    /// `driver_info` as it is, rather than a note in its place.
    pub driver_info: bool,
    /// The same of `driver_internal_info`.
    pub driver_internal_info: bool,
    /// The same of `last_error`.
    pub last_error: bool,
    /// The same of `reservation`.
    pub reservation: bool,
    /// Secrets of `driver_info` and `driver_internal_info`.
    pub passwords: bool,
    /// Secrets of `instance_info`.
    pub instance_secrets: bool,
}

/// What one caller sees of any node: the rules with everything about the caller decided.
#[derive(Debug, Clone)]
pub struct NodeSights {
    threshold: Verdict,
    driver_info: Verdict,
    driver_internal_info: Verdict,
    last_error: Verdict,
    reservation: Verdict,
    passwords: Verdict,
    instance_secrets: Verdict,
}

impl NodeSights {
    /// What `actor` sees of nodes by `policy`.
    pub(super) fn new(policy: &Policy, actor: &Actor) -> Self {
        let judge = |rule| policy.judge(actor, rule);
        Self {
            threshold: judge(Rule::NodeGetFilterThreshold),
            driver_info: judge(Rule::NodeGetDriverInfo),
            driver_internal_info: judge(Rule::NodeGetDriverInternalInfo),
            last_error: judge(Rule::NodeGetLastError),
            reservation: judge(Rule::NodeGetReservation),
            passwords: judge(Rule::ShowPassword),
            instance_secrets: judge(Rule::ShowInstanceSecrets),
        }
    }

    /// Whether nodes of different owners or lessees look different, so that both have to be read to tell.
    pub fn differ_by_project(&self) -> bool {
        let below = [&self.driver_info, &self.driver_internal_info, &self.last_error, &self.reservation];
        let whole = self.threshold == Verdict::Always;
        let own = [&self.passwords, &self.instance_secrets];
        own.into_iter().any(Verdict::is_open)
            || !whole && (self.threshold.is_open() || below.into_iter().any(Verdict::is_open))
    }

    /// What is seen of the node of this owner and lessee: a few comparisons of strings.
    pub fn of(&self, owner: Option<&str>, lessee: Option<&str>) -> NodeSight {
        let target = Target { node_owner: owner, node_lessee: lessee, ..Target::NONE };
        let whole = self.threshold.holds(&target);
        NodeSight {
            driver_info: whole || self.driver_info.holds(&target),
            driver_internal_info: whole || self.driver_internal_info.holds(&target),
            last_error: whole || self.last_error.holds(&target),
            reservation: whole || self.reservation.holds(&target),
            passwords: self.passwords.holds(&target),
            instance_secrets: self.instance_secrets.holds(&target),
        }
    }
}

impl Control {
    /// What the caller sees of nodes: ask once for a list, then [`NodeSights::of`] for each row.
    pub fn node_sights(&self, context: &RequestContext) -> NodeSights {
        NodeSights::new(self.policy(), &context.actor)
    }

    /// What the caller sees of one node.
    pub fn node_sight(
        &self,
        context: &RequestContext,
        owner: Option<&str>,
        lessee: Option<&str>,
    ) -> NodeSight {
        self.node_sights(context).of(owner, lessee)
    }
}
