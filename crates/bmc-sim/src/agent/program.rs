//! A program in place of the simulated agent: what a ramdisk of somebody else does on this server.
//!
//! **Shape** — the program gets in its environment `FERRIC_SIM_SERVER` (index), `FERRIC_SIM_MACS` (separated by commas) and
//! `FERRIC_SIM_KERNEL_LINE` (as in the boot image, one space between words). It ends with the server's power, and its own
//! end says what it did with the server: 0 switches it off, 3 restarts it, anything else leaves it on with nothing running.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::life::{Alive, fail};
use crate::power::Uptime;
use crate::state::{ResetType, Running};

/// The exit code of a program that restarted its server.
const RESTARTED: i32 = 3;

/// Runs the program until it ends, or the run of the server does.
pub(super) async fn run(uptime: Uptime, program: &Path, parameters: &BTreeMap<String, String>) {
    let Some(alive) = Alive::begin(&uptime) else { return };
    let macs = uptime.fleet.servers[uptime.index].identity.macs.join(",");
    let started = Command::new(program)
        .env("FERRIC_SIM_SERVER", uptime.index.to_string())
        .env("FERRIC_SIM_MACS", macs)
        .env("FERRIC_SIM_KERNEL_LINE", line(parameters))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return fail(&uptime, &format!("{} cannot be run: {error}", program.display())),
    };
    let ended = child.wait().await;
    drop(alive);
    match ended.map(|status| status.code()) {
        Ok(Some(0)) => uptime.power(ResetType::ForceOff),
        Ok(Some(RESTARTED)) => uptime.power(ResetType::ForceRestart),
        Ok(code) => {
            fail(&uptime, &format!("the program in the ramdisk ended with {code:?}"));
            uptime.update(|live| live.state.running = Running::LiveImage);
        }
        Err(error) => fail(&uptime, &format!("the program in the ramdisk is lost: {error}")),
    }
}

fn line(parameters: &BTreeMap<String, String>) -> String {
    let words = parameters.iter().map(|(name, value)| match value.as_str() {
        "" => name.clone(),
        value => format!("{name}={value}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_words_with_and_without_a_value() {
        let parameters = [("nofb", ""), ("ipa-api-url", "http://a")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(line(&parameters), "ipa-api-url=http://a nofb");
    }
}
