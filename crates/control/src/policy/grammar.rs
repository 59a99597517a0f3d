//! Reading checks as they are written.
//!
//! Source: the documentation of oslo.policy, "Policy Rule Expressions".
//!
//! **Shape**: `kind:match` terms, `@` (everybody), `!` (nobody), an empty text (everybody), `not`, `and`, `or` in this order of
//! strength, parentheses; or the older form, a list of alternatives each of which is a list of terms.

use super::expression::{ATTRIBUTES, Check, Left, Right, TARGETS};
use serde_json::Value;

type Written = Check<String>;

/// How deeply parentheses and `not` may be nested.
const DEEPEST: usize = 64;

/// One word of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Not,
    Term(&'a str),
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
}

/// Reads a check in either form.
///
/// **Errors**: what is wrong with it.
pub(super) fn parse(check: &Value) -> Result<Written, String> {
    match check {
        Value::Null => Ok(Check::Always),
        Value::String(text) => parse_text(text),
        Value::Array(alternatives) if alternatives.is_empty() => Ok(Check::Always),
        Value::Array(alternatives) => {
            alternatives.iter().map(alternative).collect::<Result<_, _>>().map(Check::Any)
        }
        other => Err(format!("a check is a text or a list of lists, not {other}")),
    }
}

/// Reads a check that is one text.
///
/// **Errors**: what is wrong with it.
pub(super) fn parse_text(text: &str) -> Result<Written, String> {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return Ok(Check::Always);
    }
    let mut reader = Reader { tokens, next: 0 };
    let check = reader.any(0)?;
    match reader.peek() {
        None => Ok(check),
        Some(Token::Close) => Err("a ')' closes nothing".to_owned()),
        Some(_) => Err(format!("'and' or 'or' is missing after its first {} words", reader.next)),
    }
}

fn alternative(terms: &Value) -> Result<Written, String> {
    let one = |term: &Value| match term {
        Value::String(text) => term_of(text.trim()),
        other => Err(format!("in a list of lists a term is a text, not {other}")),
    };
    match terms {
        Value::Array(terms) => terms.iter().map(one).collect::<Result<_, _>>().map(Check::All),
        single => one(single),
    }
}

/// Splits at spaces, and parentheses off the ends of words: a `)` inside belongs to `%(name)s`.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let inner = word.trim_start_matches('(');
        tokens.extend(std::iter::repeat_n(Token::Open, word.len() - inner.len()));
        let term = inner.trim_end_matches(')');
        match term.to_ascii_lowercase().as_str() {
            "" => {}
            "and" => tokens.push(Token::And),
            "or" => tokens.push(Token::Or),
            "not" => tokens.push(Token::Not),
            _ => tokens.push(Token::Term(term)),
        }
        tokens.extend(std::iter::repeat_n(Token::Close, inner.len() - term.len()));
    }
    tokens
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).copied()
    }

    fn take(&mut self, wanted: Token<'_>) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Written, String> {
        let mut checks = vec![self.all(depth)?];
        while self.take(Token::Or) {
            checks.push(self.all(depth)?);
        }
        Ok(if checks.len() == 1 { checks.remove(0) } else { Check::Any(checks) })
    }

    fn all(&mut self, depth: usize) -> Result<Written, String> {
        let mut checks = vec![self.one(depth)?];
        while self.take(Token::And) {
            checks.push(self.one(depth)?);
        }
        Ok(if checks.len() == 1 { checks.remove(0) } else { Check::All(checks) })
    }

    fn one(&mut self, depth: usize) -> Result<Written, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} times"));
        }
        let token = self.peek();
        self.next += 1;
        match token {
            Some(Token::Term(term)) => term_of(term),
            Some(Token::Not) => Ok(Check::Not(Box::new(self.one(depth + 1)?))),
            Some(Token::Open) => {
                let check = self.any(depth + 1)?;
                if self.take(Token::Close) { Ok(check) } else { Err("a '(' is not closed".to_owned()) }
            }
            Some(Token::And | Token::Or) => Err("'and' and 'or' stand between two checks".to_owned()),
            Some(Token::Close) => Err("a ')' stands where a check should".to_owned()),
            None => Err("it ends where a check should stand".to_owned()),
        }
    }
}

/// Reads `kind:match`, `@` or `!`.
fn term_of(term: &str) -> Result<Written, String> {
    match term {
        "@" => return Ok(Check::Always),
        "!" => return Ok(Check::Never),
        _ => {}
    }
    let (kind, value) = term.split_once(':').ok_or_else(|| format!("'{term}' has no ':'"))?;
    match kind {
        "rule" => Ok(Check::Rule(value.to_owned())),
        "role" if value.contains('%') => Err(format!("'{term}': a role is spelled out")),
        "role" => Ok(Check::Role(value.to_lowercase())),
        "http" | "https" => Err(format!("'{term}': other servers are not asked")),
        _ => Ok(Check::Same(left(kind)?, right(value)?)),
    }
}

