//! The rhythm of the sweeps.

use crate::control::Control;
use crate::error::ControlError;
use crate::outbox_pause;
use rand::RngExt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

impl Control {
    /// Sweeps until told to stop. Every process sweeps; compare-and-set makes one of them win each row. The first round
    /// begins after a random part of the interval, so that processes started together do not sweep together.
    pub async fn run_sweeps(&self, stop: CancellationToken) {
        let interval = Duration::from_secs(self.settings().sweep_interval_secs.max(1));
        let mut pause = interval.mul_f64(rand::rng().random_range(0.0..=1.0));
        loop {
            tokio::select! {
                () = stop.cancelled() => return self.leave_connections().await,
                () = tokio::time::sleep(pause) => {}
            }
            self.sweep_once().await;
            pause = outbox_pause(interval);
        }
    }

    /// One round of all sweeps; one that fails is logged and does not keep the others from their work.
    pub async fn sweep_once(&self) {
        log("connections", self.sweep_connections().await);
        log("lost leases", self.sweep_lost_leases().await);
        log("boots", self.sweep_boots().await);
        log("overdue waits", self.sweep_overdue().await);
        log("due tasks", self.sweep_due().await);
        log("stranded tasks", self.sweep_stranded().await);
        if self.is_overloaded() {
            tracing::warn!("the database has too much to do: periodic work is put off");
            return;
        }
        log("power sync", self.sweep_power().await);
        log("sensors", self.sweep_sensors().await);
        log("allocations", self.sweep_allocations().await);
        log("retention", self.sweep_retention().await);
    }
}

fn log(sweep: &'static str, outcome: Result<usize, ControlError>) {
    match outcome {
        Ok(0) => {}
        Ok(count) => tracing::debug!(sweep, count, "swept"),
        Err(error) => {
            tracing::warn!(sweep, %error, cause = ?std::error::Error::source(&error), "a sweep failed");
        }
    }
}
