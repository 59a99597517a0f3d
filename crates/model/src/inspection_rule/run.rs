//! Running rules over what inspection found.

use super::InspectionRule;
use super::action::act;
use super::condition::holds;
use super::findings::{Findings, Views};
use super::interpolate::Scope;
use super::operation::{ACTIONS, CONDITIONS, Multiple, Operation, Signature};
use crate::JsonMap;
use serde_json::Value;

/// Why inspection fails because of a rule; the texts name no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFailure {
    /// A rule's action `fail`.
    #[error("{0}")]
    Asked(String),
    /// A rule could not be carried out.
    #[error("{0}")]
    Broken(String),
}

/// Runs the rules in the order of their priority; of equal ones the older first.
///
/// **Errors**: the failure, and with it the rule that failed. What earlier rules changed is to be thrown away.
pub fn run<'a>(
    rules: &'a [InspectionRule],
    found: &mut Findings,
) -> Result<(), (&'a InspectionRule, RuleFailure)> {
    let mut ordered: Vec<&InspectionRule> = rules.iter().collect();
    ordered.sort_by_key(|rule| (-rule.priority, rule.id));
    let mut views = Views::of(found);
    ordered.into_iter().try_for_each(|rule| one(rule, found, &mut views).map_err(|failure| (rule, failure)))
}

fn one(rule: &InspectionRule, found: &mut Findings, views: &mut Views) -> Result<(), RuleFailure> {
    for condition in &rule.conditions {
        if !met(condition, views).map_err(RuleFailure::Broken)? {
            return Ok(());
        }
    }
    for action in &rule.actions {
        for item in items(action) {
            let args =
                filled(&ACTIONS, &action.op, &action.args, item, views).map_err(RuleFailure::Broken)?;
            act(&action.op, &args, found)?;
            views.refresh(found);
        }
    }
    Ok(())
}

fn met(condition: &Operation, views: &Views) -> Result<bool, String> {
    let (op, inverted) = condition.plain_op()?;
    let mut answers = Vec::new();
    for item in items(condition) {
        let mut args = filled(&CONDITIONS, op, &condition.args, item, views)?;
        if item.is_some() && matches!(op, "eq" | "lt" | "gt") {
            // What is filled in is text, so the rest must be too.
            args.insert("force_strings".to_owned(), true.into());
        }
        answers.push(holds(op, &args)? != inverted);
    }
    Ok(match condition.multiple.unwrap_or(Multiple::Any) {
        Multiple::Any | Multiple::First => answers.contains(&true),
        Multiple::All => !answers.contains(&false),
        Multiple::Last => answers.last() == Some(&true),
    })
}

/// What an operation is repeated for: nothing in particular, once, without a loop.
fn items(operation: &Operation) -> Vec<Option<&Value>> {
    match &operation.over {
        Some(Value::Array(list)) if !list.is_empty() => list.iter().map(Some).collect(),
        Some(object @ Value::Object(map)) if !map.is_empty() => vec![Some(object)],
        _ => vec![None],
    }
}

