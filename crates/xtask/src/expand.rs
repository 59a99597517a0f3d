//! Migrations only add to what is there: during a rolling upgrade the previous version's program runs on the new schema.
//!
//! Each migration is held to the tables that those before it have made, whatever release it is part of. What it makes itself
//! it may arrange as it likes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::report::Findings;
use crate::workspace::Workspace;

const BACK_ENDS: [&str; 2] = ["postgres", "sqlite"];

/// What may be all the same: back end and migration, the beginning of the statement in capitals, and why the previous
/// version does without it.
const ACCEPTED: &[(&str, &str, &str)] = &[
    ("postgres/2026-11-22-000200_resources", "ALTER TABLE NODES ADD CONSTRAINT NODES_CHASSIS", FIRST_DAY),
    ("postgres/2026-11-22-000200_resources", "ALTER TABLE PORTS ADD CONSTRAINT PORTS_PORTGROUP", FIRST_DAY),
    ("sqlite/2026-11-22-000200_resources", "ALTER TABLE NODES DROP COLUMN CHASSIS_UUID", FIRST_DAY),
    ("sqlite/2026-11-22-000200_resources", "ALTER TABLE PORTS DROP COLUMN PORTGROUP_UUID", FIRST_DAY),
];

const FIRST_DAY: &str = "of the day of the first migration: there was no version before";

/// Any word.
const ANY: &str = "*";

/// What a table's change does to a program that does not know of it: words that follow each other in it, words that make
/// it harmless, and what happens. The first row that fits counts.
const BREAKS: &[(&[&str], &[&str], &str)] = &[
    (&["ADD", "CONSTRAINT"], &[], "what the previous version writes may be refused"),
    (&["ADD", "CHECK"], &[], "what the previous version writes may be refused"),
    (&["ADD", "UNIQUE"], &[], "what the previous version writes may be refused"),
    (&["ADD", "FOREIGN"], &[], "what the previous version writes may be refused"),
    (&["ADD", "PRIMARY"], &[], "what the previous version writes may be refused"),
    (&["DROP", "CONSTRAINT"], &[], "the previous version may name it in ON CONFLICT"),
    (&["DROP", "NOT", "NULL"], &[], "the previous version cannot read NULL"),
    (&["SET", "NOT", "NULL"], &[], "the previous version may write NULL"),
    (&["DROP", "DEFAULT"], &[], "the previous version may leave it to the default"),
    (&["ALTER", "COLUMN", ANY, "TYPE"], &[], "the previous version reads and writes another type"),
    (&["ALTER", ANY, "TYPE"], &[], "the previous version reads and writes another type"),
    (&["SET", "DATA", "TYPE"], &[], "the previous version reads and writes another type"),
    (&["RENAME"], &["CONSTRAINT"], "the previous version uses the old name"),
    (&["DROP"], &[], "the previous version uses it"),
    (&["NOT", "NULL"], &["DEFAULT"], "the previous version writes rows without it"),
    (&["UNIQUE"], &[], "what the previous version writes may be refused"),
];

/// What the migrations so far have made.
#[derive(Debug, Default)]
struct Schema {
    tables: BTreeSet<String>,
    /// Indexes that keep rows apart: `ON CONFLICT` needs them.
    unique: BTreeSet<String>,
}

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Findings::default();
    let mut used = BTreeSet::new();
    for back_end in BACK_ENDS {
        let folder = workspace.path("migrations").join(back_end);
        let mut schema = Schema::default();
        for name in names(&folder)? {
            let text = fs::read_to_string(folder.join(&name).join("up.sql")).unwrap_or_default();
            let at = format!("{back_end}/{name}");
            for (statement, why) in schema.apply(&text) {
                let row =
                    ACCEPTED.iter().position(|(of, begins, _)| *of == at && statement.starts_with(begins));
                match row {
                    Some(row) => drop(used.insert(row)),
                    None => findings.add(format!("migrations/{at}: '{statement}': {why}")),
                }
            }
        }
    }
    for (_, (at, statement, _)) in ACCEPTED.iter().enumerate().filter(|(row, _)| !used.contains(row)) {
        findings.add(format!("crates/xtask/src/expand.rs accepts '{statement}' of {at}, which is not there"));
    }
    findings.conclude("expand")
}

/// Migrations in the order in which they are applied.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    Ok(entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

impl Schema {
    /// Takes one migration in, and gives each statement that breaks what was there before it, with the reason.
    fn apply(&mut self, text: &str) -> Vec<(String, &'static str)> {
        let mut broken = Vec::new();
        let (mut tables, mut unique) = (self.tables.clone(), self.unique.clone());
        for statement in statements(text) {
            let words: Vec<&str> = statement.iter().map(String::as_str).collect();
            let mut breaks = |why| broken.push((words.join(" "), why));
            match &words[..] {
                ["CREATE", "TABLE", "IF", "NOT", "EXISTS", name, ..] | ["CREATE", "TABLE", name, ..] => {
                    tables.insert((*name).to_owned());
                }
                ["CREATE", "UNIQUE", "INDEX", rest @ ..] => {
                    let (index, table) = index(rest);
                    unique.insert(index.to_owned());
                    if self.tables.contains(table) {
                        breaks("what the previous version writes may be refused");
                    }
                }
                ["DROP", "TABLE", rest @ ..] if self.tables.contains(name(rest)) => {
                    breaks("the previous version uses it");
                }
                ["DROP", "INDEX", rest @ ..] if self.unique.contains(name(rest)) => {
                    breaks("the previous version may name it in ON CONFLICT");
                }
                ["ALTER", "TABLE", rest @ ..] if self.tables.contains(name(rest)) => {
                    changes(rest).into_iter().filter_map(|change| break_of(&change)).for_each(breaks);
                }
                _ => {}
            }
        }
        (self.tables, self.unique) = (tables, unique);
        broken
    }
}

