//! Paths into documents: `extra/rack/row` or `extra.rack.row`.

use crate::JsonMap;
use serde_json::Value;

/// The parts of a path.
pub(super) fn parts(path: &str) -> Vec<&str> {
    if path.contains('/') { path.trim_matches('/').split('/').collect() } else { path.split('.').collect() }
}

/// The place that a path means, made if it is not there.
///
/// **Errors**: something on the way is no object.
pub(super) fn place<'a>(document: &'a mut JsonMap, parts: &[&str]) -> Result<&'a mut Value, String> {
    let Some((last, way)) = parts.split_last() else { return Err("the path is empty".to_owned()) };
    let mut map = document;
    for part in way {
        let next = map.entry(*part).or_insert(Value::Null);
        if next.is_null() {
            *next = Value::Object(JsonMap::new());
        }
        map = next.as_object_mut().ok_or_else(|| format!("'{part}' is no object"))?;
    }
    Ok(map.entry(*last).or_insert(Value::Null))
}

/// Takes away what a path means; false when it is not there.
pub(super) fn remove(document: &mut JsonMap, parts: &[&str]) -> bool {
    match parts {
        [] => false,
        [last] => document.remove(*last).is_some(),
        [first, rest @ ..] => match document.get_mut(*first) {
            Some(Value::Object(map)) => remove(map, rest),
            _ => false,
        },
    }
}

/// Adds to the list at a place; with `unique` only what it does not hold.
///
/// **Errors**: what is there is no list.
pub(super) fn extend(place: &mut Value, value: Value, unique: bool) -> Result<(), String> {
    if place.is_null() {
        *place = Value::Array(Vec::new());
    }
    let list = place.as_array_mut().ok_or("it is no list")?;
    if !unique || !list.contains(&value) {
        list.push(value);
    }
    Ok(())
}