fn left(kind: &str) -> Result<Left, String> {
    if let Some(attribute) = ATTRIBUTES.into_iter().find(|attribute| attribute.name == kind) {
        return Ok(Left::Caller(attribute));
    }
    let quoted = |quote: char| kind.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(text) = quoted('\'').or_else(|| quoted('"')) {
        return Ok(Left::Text(text.to_owned()));
    }
    if ["True", "False", "None"].contains(&kind) || kind.parse::<i64>().is_ok() {
        return Ok(Left::Text(kind.to_owned()));
    }
    let known: Vec<&str> = ATTRIBUTES.iter().map(|attribute| attribute.name).collect();
    Err(format!("nothing is known of a caller's '{kind}'; known are role, rule, {}", known.join(", ")))
}

fn right(value: &str) -> Result<Right, String> {
    let Some(name) = value.strip_prefix("%(").and_then(|rest| rest.strip_suffix(")s")) else {
        if value.contains('%') {
            return Err(format!("'{value}' is neither a text nor one %(name)s"));
        }
        return Ok(Right::Text(value.to_owned()));
    };
    if name == "config.service_project_name" {
        return Ok(Right::ServiceProject);
    }
    if let Some((_, key)) = TARGETS.into_iter().find(|row| row.0 == name) {
        return Ok(Right::Target(key));
    }
    if let Some(attribute) = ATTRIBUTES.into_iter().find(|attribute| attribute.name == name) {
        return Ok(Right::Caller(attribute));
    }
    let known: Vec<&str> = TARGETS.iter().map(|row| row.0).collect();
    Err(format!("nothing is known of '%({name})s'; known are {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::expression::TargetKey;
    use super::*;
    use serde_json::json;

    fn role(name: &str) -> Written {
        Check::Role(name.to_owned())
    }

    fn read(text: &str) -> Written {
        parse_text(text).unwrap()
    }

    #[test]
    fn not_binds_before_and_and_and_before_or() {
        assert_eq!(
            read("role:a or not role:b and role:c"),
            Check::Any(vec![role("a"), Check::All(vec![Check::Not(Box::new(role("b"))), role("c")])])
        );
        assert_eq!(
            read("((role:a) or ( role:b )) AND role:c"),
            Check::All(vec![Check::Any(vec![role("a"), role("b")]), role("c")])
        );
        assert_eq!(read("  "), Check::Always);
        assert_eq!(read("@"), Check::Always);
        assert_eq!(read("!"), Check::Never);
    }

    #[test]
    fn terms_compare_callers_things_and_texts() {
        let project = ATTRIBUTES[2];
        let term = "(project_id:%(node.owner)s)";
        assert_eq!(read(term), Check::Same(Left::Caller(project), Right::Target(TargetKey::NodeOwner)));
        assert_eq!(read("'x':%(project_id)s"), Check::Same(Left::Text("x".into()), Right::Caller(project)));
        assert_eq!(read("role:Admin"), role("admin"));
        assert_eq!(read("rule:baremetal:node:get"), Check::Rule("baremetal:node:get".into()));
    }

    #[test]
    fn a_list_of_lists_is_or_of_and() {
        let check = parse(&json!([["role:a", "role:b"], "role:c"])).unwrap();
        assert_eq!(check, Check::Any(vec![Check::All(vec![role("a"), role("b")]), role("c")]));
        assert_eq!(parse(&json!([])).unwrap(), Check::Always);
        assert_eq!(parse(&json!(null)).unwrap(), Check::Always);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let deep = format!("{}role:a{}", "(".repeat(100), ")".repeat(100));
        for (text, said) in [
            ("role:a role:b", "'and' or 'or' is missing"),
            ("role:a and", "ends where"),
            ("or role:a", "stand between"),
            ("(role:a", "not closed"),
            ("role:a)", "closes nothing"),
            ("() or role:a", "should"),
            ("admin", "has no ':'"),
            ("projct_id:x", "nothing is known of a caller's 'projct_id'"),
            ("project_id:%(node.ownr)s", "nothing is known of '%(node.ownr)s'"),
            ("project_id:x%(node.owner)s", "neither a text"),
            ("role:%(node.owner)s", "spelled out"),
            ("http://decide.example/", "not asked"),
            (deep.as_str(), "nested"),
        ] {
            let error = parse_text(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(parse(&json!({"a": 1})).is_err());
        assert!(parse(&json!([[1]])).is_err());
    }
}
