//! What must not be given to an installer although it can be read.

use super::additions::{Callback, has_callback};
use super::commands::SOURCES;
use super::document::{Command, Document};
use crate::Problem;
use url::Url;

/// What the operator and the node decide about answer files.
#[derive(Debug, Clone, Default)]
pub struct LintRules {
    /// Hosts from which other files may be included.
    pub include_hosts: Vec<String>,
    /// Whether passwords may be in clear text.
    pub allow_plaintext_passwords: bool,
    /// Whether the kernel line already says what is installed.
    pub has_repository: bool,
    /// Where callbacks must go; none leaves callbacks unchecked.
    pub heartbeat_url: Option<String>,
}

/// Says what is wrong with a file that could be read.
pub fn lint(document: &Document, rules: &LintRules) -> Vec<Problem> {
    let mut problems = Vec::new();
    for include in &document.includes {
        if let Some(text) = foreign(&include.target, rules) {
            problems.push(Problem::at(include.line, text));
        }
    }
    if !rules.allow_plaintext_passwords {
        let open = document.commands.iter().filter(|command| has_plaintext_password(command));
        problems.extend(open.map(|command| {
            let text = format!(
                "{}: the password is in clear text; encrypt it (--iscrypted), or allow it",
                command.name
            );
            Problem::at(command.line, text)
        }));
    }
    let installs = document.commands.iter().any(|command| SOURCES.contains(&command.name.as_str()));
    // What is included is not known here.
    if !installs && !rules.has_repository && document.includes.is_empty() {
        problems.push(Problem::of_file(
            "nothing says what is installed: liveimg, url or another source is missing",
        ));
    }
    if let Some(url) = &rules.heartbeat_url {
        let missing = Callback::ALL.into_iter().filter(|callback| !has_callback(document, *callback, url));
        problems.extend(missing.map(|callback| {
            let (section, status) = (callback.section(), callback.status());
            Problem::of_file(format!("no {section} tells the status '{status}' to the heartbeat URL"))
        }));
    }
    problems
}

/// Whether `target` is a URL from which nothing may be included.
pub(crate) fn foreign(target: &str, rules: &LintRules) -> Option<String> {
    if !target.contains("://") {
        return None;
    }
    match Url::parse(target).ok().and_then(|url| url.host_str().map(str::to_owned)) {
        Some(host) if rules.include_hosts.contains(&host) => None,
        Some(host) => Some(format!("it includes a file from {host}, which is no host of this installation")),
        None => Some("it includes a file from a URL without a host".to_owned()),
    }
}

fn has_plaintext_password(command: &Command) -> bool {
    let has =
        |name: &str| command.words.iter().any(|word| word == name || word.starts_with(&format!("{name}=")));
    let given = match command.name.as_str() {
        "rootpw" => command.arguments.as_ref().is_some_and(|read| !read.operands.is_empty()),
        "user" | "group" => has("--password"),
        "sshpw" => true,
        _ => false,
    };
    // An option may be shortened, but what is not spelled out is not believed.
    given && (!has("--iscrypted") || has("--plaintext"))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn problems(text: &str, rules: &LintRules) -> Vec<String> {
        let (document, unreadable) = parse(text);
        assert_eq!(unreadable, []);
        lint(&document, rules).iter().map(Problem::to_string).collect()
    }

    #[test]
    fn files_of_foreign_hosts_are_not_included() {
        let rules = LintRules { include_hosts: vec!["boot.example".into()], ..LintRules::default() };
        let text = "liveimg --url=http://x/y\n%include /tmp/part\n%include http://boot.example/x\n\
                    %post\n%include https://evil.example/x\n%end\n%ksappend http://evil.example/y\n";
        let found = problems(text, &rules);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("line 5: it includes a file from evil.example"), "{found:?}");
    }

    #[test]
    fn passwords_in_clear_text_need_a_permission() {
        let open = [
            "rootpw secret",
            "rootpw --plaintext secret",
            "rootpw --iscrypted --plaintext x",
            "user --name=a --password=b",
            "sshpw --username=root secret",
        ];
        for line in open {
            let text = format!("cdrom\n{line}\n");
            let found = problems(&text, &LintRules::default());
            assert_eq!(found.len(), 1, "{line}");
            assert!(!found[0].contains("secret"), "{found:?}");
            let allowed = LintRules { allow_plaintext_passwords: true, ..LintRules::default() };
            assert_eq!(problems(&text, &allowed), [""; 0]);
        }
        for line in [
            "rootpw --lock",
            "rootpw --iscrypted $6$x",
            "user --name=a --iscrypted --password=$6$b",
            "user --name=a",
        ] {
            assert_eq!(problems(&format!("cdrom\n{line}\n"), &LintRules::default()), [""; 0], "{line}");
        }
    }

    #[test]
    fn something_must_be_installed() {
        let none = problems("text\n", &LintRules::default());
        assert_eq!(none, ["nothing says what is installed: liveimg, url or another source is missing"]);
        let by_kernel = LintRules { has_repository: true, ..LintRules::default() };
        assert_eq!(problems("text\n", &by_kernel), [""; 0]);
    }
}
