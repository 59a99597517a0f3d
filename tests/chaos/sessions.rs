//! What BMCs keep of conductors that are gone: nothing. Who stops in good order logs out; the session of one that was killed
//! ends at the BMC, since nobody uses it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::ensure;
use ferric_bmc_sim::{SessionCounts, SimulatorConfig};
use ferric_tests::fleet::Fleet;
use ferric_tests::wait::{Look, wait_for};

/// How long the simulated BMCs keep what nobody uses. Short enough that conductors also find their own session gone.
const SESSION_TIMEOUT: Duration = Duration::from_secs(15);

/// When it is over everywhere.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// The beginning of the last life of each conductor; filled at the end of a test, before the conductors are stopped.
pub type Lives = BTreeMap<String, Instant>;

/// A simulator whose BMCs soon forget who does not ask.
pub fn forgetful(simulator: SimulatorConfig) -> SimulatorConfig {
    SimulatorConfig { session_timeout: SESSION_TIMEOUT, ..simulator }
}

/// Looks at the BMCs once every process has stopped in good order.
pub async fn judge(fleet: &Fleet, lives: &Lives) -> anyhow::Result<()> {
    let simulator = &fleet.simulator;
    let opened_by =
        |client: Option<&str>, host: &str| client.is_some_and(|it| it.ends_with(&format!("({host})")));
    for session in simulator.sessions() {
        let owner = lives.iter().find(|(host, _)| opened_by(session.client.as_deref(), host));
        ensure!(owner.is_some() || lives.is_empty(), "nobody here opened the session {session:?}");
        let killed = owner.is_none_or(|(_, began)| session.opened_at < *began);
        ensure!(killed, "a conductor that stopped in good order has left the session {session:?}");
    }
    wait_for("the sessions of killed conductors to end", AFTERWARDS, async || {
        let open = simulator.sessions();
        Ok(Look::when(open.is_empty(), (), format!("{open:?}")))
    })
    .await?;
    let SessionCounts { opened, logged_out, timed_out, forgotten } = simulator.session_counts();
    ensure!(opened == logged_out + timed_out + forgotten, "sessions are miscounted");
    ensure!(lives.is_empty() || opened > 0, "nobody has spoken with a BMC: nothing was tested");
    eprintln!(
        "chaos: {opened} Redfish sessions, {logged_out} logged out, {timed_out} of conductors that were killed or idle; none is left"
    );
    Ok(())
}
