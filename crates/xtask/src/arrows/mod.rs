//! Compares what the manifests say with the table of allowed arrows.

mod table;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::report::Findings;
use crate::workspace::Workspace;
use table::{ARROWS, BANNED, BANNED_EVERYWHERE, SIMULATOR, SOLE_USERS, TESTS, UNPREFIXED};

/// A workspace package as its manifest describes it.
struct Package {
    name: String,
    /// Its directory's name.
    dir: String,
    /// Its dependencies, and whether each is one of the tests only.
    uses: Vec<(String, bool)>,
}

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut command = MetadataCommand::new();
    command.manifest_path(workspace.path("Cargo.toml"));
    let metadata = command.exec().context("cargo metadata")?;
    let mut findings = Findings::default();
    compare(&packages(&metadata), &mut findings);
    for package in &metadata.packages {
        if let Some((library, reason)) =
            BANNED_EVERYWHERE.iter().find(|(name, _)| *name == package.name.as_str())
        {
            findings.add(format!("{library} {} is in the build: {reason}", package.version));
        }
    }
    findings.conclude("arrows")
}

fn packages(metadata: &Metadata) -> Vec<Package> {
    let package = |package: &&cargo_metadata::Package| Package {
        name: package.name.to_string(),
        dir: package.manifest_path.parent().and_then(|dir| dir.file_name()).unwrap_or_default().to_owned(),
        uses: package
            .dependencies
            .iter()
            .map(|dependency| (dependency.name.clone(), dependency.kind == DependencyKind::Development))
            .collect(),
    };
    metadata.workspace_packages().iter().map(package).collect()
}

fn compare(packages: &[Package], findings: &mut Findings) {
    for package in packages {
        let name = package.name.as_str();
        if name == TESTS {
            continue;
        }
        if !UNPREFIXED.contains(&name) && name.strip_prefix("ferric-") != Some(&package.dir) {
            findings.add(format!("crates/{} holds a package called {name}", package.dir));
        }
        let Some(row) = ARROWS.iter().find(|row| row.package == name) else {
            findings.add(format!("{name} is not in the table of arrows"));
            continue;
        };
        for (used, only_in_tests) in &package.uses {
            let ours = packages.iter().any(|other| other.name == *used);
            // Tests may call the simulator, and their own crate with a feature that only they need.
            let for_tests = *only_in_tests && (used == SIMULATOR || used == name);
            if ours && !for_tests && !row.may_use.contains(&used.as_str()) {
                findings.add(format!("{name} -> {used} is not an allowed arrow"));
            }
            if let Some(sole) =
                SOLE_USERS.iter().find(|sole| sole.library == used && !sole.users.contains(&name))
            {
                findings.add(format!(
                    "{name} uses {used}, kept to {}: {}",
                    sole.users.join(", "),
                    sole.reason
                ));
            }
            if let Some(ban) =
                BANNED.iter().find(|ban| ban.package == name && ban.libraries.contains(&used.as_str()))
            {
                findings.add(format!("{name} uses {used}: {}", ban.reason));
            }
        }
    }
    for row in ARROWS.iter().filter(|row| !packages.iter().any(|package| package.name == row.package)) {
        findings.add(format!("{} is in the table of arrows, but not in the workspace", row.package));
    }
}

#[cfg(test)]
mod tests {
    use super::table::ARROWS;
    use super::{Package, compare};
    use crate::report::Findings;

    fn findings_with(changed: Package) -> Vec<String> {
        let mut packages: Vec<Package> = ARROWS
            .iter()
            .map(|row| Package {
                name: row.package.into(),
                dir: row.package.trim_start_matches("ferric-").into(),
                uses: row.may_use.iter().map(|used| ((*used).into(), false)).collect(),
            })
            .collect();
        packages.retain(|package| package.name != changed.name);
        packages.push(changed);
        let mut findings = Findings::default();
        compare(&packages, &mut findings);
        findings.lines().to_vec()
    }

    fn package(name: &str, dir: &str, uses: &[(&str, bool)]) -> Package {
        let uses = uses.iter().map(|(used, tests)| ((*used).to_owned(), *tests)).collect();
        Package { name: name.into(), dir: dir.into(), uses }
    }

    #[test]
    fn the_table_itself_is_accepted() {
        assert_eq!(findings_with(package("ferric-model", "model", &[("serde", false)])), [""; 0]);
    }

    #[test]
    fn every_forbidden_arrow_is_found() {
        for (from, to) in [
            ("conductor", "db"),
            ("conductor", "control"),
            ("api", "db"),
            ("api", "bus"),
            ("hardware", "artifacts"),
            ("control", "hardware"),
            ("bmc-sim", "model"),
            ("redfish", "bmc-sim"),
        ] {
            let found =
                findings_with(package(&format!("ferric-{from}"), from, &[(&format!("ferric-{to}"), false)]));
            assert_eq!(found, [format!("ferric-{from} -> ferric-{to} is not an allowed arrow")]);
        }
    }

    #[test]
    fn the_simulator_may_serve_tests() {
        assert_eq!(findings_with(package("ferric-redfish", "redfish", &[("ferric-bmc-sim", true)])), [""; 0]);
    }

    #[test]
    fn libraries_stay_in_their_rooms_and_names_match_directories() {
        let found = findings_with(package("ferric-api", "rest", &[("diesel", true), ("lapin", false)]));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("crates/rest holds a package called ferric-api"));
        assert!(found[1].contains("kept to ferric-db"));
        assert!(found[2].contains("kept to ferric-bus"));
    }
}
