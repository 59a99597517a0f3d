//! Sensors: having conductors read those of every node now and then.
//!
//! Nothing of them comes back here: conductors keep the latest readings and give them to whoever collects metrics.

use super::round::{Batch, Round};
use crate::control::Control;
use crate::error::ControlError;
use ferric_bus::v1::SensorsWork;
use ferric_bus::v1::action_envelope::Work;
use ferric_db::nodes::Visit;

impl Control {
    /// Sends out the nodes whose sensors are due.
    pub(crate) async fn sweep_sensors(&self) -> Result<usize, ControlError> {
        let settings = self.settings();
        let round = Round {
            sweep: "sensors",
            interval_secs: settings.sensor_interval_secs,
            visit: Visit::Sensors { of_undeployed: settings.sensors_of_undeployed },
        };
        // As often as nodes are really read: no round is shorter than a sweep.
        let interval_secs = round.interval_secs.max(settings.sweep_interval_secs);
        let work = |Batch { node_uuids, generations }| {
            Work::Sensors(SensorsWork { node_uuids, interval_secs, generations })
        };
        self.send_round(round, work).await
    }
}
