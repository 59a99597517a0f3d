//! Steps that wait in the database until a deployment or a verb asks for them.

use super::Step;
use crate::JsonMap;
use crate::hardware::InterfaceKind;
use crate::schema::{JsonType as T, Pattern, Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Interfaces that have steps for deploying, cleaning and service, as refusals list them.
pub const STEP_INTERFACES: [&str; 7] =
    ["vendor", "power", "management", "firmware", "deploy", "bios", "raid"];

/// A rank as callers write it: a whole number that is not negative, or its digits.
pub const RANK: Schema = Schema {
    any_of: &[
        Schema { minimum: Some(0), ..Schema::of(&[T::Integer]) },
        Schema {
            min_length: 1,
            pattern: Some(Pattern {
                text: "^[0-9]+$",
                matches: |t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()),
            }),
            ..Schema::of(&[T::String])
        },
    ],
    ..Schema::ANY
};

/// A step of a deploy template or of a runbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredStep {
    /// The interface that has it.
    pub interface: InterfaceKind,
    /// Its name.
    pub step: String,
    /// Arguments.
    #[serde(default)]
    pub args: JsonMap,
    /// Its priority in a deploy template, its place in the order of a runbook.
    pub rank: i64,
}

/// Reads a rank.
pub fn read_rank(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

impl StoredStep {
    /// `interface.step`, as people write it.
    pub fn label(&self) -> String {
        format!("{}.{}", self.interface, self.step)
    }

    /// The step to run, with its rank as its priority.
    pub fn to_step(&self) -> Step {
        Step { args: self.args.clone(), ..Step::new(self.interface, self.step.clone(), self.rank) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::refusal;
    use serde_json::json;

    #[test]
    fn ranks_are_numbers_or_digits() {
        for (given, read) in [(json!(0), Some(0)), (json!(150), Some(150)), (json!("7"), Some(7))] {
            assert_eq!(refusal(&given, &RANK), None, "{given}");
            assert_eq!(read_rank(&given), read);
        }
        for wrong in [json!(-1), json!("x"), json!(""), json!(1.5), json!(null)] {
            assert!(refusal(&wrong, &RANK).is_some(), "{wrong}");
        }
    }
}
