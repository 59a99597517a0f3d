//! Reading off an agent's list of commands how a step stands. Pure.

use super::remembered::Remembered;
use crate::client::{Command, CommandStatus, Commands};
use ferric_model::step::Step;

/// How a step stands.
#[derive(Debug, PartialEq)]
pub enum Standing<'a> {
    /// The agent was not given it.
    NotBegun,
    /// The agent works on it, or on something that must end before it.
    Running(&'a Command),
    /// It ended, well or badly.
    Ended(&'a Command),
    /// The agent was given it and does not know of it any more: it was restarted.
    Lost,
    /// The agent was restarted and nobody noted whether it was given the step.
    NotKnown,
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Name of the command, without its extension.
    pub method: &'a str,
    /// The step whose echo the result of the command has, if it has one.
    pub step: Option<&'a Step>,
}

/// How the wanted command stands.
///
/// A remembered identity decides by itself. Without one a conductor was lost between giving the command and
/// reporting it, or never gave it: an agent runs one command at a time, and the step before has ended, so the last
/// command is either the wanted one or older.
///
/// Source: `contract: agent-protocol` section 6, "Step polling algorithm".
pub fn standing<'a>(
    commands: &'a Commands,
    remembered: Option<&Remembered>,
    wanted: Wanted<'_>,
) -> Standing<'a> {
    let by_status = |command: &'a Command| match command.command_status {
        CommandStatus::Running => Standing::Running(command),
        _ => Standing::Ended(command),
    };
    match remembered.map(|remembered| remembered.id.as_deref()) {
        Some(Some(id)) => commands.find(id).map_or(Standing::Lost, by_status),
        Some(None) => Standing::NotBegun,
        None => match commands.last() {
            None => Standing::NotKnown,
            Some(last) if last.command_name == wanted.method && !is_stale(last, wanted) => by_status(last),
            Some(last) if last.command_status == CommandStatus::Running => Standing::Running(last),
            Some(_) => Standing::NotBegun,
        },
    }
}

/// Whether a command that ended well carried out another step. One that ended badly has no echo, but had it belonged
/// to another step, the flow would have ended with it.
fn is_stale(command: &Command, wanted: Wanted<'_>) -> bool {
    let (CommandStatus::Succeeded, Some(step)) = (&command.command_status, wanted.step) else { return false };
    let Some(map) = command.command_result.as_object() else { return true };
    let echo = map.iter().find(|(key, value)| key.ends_with("_step") && value.is_object());
    echo.is_none_or(|(_, echo)| {
        echo["interface"].as_str() != Some(step.interface.as_str())
            || echo["step"].as_str() != Some(&step.step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::hardware::InterfaceKind;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn list(rows: Value) -> Commands {
        serde_json::from_value(json!({ "commands": rows })).unwrap()
    }

    fn done(id: &str, step: &str) -> Value {
        json!({"id": id, "command_name": "execute_clean_step", "command_status": "SUCCEEDED",
            "command_result": {"clean_result": null, "clean_step": {"interface": "deploy", "step": step}}})
    }

    fn row(id: &str, name: &str, status: &str) -> Value {
        json!({"id": id, "command_name": name, "command_status": status})
    }

    #[test]
    fn the_list_tells_how_a_step_stands() {
        let step = Step::new(InterfaceKind::Deploy, "erase_devices", 10);
        let wanted = Wanted { method: "execute_clean_step", step: Some(&step) };
        let got_steps = || row("0", "get_clean_steps", "SUCCEEDED");
        let running = || row("1", "execute_clean_step", "RUNNING");
        // Remembered identity (none, a busy agent, or an identity), the list, the expected word.
        let cases: [(Option<Option<&str>>, Value, &str); 13] = [
            (Some(Some("1")), json!([got_steps(), running()]), "running"),
            (Some(Some("1")), json!([got_steps(), done("1", "erase_devices")]), "ended"),
            (Some(Some("1")), json!([row("1", "execute_clean_step", "CLEAN_VERSION_MISMATCH")]), "ended"),
            (Some(Some("1")), json!([]), "lost"),
            (Some(Some("1")), json!([got_steps()]), "lost"),
            (Some(None), json!([row("9", "execute_clean_step", "RUNNING")]), "not begun"),
            (None, json!([]), "not known"),
            (None, json!([got_steps()]), "not begun"),
            (None, json!([got_steps(), running()]), "running"),
            (None, json!([got_steps(), done("1", "erase_devices")]), "ended"),
            (None, json!([got_steps(), done("1", "another")]), "not begun"),
            (None, json!([row("1", "execute_clean_step", "FAILED")]), "ended"),
            (None, json!([row("1", "sync", "RUNNING")]), "running"),
        ];
        for (index, (identity, rows, expected)) in cases.into_iter().enumerate() {
            let remembered = identity.map(|id| Remembered {
                task: Uuid::nil(),
                step: step.label(),
                id: id.map(str::to_owned),
            });
            let commands = list(rows);
            let found = match standing(&commands, remembered.as_ref(), wanted) {
                Standing::NotBegun => "not begun",
                Standing::Running(_) => "running",
                Standing::Ended(_) => "ended",
                Standing::Lost => "lost",
                Standing::NotKnown => "not known",
            };
            assert_eq!(found, expected, "case {index}");
        }
    }
}
