//! Names and limits of queues and exchanges; both implementations follow them.

/// How often a delivery may come back before it is put aside as a dead letter.
pub const DELIVERY_LIMIT: u32 = 100;

/// Most messages that wait in one queue of actions.
pub const QUEUE_LIMIT: usize = 100_000;

/// Most dead letters that are kept; the oldest go first.
pub const DEAD_LETTER_LIMIT: usize = 10_000;

/// Most events that wait for a slow listener; the oldest go first, for events are hints.
pub const EVENT_LIMIT: usize = 4_096;

/// Names under one prefix.
#[derive(Debug, Clone)]
pub struct Topology {
    prefix: String,
}

impl Topology {
    /// Names that begin with `prefix`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The queue of a conductor group.
    pub fn action_queue(&self, conductor_group: &str) -> String {
        if conductor_group.is_empty() {
            format!("{}.action", self.prefix)
        } else {
            format!("{}.action.{conductor_group}", self.prefix)
        }
    }

    /// The fan-out exchange of events.
    pub fn event_exchange(&self) -> String {
        format!("{}.event", self.prefix)
    }

    /// Exchange and queue of dead letters.
    pub fn dead_letters(&self) -> String {
        format!("{}.dead", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Topology;

    #[test]
    fn the_default_group_has_the_short_name() {
        let topology = Topology::new("ferric");
        assert_eq!(topology.action_queue(""), "ferric.action");
        assert_eq!(topology.action_queue("rack-1"), "ferric.action.rack-1");
    }
}
