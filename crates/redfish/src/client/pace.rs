//! Pauses between tries and between looks, with jitter so that a fleet never moves in step.

use crate::config::RedfishConfig;
use std::time::Duration;

/// A growing pause.
#[derive(Debug, Clone)]
pub struct Pace {
    next_ms: u64,
    longest_ms: u64,
    /// Share of the pause that is not left to chance, in percent.
    firm_percent: u64,
    growth_percent: u64,
}

impl Pace {
    /// Between two tries of the same request: doubles, fully jittered.
    pub fn of_retries(config: &RedfishConfig) -> Self {
        Self {
            next_ms: config.backoff_base_ms,
            longest_ms: config.backoff_cap_ms,
            firm_percent: 0,
            growth_percent: 200,
        }
    }

    /// Between two looks at something that is to change: grows by half, half of it jittered.
    pub fn of_looks(config: &RedfishConfig) -> Self {
        Self {
            next_ms: config.poll_first_ms,
            longest_ms: config.poll_longest_ms,
            firm_percent: 50,
            growth_percent: 150,
        }
    }

    /// The next pause.
    pub fn next_pause(&mut self) -> Duration {
        let ceiling = self.next_ms.clamp(1, self.longest_ms.max(1));
        let floor = ceiling * self.firm_percent / 100;
        self.next_ms = (ceiling.saturating_mul(self.growth_percent) / 100).max(ceiling + 1);
        Duration::from_millis(rand::random_range(floor..=ceiling))
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::config::RedfishConfig;
    use std::time::Duration;

    #[test]
    fn pauses_grow_and_stay_within_their_bounds() {
        let config = RedfishConfig { poll_first_ms: 100, poll_longest_ms: 400, ..RedfishConfig::default() };
        let mut pace = Pace::of_looks(&config);
        for ceiling in [100_u64, 150, 225, 337, 400, 400] {
            let pause = pace.next_pause();
            let bounds = Duration::from_millis(ceiling / 2)..=Duration::from_millis(ceiling);
            assert!(bounds.contains(&pause), "{pause:?} is not within {bounds:?}");
        }
    }
}
