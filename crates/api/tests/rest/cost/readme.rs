//! The table in `crates/db/README.md`.

use super::Measured;
use ferric_control::Cost;

const BEGIN: &str = "<!-- the statements of each route -->\n";
const END: &str = "<!-- end of the statements of each route -->";
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../db/README.md");

/// Compares the table with what was measured, or writes it.
pub fn check(measured: &[Measured]) {
    let readme = std::fs::read_to_string(FILE).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let wanted = table_of(measured);
    if std::env::var_os("FERRIC_REWRITE").is_some() {
        std::fs::write(FILE, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    let stale: Vec<&str> = table.lines().filter(|line| !wanted.contains(line)).collect();
    let new: Vec<&str> = wanted.lines().filter(|line| !table.contains(line)).collect();
    assert!(
        table == wanted,
        "crates/db/README.md does not say what routes cost; write it anew with FERRIC_REWRITE=1\n\
         it says:\n{}\nmeasured:\n{}",
        stale.join("\n"),
        new.join("\n")
    );
}

fn table_of(measured: &[Measured]) -> String {
    let mut lines: Vec<String> = measured.iter().map(line).collect();
    lines.sort_by_key(|line| line.split_once(' ').map(|(_, rest)| rest.to_owned()));
    let head = "| Route | Request | Reads | Inside its transaction |\n|---|---|---|---|\n";
    format!("{head}{}\n", lines.join("\n"))
}

fn line(measured: &Measured) -> String {
    let Measured { row, cost: Cost { reads, inside, .. } } = measured;
    format!("| `{}` | {} | {reads} | {inside} |", row.route, row.case)
}
