//! Carrying an action out.

use super::findings::{ApiCall, Findings};
use super::interpolate::literal_text;
use super::path::{extend, parts, place, remove};
use super::run::RuleFailure;
use crate::JsonMap;
use serde_json::Value;

/// Most attempts that a call may be given beyond the first.
const MAX_RETRIES: u32 = 10;

/// Longest one attempt of a call may take, in seconds.
const MAX_TIMEOUT_SECS: f64 = 60.0;

/// An action with its arguments filled in.
type Act = fn(&JsonMap, &mut Findings) -> Result<(), String>;

/// What each action does; `fail` alone ends the inspection and is not here.
static ACTS: [(&str, Act); 15] = [
    ("log", log),
    ("set-attribute", |args, found| writable(&found.node, args).and_then(|()| set(&mut found.node, args))),
    ("extend-attribute", |args, found| writable(&found.node, args).and_then(|()| add(&mut found.node, args))),
    ("del-attribute", |args, found| delete(&mut found.node, args)),
    ("set-capability", |args, found| {
        let value = Some(args.get("value").map(literal_text).unwrap_or_default());
        set_capability(&mut found.node, text(args, "name")?, value.as_deref())
    }),
    ("unset-capability", |args, found| set_capability(&mut found.node, text(args, "name")?, None)),
    ("add-trait", |args, found| {
        let name = text(args, "name")?.to_owned();
        let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || name.len() > 255 || !name.bytes().all(plain) {
            return Err(format!("'{name}' is no trait"));
        }
        if !found.traits.contains(&name) {
            found.traits.push(name);
        }
        Ok(())
    }),
    ("remove-trait", |args, found| {
        let name = text(args, "name")?;
        found.traits.retain(|known| known != name);
        Ok(())
    }),
    ("set-plugin-data", |args, found| set(&mut found.plugin_data, args)),
    ("extend-plugin-data", |args, found| add(&mut found.plugin_data, args)),
    ("unset-plugin-data", |args, found| {
        remove(&mut found.plugin_data, &parts(text(args, "path")?));
        Ok(())
    }),
    ("set-port-attribute", |args, found| {
        let port = port(found, args)?;
        writable(port, args).and_then(|()| set(port, args))
    }),
    ("extend-port-attribute", |args, found| {
        let port = port(found, args)?;
        writable(port, args).and_then(|()| add(port, args))
    }),
    ("del-port-attribute", |args, found| delete(port(found, args)?, args)),
    ("api-call", call),
];

/// Carries the action `op` out.
///
/// **Errors**: `fail`, and what cannot be done.
pub(super) fn act(op: &str, args: &JsonMap, found: &mut Findings) -> Result<(), RuleFailure> {
    if op == "fail" {
        return Err(RuleFailure::Asked(args.get("msg").map(literal_text).unwrap_or_default()));
    }
    let act = ACTS.iter().find(|row| row.0 == op).map(|row| row.1);
    let act = act.ok_or_else(|| RuleFailure::Broken(format!("unknown action {op}")))?;
    act(args, found).map_err(|said| RuleFailure::Broken(format!("{op}: {said}")))
}

fn text<'a>(args: &'a JsonMap, name: &str) -> Result<&'a str, String> {
    args.get(name).and_then(Value::as_str).ok_or_else(|| format!("'{name}' must be a string"))
}

/// The root of the path must be a field that rules may write.
fn writable(document: &JsonMap, args: &JsonMap) -> Result<(), String> {
    let path = text(args, "path")?;
    match parts(path).first() {
        Some(root) if document.contains_key(*root) && *root != "uuid" => Ok(()),
        _ => Err(format!("'{path}' is no field that rules may write")),
    }
}

fn set(document: &mut JsonMap, args: &JsonMap) -> Result<(), String> {
    let parts = parts(text(args, "path")?);
    *place(document, &parts)? = args.get("value").cloned().unwrap_or_default();
    Ok(())
}

fn add(document: &mut JsonMap, args: &JsonMap) -> Result<(), String> {
    let parts = parts(text(args, "path")?);
    let unique = args.get("unique").and_then(Value::as_bool).unwrap_or_default();
    extend(place(document, &parts)?, args.get("value").cloned().unwrap_or_default(), unique)
}

fn delete(document: &mut JsonMap, args: &JsonMap) -> Result<(), String> {
    writable(document, args)?;
    let parts = parts(text(args, "path")?);
    if let [root] = parts.as_slice() {
        document.insert((*root).to_owned(), Value::Null);
        return Ok(());
    }
    if remove(document, &parts) { Ok(()) } else { Err(format!("'{}' is not there", parts.join("/"))) }
}

fn port<'a>(found: &'a mut Findings, args: &JsonMap) -> Result<&'a mut JsonMap, String> {
    let wanted = text(args, "port_id")?;
    let is_wanted = |port: &&mut JsonMap| port.get("uuid").and_then(Value::as_str) == Some(wanted);
    found.ports.iter_mut().find(is_wanted).ok_or_else(|| format!("the node has no port {wanted}"))
}

/// Sets or takes away one of the capabilities, `"name:value,name:value"` in `properties`.
fn set_capability(node: &mut JsonMap, name: &str, value: Option<&str>) -> Result<(), String> {
    let place = place(node, &["properties", "capabilities"])?;
    let present = place.as_str().unwrap_or_default().to_owned();
    let others = present
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty() && pair.split(':').next() != Some(name))
        .map(str::to_owned);
    let own = value.map(|value| format!("{name}:{value}"));
    let all: Vec<String> = others.chain(own).collect();
    *place = all.join(",").into();
    Ok(())
}

fn log(args: &JsonMap, found: &mut Findings) -> Result<(), String> {
    const LEVELS: [&str; 5] = ["debug", "info", "warning", "error", "critical"];
    let level = args.get("level").and_then(Value::as_str).unwrap_or("info").to_lowercase();
    if !LEVELS.contains(&level.as_str()) {
        return Err(format!("Invalid log level: {level}. Choose from {}", LEVELS.join(", ")));
    }
    let message = args.get("msg").map(literal_text).unwrap_or_default();
    found.log.push((level, message));
    Ok(())
}

fn call(args: &JsonMap, found: &mut Findings) -> Result<(), String> {
    if args.get("proxies").is_some_and(|proxies| !proxies.is_null()) {
        return Err("'proxies' are those of the process here".to_owned());
    }
    let number = |name: &str, default: f64| match args.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => literal_text(value).parse::<f64>().map_err(|_| format!("'{name}' must be a number")),
    };
    let timeout_secs = number("timeout", 5.0)?;
    let retries = number("retries", 3.0)?;
    if !(timeout_secs > 0.0 && timeout_secs <= MAX_TIMEOUT_SECS) {
        return Err(format!("'timeout' must be above 0 and at most {MAX_TIMEOUT_SECS}"));
    }
    if !(0.0..=f64::from(MAX_RETRIES)).contains(&retries) {
        return Err(format!("'retries' must be between 0 and {MAX_RETRIES}"));
    }
    let headers = args.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
    found.calls.push(ApiCall {
        url: text(args, "url")?.to_owned(),
        headers: headers.iter().map(|(name, value)| (name.clone(), literal_text(value))).collect(),
        timeout_secs,
        retries: retries as u32,
    });
    Ok(())
}
