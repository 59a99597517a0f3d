//! Waiting for what takes its time: ask again until it is so, never sleep and hope.

use std::fmt::Display;
use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// No condition of these tests takes anywhere near this long unless something is broken.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Pause between two looks. Many nodes are waited for at once, and looks must not be what the installation is busy with.
const PAUSE: Duration = Duration::from_millis(100);

/// What one look at a condition found.
#[derive(Debug)]
pub enum Look<T> {
    /// It holds, with what was asked for.
    There(T),
    /// It does not hold yet; the words tell a failed test what was seen last.
    NotYet(String),
}

impl<T> Look<T> {
    /// Holds with `value` if `holds`, else remembers `seen`.
    pub fn when(holds: bool, value: T, seen: impl Display) -> Self {
        if holds { Self::There(value) } else { Self::NotYet(seen.to_string()) }
    }
}

/// Looks until the condition holds.
///
/// **Errors**: the deadline, with what was seen last; or the error of a look, at once.
pub async fn wait_for<T>(
    what: impl Display,
    deadline: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Look<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + deadline;
    let mut rhythm = interval(PAUSE);
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rhythm.tick().await;
        match look().await? {
            Look::There(value) => return Ok(value),
            Look::NotYet(seen) if Instant::now() >= end => {
                bail!("waited {:.0} s in vain for {what}; last seen: {seen}", deadline.as_secs_f32())
            }
            Look::NotYet(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DEADLINE, Look, wait_for};
    use std::time::Duration;

    #[tokio::test]
    async fn a_condition_is_looked_at_until_it_holds() {
        let mut looks = 0;
        let found = wait_for("three looks", DEADLINE, async || {
            looks += 1;
            Ok(Look::when(looks == 3, looks, looks))
        });
        assert_eq!(found.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_deadline_tells_what_was_seen_last() {
        let never = wait_for("the end", Duration::ZERO, async || Ok(Look::<()>::NotYet("fog".to_owned())));
        assert_eq!(never.await.unwrap_err().to_string(), "waited 0 s in vain for the end; last seen: fog");
    }
}
