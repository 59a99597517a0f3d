//! Keeps files small and their names telling.

use anyhow::Result;

use crate::report::Findings;
use crate::workspace::{SourceFile, Workspace};

/// Lines of one file, tests beside the code not counted.
const LIMIT: usize = 600;

/// A file that is excused from a rule, and why.
struct Exception {
    path: &'static str,
    reason: &'static str,
}

/// Tables of data, one row per line and no logic, may be as long as their subject.
const LONG_TABLES: &[Exception] = &[];

/// Names that say nothing, and so attract everything.
const BANNED_NAMES: &[&str] = &["utils", "util", "helpers", "common", "misc", "manager", "base", "core"];

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Findings::default();
    inspect(&workspace.rust_files()?, LONG_TABLES, &mut findings);
    findings.conclude("sizes")
}

fn inspect(files: &[SourceFile], exceptions: &[Exception], findings: &mut Findings) {
    for file in files {
        let path = file.path.as_str();
        let excepted = exceptions.iter().any(|exception| exception.path == path);
        let lines = file.product_lines().len();
        let too_long = lines > LIMIT && !path.ends_with("/tests.rs");
        if too_long && !excepted {
            findings.add(format!("{path} has {lines} lines, the limit is {LIMIT}"));
        }
        if excepted && !too_long {
            findings.add(format!("{path} has {lines} lines and needs no exception any more"));
        }
        let banned = path.trim_end_matches(".rs").split('/').find(|part| BANNED_NAMES.contains(part));
        if let Some(name) = banned {
            findings.add(format!("{path}: `{name}` says nothing about what is inside"));
        }
    }
    for exception in
        exceptions.iter().filter(|exception| !files.iter().any(|file| file.path == exception.path))
    {
        findings.add(format!("{} is excepted ({}) but does not exist", exception.path, exception.reason));
    }
}

#[cfg(test)]
mod tests {
    use super::{Exception, LIMIT, inspect};
    use crate::report::Findings;
    use crate::workspace::SourceFile;

    fn findings(path: &str, lines: usize, exceptions: &[Exception]) -> Vec<String> {
        let file = SourceFile { path: path.into(), text: "x();\n".repeat(lines) };
        let mut findings = Findings::default();
        inspect(&[file], exceptions, &mut findings);
        findings.lines().to_vec()
    }

    #[test]
    fn the_limit_is_the_last_allowed_line() {
        assert_eq!(findings("crates/x/src/y.rs", LIMIT, &[]), [""; 0]);
        assert_eq!(findings("crates/x/src/y.rs", LIMIT + 1, &[]).len(), 1);
    }

    #[test]
    fn exceptions_cover_long_files_and_go_when_they_are_no_longer_needed() {
        let table = || [Exception { path: "crates/x/src/table.rs", reason: "data" }];
        assert_eq!(findings("crates/x/src/table.rs", LIMIT + 1, &table()), [""; 0]);
        assert_eq!(findings("crates/x/src/table.rs", LIMIT, &table()).len(), 1);
        assert_eq!(findings("crates/x/src/y.rs", 1, &table()).len(), 1);
    }

    #[test]
    fn empty_names_are_refused_for_files_and_folders() {
        assert_eq!(findings("crates/x/src/utils.rs", 1, &[]).len(), 1);
        assert_eq!(findings("crates/x/src/common/mod.rs", 1, &[]).len(), 1);
        assert_eq!(findings("crates/x/src/database.rs", 1, &[]), [""; 0]);
    }
}
