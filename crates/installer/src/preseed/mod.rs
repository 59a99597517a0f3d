//! Preseed files of the Debian installer: their lines, what is wrong with them, and what is added to them.
//!
//! Source: Debian installation guide, appendix B.

use crate::kickstart::LintRules;
use crate::kickstart::foreign;
use crate::shell::quote;
use crate::{Problem, Variables};
use serde_json::json;

/// Types of answers.
const TYPES: [&str; 9] =
    ["string", "boolean", "select", "multiselect", "password", "note", "text", "title", "seen"];

/// Questions whose answers are passwords in clear text.
const PLAINTEXT: [&str; 4] = [
    "passwd/root-password",
    "passwd/root-password-again",
    "passwd/user-password",
    "passwd/user-password-again",
];

/// Questions whose answers are further files to fetch.
const INCLUDES: [&str; 2] = ["preseed/include", "preseed/run"];

/// Command that runs as soon as the file was read, and the one that runs last.
const EARLY: &str = "preseed/early_command";
const LATE: &str = "preseed/late_command";

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it begins, from 1.
    pub line: usize,
    /// The package that asks.
    pub owner: String,
    /// The question.
    pub question: String,
    /// Type of the answer.
    pub kind: String,
    /// The answer.
    pub value: String,
}

/// Reads a preseed file as far as it can be read, and says what is wrong with it.
pub fn parse(text: &str) -> (Vec<Answer>, Vec<Problem>) {
    let (mut answers, mut problems) = (Vec::new(), Vec::new());
    for (line, logical) in logical_lines(text) {
        let trimmed = logical.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (owner, rest) = word(trimmed);
        let (question, rest) = word(rest);
        let (kind, value) = word(rest);
        if question.is_empty() || !TYPES.contains(&kind) {
            problems.push(Problem::at(line, "it is not 'owner question type value'"));
            continue;
        }
        answers.push(Answer {
            line,
            owner: owner.to_owned(),
            question: question.to_owned(),
            kind: kind.to_owned(),
            value: value.trim_end().to_owned(),
        });
    }
    (answers, problems)
}

/// Says what is wrong with a file that could be read.
pub fn lint(answers: &[Answer], rules: &LintRules) -> Vec<Problem> {
    let mut problems = Vec::new();
    for answer in answers {
        let question = answer.question.as_str();
        if PLAINTEXT.contains(&question) && !answer.value.is_empty() && !rules.allow_plaintext_passwords {
            let text =
                format!("{question}: the password is in clear text; encrypt it (-crypted), or allow it");
            problems.push(Problem::at(answer.line, text));
        }
        if INCLUDES.contains(&question) {
            let foreign = answer.value.split_whitespace().filter_map(|target| foreign(target, rules));
            problems.extend(foreign.map(|text| Problem::at(answer.line, text)));
        }
    }
    if let Some(url) = &rules.heartbeat_url {
        for (question, status) in [(EARLY, "start"), (LATE, "end")] {
            if !calls_back(answers, question, status, url) {
                let text = format!("no {question} tells the status '{status}' to the heartbeat URL");
                problems.push(Problem::of_file(text));
            }
        }
    }
    problems
}

/// The file with the callbacks that its template left out, before or behind what it runs itself.
pub fn complete(text: &str, answers: &[Answer], variables: &Variables) -> String {
    let mut whole = text.to_owned();
    if !whole.ends_with('\n') {
        whole.push('\n');
    }
    // A last line that wants to go on would take in what is added.
    if whole.lines().last().is_some_and(|line| line.ends_with('\\')) {
        whole.push('\n');
    }
    for (question, status, message) in
        [(EARLY, "start", "The Debian installer runs."), (LATE, "end", "The Debian installer is done.")]
    {
        if calls_back(answers, question, status, &variables.heartbeat_url) {
            continue;
        }
        let ours = callback(status, message, variables);
        let own = answers.iter().rev().find(|answer| answer.question == question);
        let own = own.map(|answer| answer.value.as_str()).filter(|value| !value.is_empty());
        let command = match (own, status) {
            (None, _) => ours,
            // With a blank behind it a backslash at the end joins no line.
            (Some(own), "start") if own.ends_with('\\') => format!("{ours}; {own} "),
            (Some(own), "start") => format!("{ours}; {own}"),
            (Some(own), _) => format!("{own} && {{ {ours}; }}"),
        };
        // The last answer to a question counts.
        whole.push_str(&format!("d-i {question} string {command}\n"));
    }
    whole
}

