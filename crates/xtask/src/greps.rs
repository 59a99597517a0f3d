//! Invariants that show in the text of the code.

use anyhow::Result;

use crate::report::Findings;
use crate::workspace::{SourceFile, Workspace};

/// Which lines a rule reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Code that ships: no tests, no comments.
    Product,
    /// Code of tests kept in files of their own, no comments.
    Tests,
    /// Every line, comments included.
    Everything,
}

/// Pieces of text that must not appear in some places.
struct Rule {
    words: &'static [&'static str],
    scope: Scope,
    /// Paths that the rule reads begin with one of these.
    within: &'static [&'static str],
    /// Paths that it leaves out begin with one of these.
    except: &'static [&'static str],
    reason: &'static str,
}

const ANYWHERE: &[&str] = &[""];

const RULES: &[Rule] = &[
    Rule {
        words: &["TODO", "FIXME", "XXX"],
        scope: Scope::Everything,
        within: ANYWHERE,
        except: &[],
        reason: "finish it or file an issue",
    },
    Rule {
        words: &["dbg!", "todo!", "unimplemented!"],
        scope: Scope::Everything,
        within: ANYWHERE,
        except: &[],
        reason: "leftover",
    },
    Rule {
        words: &["#[ignore"],
        scope: Scope::Everything,
        within: ANYWHERE,
        except: &[],
        reason: "a test runs or is deleted",
    },
    Rule {
        words: &["sleep(", "sleep_until("],
        scope: Scope::Tests,
        within: ANYWHERE,
        except: &[],
        reason: "tests wait for events",
    },
    Rule {
        words: &["microversion", "Microversion", "MICROVERSION"],
        scope: Scope::Product,
        within: &["crates/"],
        // The demo is a client of the REST API.
        except: &["crates/api/src/rest/", "crates/ferric/src/demo/"],
        reason: "I-9: microversions exist only in api/rest",
    },
    Rule {
        words: &["for_update(", "FOR UPDATE"],
        scope: Scope::Product,
        within: &["crates/db/"],
        except: &[],
        reason: "I-8: compare and set, no row locks",
    },
    Rule {
        words: &["tasks::insert", "history::append", "write_together"],
        scope: Scope::Product,
        within: &["crates/control/"],
        except: &["crates/control/src/commit.rs", "crates/control/src/commit/"],
        reason: "I-4: state, task, history and outbox are written together, by commit",
    },
    Rule {
        words: &["outbox::enqueue"],
        scope: Scope::Product,
        within: &["crates/control/"],
        // Sweeps also send what belongs to no change of state: batches of due work, and envelopes once more.
        except: &["crates/control/src/commit.rs", "crates/control/src/commit/", "crates/control/src/sweep/"],
        reason: "I-4: state, task, history and outbox are written together, by commit",
    },
    Rule {
        words: &["Sources"],
        scope: Scope::Product,
        within: &[
            "crates/agent/src/",
            "crates/conductor/src/",
            "crates/hardware/src/",
            "crates/ipmi/src/",
            "crates/redfish/src/",
        ],
        except: &[],
        reason: "conductors get `Images`, which gives out no image: bytes go from server to agent",
    },
];

/// The rules name what they forbid.
const THIS_FILE: &str = "crates/xtask/src/greps.rs";

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Findings::default();
    for file in workspace.rust_files()?.iter().filter(|file| file.path != THIS_FILE) {
        inspect(file, &mut findings);
    }
    findings.conclude("greps")
}

fn inspect(file: &SourceFile, findings: &mut Findings) {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| file.path.starts_with(prefix));
    for rule in RULES.iter().filter(|rule| begins(rule.within) && !begins(rule.except)) {
        for (number, line) in lines(file, rule.scope) {
            if let Some(word) = rule.words.iter().find(|word| line.contains(**word)) {
                findings.add(format!("{}:{number}: {word} ({})", file.path, rule.reason));
            }
        }
    }
}

fn lines(file: &SourceFile, scope: Scope) -> Vec<(usize, &str)> {
    let all = || (1..).zip(file.text.lines()).collect();
    let mut lines: Vec<(usize, &str)> = match scope {
        Scope::Everything => return all(),
        Scope::Product if !file.is_test() => file.product_lines(),
        Scope::Tests if file.is_test() => all(),
        Scope::Product | Scope::Tests => return Vec::new(),
    };
    lines.retain(|(_, line)| !line.trim_start().starts_with("//"));
    lines
}

#[cfg(test)]
mod tests {
    use super::inspect;
    use crate::report::Findings;
    use crate::workspace::SourceFile;

    fn found(path: &str, text: &str) -> usize {
        let file = SourceFile { path: path.into(), text: text.into() };
        let mut findings = Findings::default();
        inspect(&file, &mut findings);
        findings.lines().len()
    }

    #[test]
    fn leftovers_are_found_in_comments_and_code() {
        assert_eq!(found("crates/x/src/y.rs", "// TODO: later\nlet a = dbg!(1);\n"), 2);
    }

    #[test]
    fn sleeping_is_for_products_only() {
        assert_eq!(found("tests/flows/deploy.rs", "    tokio::time::sleep(d).await;\n"), 1);
        assert_eq!(found("crates/x/tests/y.rs", "    // no sleep() here\n"), 0);
        assert_eq!(found("crates/bmc-sim/src/power.rs", "    tokio::time::sleep(d).await;\n"), 0);
    }

    #[test]
    fn microversions_stay_in_the_rest_transport() {
        let line = "fn gate(microversion: Microversion) {}\n";
        assert_eq!(found("crates/control/src/nodes/list.rs", line), 1);
        assert_eq!(found("crates/api/src/rest/microversion.rs", line), 0);
        assert_eq!(
            found("crates/model/src/page.rs", &format!("#[cfg(test)]\nmod tests {{\n    {line}}}\n")),
            0
        );
    }

    #[test]
    fn only_commit_writes_tasks_history_and_outbox() {
        let line = "        outbox::enqueue(conn, &message).await?;\n";
        assert_eq!(found("crates/control/src/report.rs", line), 1);
        assert_eq!(found("crates/control/src/commit.rs", line), 0);
    }
}