/// The name of a thing, after what may stand before it.
fn name<'a>(words: &[&'a str]) -> &'a str {
    const BEFORE: [&str; 5] = ["IF", "EXISTS", "NOT", "ONLY", "CONCURRENTLY"];
    words.iter().find(|word| !BEFORE.contains(word)).copied().unwrap_or_default()
}

/// The name of an index, and of its table.
fn index<'a>(words: &[&'a str]) -> (&'a str, &'a str) {
    let on = words.iter().position(|word| *word == "ON").unwrap_or(words.len());
    (name(&words[..on]), words.get(on + 1).copied().unwrap_or_default())
}

/// What `ALTER TABLE` does, one after the other.
fn changes<'a>(words: &[&'a str]) -> Vec<Vec<&'a str>> {
    let table = name(words);
    let after = words.iter().skip_while(|word| **word != table).skip(1);
    let mut changes = vec![Vec::new()];
    let mut depth = 0;
    for word in after {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => changes.push(Vec::new()),
            _ => {}
        }
        if let Some(change) = changes.last_mut() {
            change.push(*word);
        }
    }
    changes
}

fn break_of(change: &[&str]) -> Option<&'static str> {
    let fits = |(word, wanted): (&&str, &&str)| *wanted == ANY || word == wanted;
    let holds =
        |wanted: &[&str]| change.windows(wanted.len()).any(|words| words.iter().zip(wanted).all(fits));
    let row = BREAKS.iter().find(|(words, _, _)| holds(words))?;
    let harmless = row.1.iter().any(|word| change.contains(word));
    (!harmless).then_some(row.2)
}

/// The words of each statement in capitals, without comments and quotation marks.
fn statements(text: &str) -> Vec<Vec<String>> {
    let bare: Vec<&str> =
        text.lines().map(|line| line.split_once("--").map_or(line, |(before, _)| before)).collect();
    let spaced = bare.join("\n").replace('"', "").replace('(', " ( ").replace(')', " ) ").replace(',', " , ");
    let words = |statement: &str| statement.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>();
    spaced.split(';').map(words).filter(|words| !words.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::Schema;

    const BEFORE: &str = "CREATE TABLE nodes (uuid TEXT NOT NULL, name TEXT);
        CREATE UNIQUE INDEX nodes_name ON nodes (name);
        CREATE INDEX nodes_uuid ON nodes (uuid);";

    fn broken(migration: &str) -> usize {
        let mut schema = Schema::default();
        assert_eq!(schema.apply(BEFORE), [], "its own tables are arranged as it likes");
        schema.apply(migration).len()
    }

    #[test]
    fn what_the_previous_version_cannot_live_with_is_found() {
        for migration in [
            "DROP TABLE nodes;",
            "DROP TABLE IF EXISTS nodes",
            "DROP INDEX nodes_name;",
            "CREATE UNIQUE INDEX other ON nodes (uuid);",
            "ALTER TABLE nodes DROP COLUMN name;",
            "alter table nodes drop name;",
            "ALTER TABLE ONLY nodes RENAME TO hosts;",
            "ALTER TABLE nodes RENAME COLUMN name TO label;",
            "ALTER TABLE nodes ADD COLUMN a INT, ADD COLUMN b DECIMAL(3, 1) NOT NULL;",
            "ALTER TABLE nodes ADD COLUMN a INT UNIQUE;",
            "ALTER TABLE \"nodes\" ALTER COLUMN name TYPE BIGINT;",
            "ALTER TABLE nodes ALTER COLUMN name SET NOT NULL;",
            "ALTER TABLE nodes ALTER COLUMN uuid DROP NOT NULL;",
            "ALTER TABLE nodes ADD CONSTRAINT short CHECK (length(name) < 9);",
            "CREATE TABLE new (uuid TEXT); -- as SQLite does it\n DROP TABLE nodes; ALTER TABLE new RENAME TO nodes;",
        ] {
            assert_eq!(broken(migration), 1, "{migration}");
        }
    }

    #[test]
    fn what_only_adds_is_left_alone() {
        for migration in [
            "ALTER TABLE nodes ADD COLUMN type INT; ALTER TABLE nodes ADD COLUMN b INT NOT NULL DEFAULT 0;",
            "DROP INDEX nodes_uuid; CREATE INDEX nodes_uuid ON nodes (uuid, name) WHERE name IS NOT NULL;",
            "CREATE TABLE other (a INT NOT NULL); CREATE UNIQUE INDEX o ON other (a); ALTER TABLE other DROP COLUMN a;",
            "ALTER TABLE nodes SET (fillfactor = 80); UPDATE nodes SET name = NULL; -- DROP TABLE nodes;",
        ] {
            assert_eq!(broken(migration), 0, "{migration}");
        }
    }
}