fn calls_back(answers: &[Answer], question: &str, status: &str, url: &str) -> bool {
    let last = answers.iter().rev().find(|answer| answer.question == question);
    last.is_some_and(|answer| {
        let value = answer.value.replace('\\', "");
        value.contains(url) && value.contains("agent_status") && value.contains(&format!("\"{status}\""))
    })
}

fn callback(status: &str, message: &str, variables: &Variables) -> String {
    let body = json!({
        "callback_url": "",
        "agent_token": variables.agent_token,
        "agent_status": status,
        "agent_status_message": message,
    });
    let check = if variables.insecure_heartbeat { "--no-check-certificate " } else { "" };
    format!(
        "wget {check}-q -O /dev/null --header='Content-Type: application/json' \
         --header='X-OpenStack-Ironic-API-Version: 1.72' --post-data={} {}",
        quote(&body.to_string()),
        quote(&variables.heartbeat_url)
    )
}

/// Lines with those joined that end in a backslash, and where each begins.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let (start, mut whole) = open.take().unwrap_or((index + 1, String::new()));
        match line.strip_suffix('\\') {
            Some(part) => {
                whole.push_str(part);
                open = Some((start, whole));
            }
            None => {
                whole.push_str(line);
                lines.push((start, whole));
            }
        }
    }
    lines.extend(open);
    lines
}

/// The first word, and what follows the blanks behind it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        Variables {
            heartbeat_url: "http://api/v1/heartbeat/n".into(),
            agent_token: "tok".into(),
            ..Variables::default()
        }
    }

    fn rules() -> LintRules {
        LintRules { heartbeat_url: Some(variables().heartbeat_url), ..LintRules::default() }
    }

    #[test]
    fn answers_are_read() {
        let (answers, problems) = parse("# x\nd-i  a/b \\\n string  x y \n\nnonsense\nd-i a/c string\n");
        assert_eq!(answers.len(), 2);
        assert_eq!((answers[0].line, &answers[0].question[..], &answers[0].value[..]), (2, "a/b", "x y"));
        assert_eq!(answers[1].value, "");
        assert_eq!(problems, [Problem::at(5, "it is not 'owner question type value'")]);
    }

    #[test]
    fn callbacks_are_added_around_what_a_template_runs() {
        let text = "d-i preseed/early_command string modprobe x\nd-i preseed/late_command string touch /y";
        let (answers, _) = parse(text);
        assert_eq!(lint(&answers, &rules()).len(), 2);
        let whole = complete(text, &answers, &variables());
        let (answers, problems) = parse(&whole);
        assert_eq!((problems, lint(&answers, &rules())), (vec![], vec![]));
        assert!(answers[2].value.ends_with("; modprobe x"), "{whole}");
        assert!(answers[3].value.starts_with("touch /y && { wget "), "{whole}");
        assert_eq!(complete(&whole, &answers, &variables()), whole);
    }

    #[test]
    fn what_is_added_stays_apart_from_a_line_that_does_not_end() {
        for text in [
            "d-i a/b string x \\",
            "d-i a/b string x \\\n",
            "d-i preseed/late_command string x \\\r\n",
            "d-i preseed/early_command string x \\ ",
        ] {
            let (answers, _) = parse(text);
            let (answers, problems) = parse(&complete(text, &answers, &variables()));
            assert_eq!((problems, lint(&answers, &rules())), (vec![], vec![]), "{text:?}");
        }
    }

    #[test]
    fn secrets_and_foreign_files_are_refused() {
        let text = "d-i passwd/root-password password hunter2\nd-i preseed/include string http://evil/x y.cfg\n\
                    d-i passwd/root-password-crypted password $6$x\n";
        let (answers, _) = parse(text);
        let found: Vec<String> =
            lint(&answers, &LintRules::default()).iter().map(Problem::to_string).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(!found.concat().contains("hunter2"));
        let allowed = LintRules {
            allow_plaintext_passwords: true,
            include_hosts: vec!["evil".into()],
            ..LintRules::default()
        };
        assert_eq!(lint(&answers, &allowed), []);
    }
}
