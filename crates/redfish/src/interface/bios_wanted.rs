//! Settings as somebody wants them, checked against what the BIOS has. Pure.

use crate::resource::plain_value;
use ferric_hardware::HardwareError;
use ferric_model::bios::{BiosSetting, BiosSettings};
use ferric_model::step::Step;
use serde_json::{Map, Value};

/// The settings of a step, each in the type that the BMC has for it.
///
/// **Errors**: `InvalidParameter`, with everything that is wrong at once.
pub(super) fn wanted(
    step: &Step,
    present: &Map<String, Value>,
    described: &BiosSettings,
) -> Result<Map<String, Value>, HardwareError> {
    let items = step.args.get("settings").and_then(Value::as_array).filter(|items| !items.is_empty());
    let malformed = || {
        HardwareError::invalid(
            "the BIOS settings to apply are not a list of names and values",
            "give each setting as an object with a name and a value",
        )
    };
    let mut wanted = Map::new();
    let mut wrong = Vec::new();
    for item in items.ok_or_else(malformed)? {
        let name = item.get("name").and_then(Value::as_str).ok_or_else(malformed)?;
        let value = item.get("value").ok_or_else(malformed)?;
        let Some(known) = present.get(name) else {
            wrong.push(format!("the BIOS has no setting '{name}'"));
            continue;
        };
        let value = typed(value, known);
        match described.get(name).map_or(Ok(()), |setting| check(setting, &value)) {
            Ok(()) => drop(wanted.insert(name.to_owned(), value)),
            Err(why) => wrong.push(format!("'{name}' {why}")),
        }
    }
    if wrong.is_empty() {
        return Ok(wanted);
    }
    Err(HardwareError::invalid(
        format!("the BIOS settings cannot be applied: {}", wrong.join("; ")),
        "choose among the node's BIOS settings and the values that each may have",
    ))
}

/// A value in the type of the present one, where it can be read as that.
fn typed(value: &Value, known: &Value) -> Value {
    let text = plain_value(value);
    let read = match known {
        Value::Number(_) => text.trim().parse::<i64>().ok().map(Value::from),
        Value::Bool(_) => text.trim().to_lowercase().parse::<bool>().ok().map(Value::from),
        Value::String(_) => Some(text.into()),
        _ => None,
    };
    read.unwrap_or_else(|| value.clone())
}

/// Whether a setting may have the value, as far as the registry tells.
fn check(setting: &BiosSetting, value: &Value) -> Result<(), String> {
    if setting.read_only == Some(true) {
        return Err("cannot be changed".to_owned());
    }
    let shown = plain_value(value);
    if let Some(allowed) = &setting.allowable_values
        && !allowed.contains(&shown)
    {
        return Err(format!("cannot be '{shown}': choose one of {}", allowed.join(", ")));
    }
    match setting.attribute_type.as_deref() {
        Some("Integer") => {
            let number = value.as_i64().ok_or_else(|| format!("is a whole number, not '{shown}'"))?;
            within(number, setting.lower_bound, setting.upper_bound)
                .map_err(|bound| format!("cannot be {number}: {bound}"))
        }
        Some("Boolean") if !value.is_boolean() => Err(format!("is true or false, not '{shown}'")),
        Some("String" | "Password") => {
            let length = i64::try_from(shown.chars().count()).unwrap_or(i64::MAX);
            within(length, setting.min_length, setting.max_length)
                .map_err(|bound| format!("has {length} characters: {bound}"))
        }
        _ => Ok(()),
    }
}

fn within(number: i64, lowest: Option<i64>, highest: Option<i64>) -> Result<(), String> {
    match (lowest, highest) {
        (Some(lowest), _) if number < lowest => Err(format!("at least {lowest}")),
        (_, Some(highest)) if number > highest => Err(format!("at most {highest}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use ferric_model::bios::{BiosSetting, BiosSettings};
    use ferric_model::hardware::InterfaceKind;
    use ferric_model::step::Step;
    use serde_json::{Map, Value, json};

    fn of_type(kind: &str) -> BiosSetting {
        BiosSetting { attribute_type: Some(kind.to_owned()), ..BiosSetting::default() }
    }

    fn described() -> BiosSettings {
        let names = ["Smt", "Seconds", "Tag", "Model", "Quiet"];
        let settings = [
            BiosSetting {
                allowable_values: Some(vec!["On".to_owned(), "Off".to_owned()]),
                ..of_type("Enumeration")
            },
            BiosSetting { lower_bound: Some(0), upper_bound: Some(300), ..of_type("Integer") },
            BiosSetting { max_length: Some(4), ..of_type("String") },
            BiosSetting { read_only: Some(true), ..of_type("String") },
            of_type("Boolean"),
        ];
        names.map(str::to_owned).into_iter().zip(settings).collect()
    }

    fn read(settings: Value) -> Result<Map<String, Value>, String> {
        let present =
            json!({"Smt": "On", "Seconds": 15, "Tag": "", "Model": "V240", "Quiet": true, "Odd": null});
        let mut step = Step::new(InterfaceKind::Bios, "apply_configuration", 0);
        step.args.insert("settings".to_owned(), settings);
        wanted(&step, present.as_object().unwrap(), &described()).map_err(|error| error.summary)
    }

    #[test]
    fn values_are_read_in_the_type_of_the_setting() {
        let found = read(json!([
            {"name": "Smt", "value": "Off"}, {"name": "Seconds", "value": "20"}, {"name": "Tag", "value": 42},
            {"name": "Quiet", "value": "False"}, {"name": "Odd", "value": [1]},
        ]));
        let expected = json!({"Smt": "Off", "Seconds": 20, "Tag": "42", "Quiet": false, "Odd": [1]});
        assert_eq!(found.map(Value::from), Ok(expected));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let said = read(json!([
            {"name": "Smt", "value": "Maybe"}, {"name": "Seconds", "value": 301}, {"name": "Tag", "value": "12345"},
            {"name": "Model", "value": "x"}, {"name": "Quiet", "value": "perhaps"}, {"name": "Nobody", "value": 1},
            {"name": "Seconds", "value": "soon"},
        ]))
        .unwrap_err();
        for part in [
            "'Smt' cannot be 'Maybe': choose one of On, Off",
            "'Seconds' cannot be 301: at most 300",
            "'Tag' has 5 characters: at most 4",
            "'Model' cannot be changed",
            "'Quiet' is true or false, not 'perhaps'",
            "the BIOS has no setting 'Nobody'",
            "'Seconds' is a whole number, not 'soon'",
        ] {
            assert!(said.contains(part), "{said}");
        }
        for malformed in [json!([]), json!({}), json!([{"name": "Smt"}]), json!([{"value": 1}]), json!(null)]
        {
            assert!(read(malformed).unwrap_err().contains("not a list"));
        }
    }
}
