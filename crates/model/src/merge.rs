//! JSON merge patch, the form in which observations change a stored document.
//!
//! Source: RFC 7396.

use crate::JsonMap;
use serde_json::Value;

/// Applies `patch` to `target`: null removes a key, objects merge, anything else replaces.
///
/// Returns whether anything changed.
pub fn merge(target: &mut JsonMap, patch: &JsonMap) -> bool {
    let mut changed = false;
    for (key, value) in patch {
        changed |= match (value, target.get_mut(key)) {
            (Value::Null, _) => target.remove(key).is_some(),
            (Value::Object(inner), Some(Value::Object(present))) => merge(present, inner),
            (_, Some(present)) if present == value => false,
            _ => {
                target.insert(key.clone(), value.clone());
                true
            }
        };
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::json;

    #[test]
    fn null_removes_objects_merge_and_the_rest_replaces() {
        let mut target = json!({"a": 1, "b": {"c": 2, "d": 3}, "e": 4});
        let patch = json!({"a": null, "b": {"c": 5}, "f": [1]});
        let target = target.as_object_mut().unwrap();
        assert!(merge(target, patch.as_object().unwrap()));
        assert_eq!(json!(target), json!({"b": {"c": 5, "d": 3}, "e": 4, "f": [1]}));
        assert!(!merge(target, patch.as_object().unwrap()));
    }
}
