//! Pauses between attempts.

use rand::RngExt;
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Pause before attempt `attempt` (from 1): exponential, and apart.
pub fn pause(attempt: u32) -> Duration {
    apart(FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST))
}

/// Half to all of `full`, at random, so that clients do not do the same thing together.
pub fn apart(full: Duration) -> Duration {
    full.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::{FIRST, LONGEST, pause};

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert!((FIRST / 2..=FIRST).contains(&pause(1)));
        assert!((FIRST * 2..=FIRST * 4).contains(&pause(3)));
        assert!((LONGEST / 2..=LONGEST).contains(&pause(u32::MAX)));
    }
}
