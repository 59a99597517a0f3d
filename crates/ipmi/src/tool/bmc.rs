//! The conversation with one BMC.

use super::lanes::Lanes;
use super::{Command, process};
use crate::access::Access;
use crate::config::IpmiConfig;
use crate::error::IpmiError;
use ferric_hardware::HardwareError;
use ferric_model::node::Node;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

/// The program `ipmitool`, shared by all nodes of a conductor. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ipmitool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: IpmiConfig,
    lanes: Lanes,
    running: Semaphore,
}

/// One node's BMC.
#[derive(Debug)]
pub struct Bmc {
    /// How it is reached.
    pub access: Access,
    tool: Ipmitool,
}

/// First pause before a command is tried again; doubles, with full jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Ipmitool {
    /// Prepares for running the program as `config` says.
    pub fn new(config: IpmiConfig) -> Self {
        let running = Semaphore::new(config.concurrent_commands.max(1));
        Self(Arc::new(Shared { config, lanes: Lanes::default(), running }))
    }

    /// The settings.
    pub(crate) fn config(&self) -> &IpmiConfig {
        &self.0.config
    }

    /// The BMC of `node`.
    ///
    /// **Errors**: `InvalidParameter` when its description does not suffice.
    pub(crate) fn open(&self, node: &Node) -> Result<Bmc, HardwareError> {
        let access = Access::read(node, self.config().answer_timeout_secs)?;
        Ok(Bmc { access, tool: self.clone() })
    }
}

impl Bmc {
    /// The settings.
    pub fn config(&self) -> &IpmiConfig {
        self.tool.config()
    }

    /// Carries out a command, again if it is surely not or harmlessly twice, within the time that the configuration gives.
    pub async fn ask(&self, command: Command<'_>) -> Result<String, IpmiError> {
        self.ask_until(command, Instant::now() + self.config().retry_timeout()).await
    }

    /// The same until `deadline`, if that is earlier.
    pub async fn ask_until(&self, command: Command<'_>, deadline: Instant) -> Result<String, IpmiError> {
        let deadline = deadline.min(Instant::now() + self.config().retry_timeout());
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.once(command, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let again = error.retryable() && (command.harmless || !error.may_have_acted());
            let next = Instant::now() + pause.mul_f64(rand::random());
            if !again || next >= deadline {
                return Err(error);
            }
            tracing::debug!(bmc = self.access.lane, %command, %error, "the command is tried again");
            sleep(next.saturating_duration_since(Instant::now())).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One try: waits for its turn and for a free process.
    async fn once(&self, command: Command<'_>, deadline: Instant) -> Result<String, IpmiError> {
        let shared = &self.tool.0;
        let turn = async {
            let turn = shared.lanes.turn(&self.access.lane, self.config().min_command_interval()).await;
            (turn, shared.running.acquire().await)
        };
        // Others who use the same BMC may keep it for long; a deadline that passes meanwhile is busy, not silence.
        let waited = timeout_at(deadline, turn).await;
        let Ok((_turn, _running)) = waited else {
            return Err(IpmiError::Busy {
                said: "other commands for the same BMC took all the time".to_owned(),
            });
        };
        process::run(self.config(), &self.access, command).await
    }
}
