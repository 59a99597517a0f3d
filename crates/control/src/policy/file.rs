//! The operator's rules, from a file in JSON or YAML.
//!
//! **Shape**: one object; each member is the name of a rule with its check, a text or a list of lists.

use super::error::PolicyError;
use super::grammar;
use super::table::Written;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::Value;
use std::path::Path;
use std::time::SystemTime;

/// When a file was last written, and its size.
pub(super) type Version = (SystemTime, u64);

/// The version of a file; none when it cannot be looked at.
pub(super) fn version(path: &Path) -> Option<Version> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

/// Reads the rules of a file.
///
/// **Errors**: the place and the reason when it cannot be read or is no policy.
pub(super) fn read(path: &Path) -> Result<Written, PolicyError> {
    let text = std::fs::read_to_string(path).map_err(|error| PolicyError::of_file(error.to_string()))?;
    parse(&text)
}

/// Reads the rules of a document.
fn parse(text: &str) -> Result<Written, PolicyError> {
    let mut written = Written::new();
    for (name, check) in members(text).map_err(PolicyError::of_file)? {
        let check = grammar::parse(&check).map_err(|reason| PolicyError::of_rule(&name, reason))?;
        if written.insert(name.clone(), check).is_some() {
            return Err(PolicyError::of_rule(&name, "it is there twice"));
        }
    }
    Ok(written)
}

/// The members of the document; every JSON document is one of YAML.
fn members(text: &str) -> Result<Vec<(String, Value)>, String> {
    let mut events = Parser::new_from_str(text);
    let mut members = Vec::new();
    loop {
        let (event, span) = next(&mut events)?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) => {}
            // A file of comments has no rules.
            Event::StreamEnd => return Ok(members),
            Event::Scalar(text, ScalarStyle::Plain, 0, None) if is_null(&text) => break,
            Event::MappingStart(0, None) => {
                while let Some(name) = name(&mut events)? {
                    let first = next(&mut events)?;
                    members.push((name, value(&mut events, first, 0)?));
                }
                break;
            }
            _ => return Err(at(span, "a policy is one object of rules")),
        }
    }
    loop {
        match next(&mut events)? {
            (Event::DocumentEnd, _) => {}
            (Event::StreamEnd, _) => return Ok(members),
            (_, span) => return Err(at(span, "a policy is one document")),
        }
    }
}

type Events<'a> = Parser<'a, saphyr_parser::StrInput<'a>>;

fn next<'a>(events: &mut Events<'a>) -> Result<(Event<'a>, Span), String> {
    match events.next() {
        Some(event) => event.map_err(|error| error.to_string()),
        None => Err("it ends early".to_owned()),
    }
}

fn name(events: &mut Events<'_>) -> Result<Option<String>, String> {
    match next(events)? {
        (Event::MappingEnd, _) => Ok(None),
        (Event::Scalar(name, _, 0, None), _) => Ok(Some(name.into_owned())),
        (_, span) => Err(at(span, "the name of a rule is a text")),
    }
}

fn value<'a>(
    events: &mut Events<'a>,
    (event, span): (Event<'a>, Span),
    depth: usize,
) -> Result<Value, String> {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, 0, None) if is_null(&text) => Ok(Value::Null),
        Event::Scalar(text, _, 0, None) => Ok(Value::String(text.into_owned())),
        Event::SequenceStart(0, None) if depth < 2 => {
            let mut items = Vec::new();
            loop {
                match next(events)? {
                    (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                    item => items.push(value(events, item, depth + 1)?),
                }
            }
        }
        Event::Alias(_) => Err(at(span, "anchors and aliases are not understood")),
        _ => Err(at(span, "a check is a text or a list of lists")),
    }
}

/// The plain words that are nothing rather than a text.
fn is_null(text: &str) -> bool {
    ["", "~", "null", "Null", "NULL"].contains(&text)
}

fn at(span: Span, text: &str) -> String {
    format!("line {}: {text}", span.start.line())
}

#[cfg(test)]
mod tests {
    use super::super::expression::Check;
    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "---\n# who reads\n\"baremetal:node:get\": \"role:a or\n  role:b\"\nopen: \"\"\nempty:\nlists:\n  - [role:a, role:b]\n  - role:c\n";
        let json = "{\n\t\"baremetal:node:get\": \"role:a or role:b\",\n\t\"open\": \"\", \"empty\": null,\n\t\"lists\": [[\"role:a\", \"role:b\"], \"role:c\"]}";
        assert_eq!(parse(yaml).unwrap(), parse(json).unwrap());
        assert_eq!(parse(yaml).unwrap()["empty"], Check::Always);
        for nothing in ["", "# nothing yet\n", "---\n", "{}", "null"] {
            assert!(parse(nothing).unwrap().is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn what_is_no_policy_is_refused_with_its_place() {
        for (text, said) in [
            ("a: role:x\na: role:y\n", "rule 'a': it is there twice"),
            ("a: role:x\nb:\n  c: role:y\n", "line 3: a check is a text"),
            ("- a\n", "line 1: a policy is one object"),
            ("a: @\n", "line 1"),
            ("a: 'role:x or'\n", "rule 'a': it ends where"),
            ("a: &x role:a\nb: *x\n", "line"),
            ("a: role:x\n---\nb: role:y\n", "line 2: a policy is one document"),
            ("{\"a\": {\"b\": 1}}", "a check is a text"),
            ("a: [[[x]]]", "a check is a text"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
