//! Whether a condition holds.

use super::interpolate::literal_text;
use crate::JsonMap;
use regex::Regex;
use serde_json::Value;
use std::cmp::Ordering;
use std::net::IpAddr;

/// Largest size of a compiled expression, in bytes: rules must not eat the memory of the process.
const REGEX_SIZE: usize = 1 << 20;

/// A condition with its arguments filled in.
type Check = fn(&JsonMap) -> Result<bool, String>;

/// What each condition means.
static CHECKS: [(&str, Check); 11] = [
    ("eq", |args| in_pairs(args, |a, b| Ok(equal(a, b)))),
    ("lt", |args| in_pairs(args, |a, b| Ok(order(a, b)? == Ordering::Less))),
    ("gt", |args| in_pairs(args, |a, b| Ok(order(a, b)? == Ordering::Greater))),
    ("is-empty", |args| Ok(matches!(literal_text(value(args)).as_str(), "" | "None" | "[]" | "{}"))),
    ("in-net", in_net),
    ("matches", |args| Ok(regex(args, |text| format!("^(?:{text})$"))?.is_match(&literal_text(value(args))))),
    ("contains", |args| Ok(regex(args, str::to_owned)?.is_match(&literal_text(value(args))))),
    ("one-of", one_of),
    ("is-none", |args| Ok(value(args).is_null())),
    ("is-true", |args| Ok(truth(value(args)) == Some(true))),
    ("is-false", |args| Ok(value(args).is_null() || truth(value(args)) == Some(false))),
];

/// Whether the condition `op` holds.
///
/// **Errors**: arguments that it cannot work with.
pub(super) fn holds(op: &str, args: &JsonMap) -> Result<bool, String> {
    let check = CHECKS.iter().find(|row| row.0 == op).ok_or_else(|| format!("unknown operator {op}"))?;
    check.1(args)
}

fn value(args: &JsonMap) -> &Value {
    args.get("value").unwrap_or(&Value::Null)
}

fn in_pairs(args: &JsonMap, test: impl Fn(&Value, &Value) -> Result<bool, String>) -> Result<bool, String> {
    let values = args.get("values").and_then(Value::as_array).ok_or("'values' must be a list")?;
    let as_texts = args.get("force_strings").and_then(Value::as_bool).unwrap_or_default();
    let texts: Vec<Value> = if as_texts {
        values.iter().map(|value| literal_text(value).into()).collect()
    } else {
        values.clone()
    };
    for pair in texts.windows(2) {
        if !test(&pair[0], &pair[1])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn order(a: &Value, b: &Value) -> Result<Ordering, String> {
    let ordering = match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    };
    ordering.ok_or_else(|| format!("{} and {} cannot be compared", literal_text(a), literal_text(b)))
}

fn one_of(args: &JsonMap) -> Result<bool, String> {
    let wanted = value(args);
    match args.get("values") {
        None => Ok(false),
        Some(Value::Array(list)) => Ok(list.iter().any(|one| equal(one, wanted))),
        Some(Value::Object(map)) => Ok(wanted.as_str().is_some_and(|key| map.contains_key(key))),
        Some(Value::String(text)) => Ok(wanted.as_str().is_some_and(|part| text.contains(part))),
        Some(_) => Err("'values' must be a list".to_owned()),
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" => Some(true),
            "no" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn regex(args: &JsonMap, whole: impl Fn(&str) -> String) -> Result<Regex, String> {
    let text = args.get("regex").and_then(Value::as_str).unwrap_or_default();
    regex::RegexBuilder::new(&whole(text))
        .size_limit(REGEX_SIZE)
        .build()
        .map_err(|_| format!("'{text}' is no regular expression that is understood here"))
}

fn in_net(args: &JsonMap) -> Result<bool, String> {
    let text = |name: &str| args.get(name).map(literal_text).unwrap_or_default();
    let (address, subnet) = (text("address"), text("subnet"));
    let address: IpAddr = address.parse().map_err(|_| format!("'{address}' is no IP address"))?;
    let no_net = || format!("'{subnet}' is no subnet");
    let (base, bits) = match subnet.split_once('/') {
        Some((base, bits)) => (base, Some(bits.parse::<u32>().map_err(|_| no_net())?)),
        None => (subnet.as_str(), None),
    };
    let base: IpAddr = base.parse().map_err(|_| no_net())?;
    let (address, base, width) = match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return Ok(false),
    };
    let host_bits = width - bits.unwrap_or(width).min(width);
    let network = |bits: u128| bits.checked_shr(host_bits).unwrap_or_default();
    if bits.is_some_and(|bits| bits > width) { Err(no_net()) } else { Ok(network(address) == network(base)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_mean_what_their_words_say() {
        let cases = [
            ("eq", json!({"values": [4, 4.0]}), Ok(true)),
            ("eq", json!({"values": ["4", 4]}), Ok(false)),
            ("eq", json!({"values": ["4", 4], "force_strings": true}), Ok(true)),
            ("lt", json!({"values": [1, 2, 3]}), Ok(true)),
            ("gt", json!({"values": ["b", "a"]}), Ok(true)),
            ("lt", json!({"values": [1, "a"]}), Err("1 and a cannot be compared".to_owned())),
            ("is-empty", json!({"value": {}}), Ok(true)),
            ("is-empty", json!({"value": 0}), Ok(false)),
            ("in-net", json!({"address": "10.1.2.3", "subnet": "10.1.0.0/16"}), Ok(true)),
            ("in-net", json!({"address": "10.2.2.3", "subnet": "10.1.0.0/16"}), Ok(false)),
            ("in-net", json!({"address": "fd00::5", "subnet": "fd00::/64"}), Ok(true)),
            ("in-net", json!({"address": "10.1.1.1", "subnet": "::/0"}), Ok(false)),
            ("in-net", json!({"address": "10.1.1.1", "subnet": "0.0.0.0/0"}), Ok(true)),
            (
                "in-net",
                json!({"address": "10.1.1.1", "subnet": "10.0.0.0/99"}),
                Err("'10.0.0.0/99' is no subnet".into()),
            ),
            ("matches", json!({"value": "Dell Inc.", "regex": "Dell.*"}), Ok(true)),
            ("matches", json!({"value": "a Dell", "regex": "Dell"}), Ok(false)),
            ("contains", json!({"value": "a Dell", "regex": "D[a-z]l"}), Ok(true)),
            (
                "contains",
                json!({"value": "x", "regex": "("}),
                Err("'(' is no regular expression that is understood here".into()),
            ),
            ("one-of", json!({"value": 2, "values": [1, 2]}), Ok(true)),
            ("is-none", json!({"value": null}), Ok(true)),
            ("is-true", json!({"value": "Yes"}), Ok(true)),
            ("is-false", json!({"value": 0}), Ok(true)),
            ("is-false", json!({"value": "maybe"}), Ok(false)),
        ];
        for (op, args, expected) in cases {
            assert_eq!(holds(op, args.as_object().unwrap()), expected, "{op} {args}");
        }
    }
}