/// The arguments by name, with replacement fields filled in: all of them in a loop, else those of the signature.
fn filled(
    table: &'static [Signature],
    op: &str,
    args: &Value,
    item: Option<&Value>,
    views: &Views,
) -> Result<JsonMap, String> {
    let signature = table.iter().find(|row| row.op == op).ok_or_else(|| format!("unknown operator {op}"))?;
    let nothing = Value::Null;
    let scope = Scope {
        names: [
            ("node", &views.node),
            ("inventory", &views.inventory),
            ("plugin_data", &views.plugin_data),
            ("item", item.unwrap_or(&nothing)),
        ],
        missing_is_null: op == "is-empty",
    };
    let fill = |value: &Value| {
        let once = scope.fill(value);
        // An item may itself hold replacement fields.
        if item.is_some() { scope.fill(&once) } else { once }
    };
    let mut named = signature.named(args)?;
    for (name, value) in &mut named {
        if item.is_some() || signature.interpolated.contains(&name.as_str()) {
            *value = fill(value);
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::OffsetDateTime;
    use uuid::Uuid;

    fn rule(id: i64, priority: i64, conditions: Value, actions: Value) -> InspectionRule {
        InspectionRule {
            id,
            uuid: Uuid::nil(),
            priority,
            description: None,
            phase: None,
            sensitive: false,
            conditions: serde_json::from_value(conditions).unwrap(),
            actions: serde_json::from_value(actions).unwrap(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: None,
        }
    }

    fn found() -> Findings {
        let map = |value: Value| value.as_object().unwrap().clone();
        Findings {
            node: map(
                json!({"driver": "redfish", "extra": {}, "properties": {"capabilities": "a:1,boot_mode:bios"},
                "driver_info": {"redfish_password": "s3cret"}, "resource_class": null}),
            ),
            facts: map(json!({"uuid": "u1"})),
            inventory: map(
                json!({"cpu": {"count": 8}, "bmc_address": "10.1.2.3", "system_vendor": {"manufacturer": "ACME"}}),
            ),
            ports: vec![map(json!({"uuid": "p1", "extra": {}}))],
            ..Findings::default()
        }
    }

    #[test]
    fn rules_run_by_priority_and_change_what_their_conditions_allow() {
        let rules = [
            rule(
                1,
                0,
                json!([]),
                json!([{"op": "set-attribute", "args": {"path": "/extra/order", "value": "low"}}]),
            ),
            rule(
                2,
                9,
                json!([{"op": "eq", "args": {"values": ["{node.driver}", "redfish"]}},
                              {"op": "!in-net", "args": ["{inventory[bmc_address]}", "192.168.0.0/16"]}]),
                json!([
                    {"op": "set-attribute", "args": {"path": "extra/order", "value": "high"}},
                    {"op": "set-attribute", "args": {"path": "resource_class", "value": "{inventory[system_vendor][manufacturer]}"}},
                    {"op": "set-attribute", "args": {"path": "extra/leak", "value": "{node.driver_info[redfish_password]}"}},
                    {"op": "set-capability", "args": {"name": "boot_mode", "value": "uefi"}},
                    {"op": "add-trait", "args": {"name": "CUSTOM_X"}},
                    {"op": "extend-plugin-data", "args": {"path": "seen.by", "value": "{item}"}, "loop": ["r1", "r2"]},
                    {"op": "set-port-attribute", "args": {"port_id": "p1", "path": "extra/u", "value": "1"}}]),
            ),
            rule(
                3,
                5,
                json!([{"op": "is-empty", "args": {"value": "{inventory[cpu]}"}}]),
                json!([{"op": "fail", "args": {"msg": "no"}}]),
            ),
        ];
        let mut all = found();
        assert_eq!(run(&rules, &mut all), Ok(()));
        let mask = crate::redact::MASK;
        assert_eq!(all.node["extra"], json!({"order": "low", "leak": mask}));
        assert_eq!(all.node["resource_class"], "ACME");
        assert_eq!(all.node["properties"]["capabilities"], "a:1,boot_mode:uefi");
        assert_eq!(all.traits, ["CUSTOM_X"]);
        assert_eq!(Value::Object(all.plugin_data), json!({"seen": {"by": ["r1", "r2"]}}));
        assert_eq!(all.ports[0]["extra"], json!({"u": "1"}));
    }

    #[test]
    fn failures_name_their_rule() {
        let asked = [rule(
            7,
            0,
            json!([{"op": "is-empty", "args": {"value": "{inventory[gpu]}"}}]),
            json!([{"op": "fail", "args": {"msg": "no GPU"}}]),
        )];
        let (failed, failure) = run(&asked, &mut found()).unwrap_err();
        assert_eq!((failed.id, failure), (7, RuleFailure::Asked("no GPU".to_owned())));
        let forbidden = json!([{"op": "set-attribute", "args": {"path": "uuid", "value": "x"}}]);
        let broken = [rule(1, 0, json!([]), forbidden)];
        let (_, failure) = run(&broken, &mut found()).unwrap_err();
        let said = "set-attribute: 'uuid' is no field that rules may write".to_owned();
        assert_eq!(failure, RuleFailure::Broken(said));
    }

    #[test]
    fn answers_of_a_loop_become_one() {
        let condition = |multiple: &str| {
            json!([{"op": "eq", "args": {"values": ["{inventory[cpu][count]}", "{item}"]}, "loop": [8, 9],
                "multiple": multiple}])
        };
        let act = json!([{"op": "add-trait", "args": {"name": "HIT"}}]);
        for (multiple, hit) in [("any", true), ("all", false), ("first", true), ("last", false)] {
            let rules = [rule(1, 0, condition(multiple), act.clone())];
            let mut all = found();
            run(&rules, &mut all).unwrap();
            assert_eq!(all.traits.len() == 1, hit, "{multiple}");
        }
    }
}
