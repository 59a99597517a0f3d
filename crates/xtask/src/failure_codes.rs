//! Codes of failures: every failure that is raised has a row in the table, and every row is raised by somebody.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use regex::Regex;

use crate::report::Findings;
use crate::workspace::{SourceFile, Workspace};

/// Where the rows are.
const TABLE: &str = "crates/model/src/failure/code.rs";

/// Crates whose code raises no failures of hardware work.
const APART: [&str; 3] = ["crates/bmc-sim/", "crates/xtask/", "crates/artifacts/"];

/// Compares the table with the code of all crates.
pub fn check(workspace: &Workspace) -> Result<()> {
    let files = workspace.rust_files()?;
    let mut findings = Findings::default();
    inspect(&files, &mut findings)?;
    findings.conclude("failure codes")
}

fn inspect(files: &[SourceFile], findings: &mut Findings) -> Result<()> {
    let row = Regex::new(r#"(?m)^    ([A-Z][A-Z0-9_]+) "([a-z0-9-]+)" [A-Z]"#)?;
    let named = Regex::new(r"\bcode::([A-Z][A-Z0-9_]+)\b")?;
    // Where a code goes: the argument of a constructor, a column beside the kind of the failure, a field.
    let raised = Regex::new(
        r#"(?:HardwareError::new\(\s*[^,"]+,\s*|Failure::new\(\s*|\bKind::\w+,\s*|\bcode:\s*)"([a-z0-9-]+)""#,
    )?;
    let table = files.iter().find(|file| file.path == TABLE);
    let text = table.map_or("", |file| file.text.as_str());
    let mut unused: BTreeMap<&str, &str> =
        row.captures_iter(text).map(|found| found.extract()).map(|(_, [name, code])| (name, code)).collect();
    ensure!(!unused.is_empty(), "failure codes: {TABLE} has no rows that can be read");
    let codes: Vec<&str> = unused.values().copied().collect();
    for file in files.iter().filter(|file| file.path != TABLE && !file.is_test()) {
        if APART.iter().any(|apart| file.path.starts_with(apart)) {
            continue;
        }
        let lines: Vec<&str> = file.product_lines().into_iter().map(|(_, line)| line).collect();
        let product = lines.join("\n");
        for name in named.captures_iter(&product).filter_map(|found| found.get(1)) {
            unused.remove(name.as_str());
        }
        for code in raised.captures_iter(&product).filter_map(|found| found.get(1)) {
            let code = code.as_str();
            let known =
                if codes.contains(&code) { "name its constant" } else { "it has no row in the table" };
            findings.add(format!("{}: the failure code \"{code}\": {known}", file.path));
        }
    }
    for (name, code) in unused {
        findings.add(format!("{TABLE}: nobody raises {name} \"{code}\""));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{TABLE, inspect};
    use crate::report::Findings;
    use crate::workspace::SourceFile;

    fn found(text: &str) -> Vec<String> {
        let table = r#"    BMC_GONE "bmc-gone" Bmc "means", "remedy", "source";"#;
        let files = [(TABLE, table), ("crates/x/src/y.rs", text)];
        let files = files.map(|(path, text)| SourceFile { path: path.into(), text: text.into() });
        let mut findings = Findings::default();
        inspect(&files, &mut findings).unwrap();
        findings.lines().to_vec()
    }

    #[test]
    fn rows_are_raised_and_what_is_raised_has_a_row() {
        assert!(found("fn f() { HardwareError::new(kind, code::BMC_GONE, a, b) }").is_empty());
        assert_eq!(found("").len(), 1);
        let text =
            "fn f() { g(code::BMC_GONE);\n HardwareError::new(\n        Kind::X,\n        \"new-code\",\n";
        assert!(found(text).concat().contains("\"new-code\": it has no row"));
        assert!(found("code::BMC_GONE; Failure::new(\"bmc-gone\"").concat().contains("name its constant"));
    }
}
