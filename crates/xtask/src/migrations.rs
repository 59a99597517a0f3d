//! Both back ends must have the same migrations, each with a way up and a way down.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::report::Findings;
use crate::workspace::Workspace;

const BACK_ENDS: [&str; 2] = ["postgres", "sqlite"];
const FILES: [&str; 2] = ["up.sql", "down.sql"];

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Findings::default();
    inspect(&workspace.path("migrations"), &mut findings)?;
    findings.conclude("migrations")
}

fn inspect(migrations: &Path, findings: &mut Findings) -> Result<()> {
    let [postgres, sqlite] = BACK_ENDS.map(|back_end| names(&migrations.join(back_end)));
    for name in postgres?.union(&sqlite?) {
        for back_end in BACK_ENDS {
            for file in FILES {
                let text =
                    fs::read_to_string(migrations.join(back_end).join(name).join(file)).unwrap_or_default();
                if text.trim().is_empty() {
                    findings.add(format!("migrations/{back_end}/{name}/{file} is missing or empty"));
                }
            }
        }
    }
    Ok(())
}

fn names(dir: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let mut names = BTreeSet::new();
    for entry in entries {
        let entry = entry?;
        if entry.path().is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
