//! Verbs: what `PUT states/provision` may ask for.

use super::Event;
use crate::action::Action;

/// A verb.
///
/// Source: `contract: rest-api` section 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `active`
    Active,
    /// `deploy`: the same as `active`, without a configdrive or steps.
    Deploy,
    /// `rebuild`
    Rebuild,
    /// `deleted`
    Deleted,
    /// `undeploy`: the same as `deleted`.
    Undeploy,
    /// `manage`
    Manage,
    /// `provide`
    Provide,
    /// `inspect`
    Inspect,
    /// `clean`
    Clean,
    /// `adopt`
    Adopt,
    /// `abort`
    Abort,
    /// `rescue`
    Rescue,
    /// `unrescue`
    Unrescue,
    /// `unhold`
    Unhold,
    /// `service`
    Service,
}

use Verb as V;

/// Word, event and action of each verb, in the order of the enum. A verb without an action is done by the control
/// plane alone, or its work depends on the state it is given in (`manage`, `abort`).
const ROWS: [(V, &str, Event, Option<Action>); 15] = [
    (V::Active, "active", Event::Deploy, Some(Action::Deploy)),
    (V::Deploy, "deploy", Event::Deploy, Some(Action::Deploy)),
    (V::Rebuild, "rebuild", Event::Rebuild, Some(Action::Deploy)),
    (V::Deleted, "deleted", Event::Delete, Some(Action::TearDown)),
    (V::Undeploy, "undeploy", Event::Delete, Some(Action::TearDown)),
    (V::Manage, "manage", Event::Manage, Some(Action::Verify)),
    (V::Provide, "provide", Event::Provide, Some(Action::Clean)),
    (V::Inspect, "inspect", Event::Inspect, Some(Action::Inspect)),
    (V::Clean, "clean", Event::Clean, Some(Action::Clean)),
    (V::Adopt, "adopt", Event::Adopt, Some(Action::Adopt)),
    (V::Abort, "abort", Event::Abort, Some(Action::Abort)),
    (V::Rescue, "rescue", Event::Rescue, Some(Action::Rescue)),
    (V::Unrescue, "unrescue", Event::Unrescue, Some(Action::Unrescue)),
    (V::Unhold, "unhold", Event::Unhold, None),
    (V::Service, "service", Event::Service, Some(Action::Service)),
];

impl Verb {
    /// Every verb.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.into_iter().map(|row| row.0)
    }

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        ROWS[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        ROWS.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }

    /// The event it causes.
    pub const fn event(self) -> Event {
        ROWS[self as usize].2
    }

    /// The action that a conductor carries out for it.
    pub const fn action(self) -> Option<Action> {
        ROWS[self as usize].3
    }

    /// Whether it starts something new and so sets a target; `abort` and `unhold` continue what was begun.
    pub const fn sets_target(self) -> bool {
        !matches!(self, Self::Abort | Self::Unhold)
    }
}

#[cfg(test)]
mod tests {
    use super::{ROWS, Verb};

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (index, row) in ROWS.into_iter().enumerate() {
            assert_eq!(row.0 as usize, index);
            assert_eq!(Verb::find(row.1), Some(row.0));
        }
    }
}
