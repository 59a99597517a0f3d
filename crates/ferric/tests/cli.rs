//! The program as a shell sees it. (That these tests exist also makes cargo build the program for the system tests.)

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

use std::path::Path;
use std::process::{Command, Output};

fn ferric(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ferric"));
    command.args(arguments).env_clear().envs(environment.iter().copied());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn database(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("ferric.db").display())
}

#[test]
fn the_example_is_a_configuration_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let example = ferric(&["config", "example"], &[]);
    assert!(example.status.success(), "{}", text(&example.stderr));
    let text_of_it = text(&example.stdout);
    for section in
        ["[api]", "[grpc]", "[database]", "[bus]", "[auth]", "[control]", "[boot]", "[conductor]", "[log]"]
    {
        assert!(text_of_it.lines().any(|line| line == section), "no {section}");
    }

    let file = folder.path().join("ferric.toml");
    std::fs::write(&file, text_of_it).unwrap();
    let arguments = ["--config", file.to_str().unwrap(), "migrate"];
    let migrated = ferric(&arguments, &[("FERRIC__DATABASE__URL", &database(folder.path()))]);
    assert!(migrated.status.success(), "{}", text(&migrated.stderr));
}

#[test]
fn an_unknown_key_is_named_and_nothing_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let url = database(folder.path());
    for (variable, key) in [("FERRIC__API__LISTNE", "api.listne"), ("FERRIC__APPI__LISTEN", "appi.listen")] {
        let refused = ferric(&["migrate"], &[(variable, "127.0.0.1:1"), ("FERRIC__DATABASE__URL", &url)]);
        let said = text(&refused.stderr);
        assert!(!refused.status.success() && said.contains(key), "{said}");
    }
    assert!(!folder.path().join("ferric.db").exists());
}

#[test]
fn a_database_that_cannot_be_used_is_named_by_its_key() {
    let refused = ferric(&["migrate"], &[("FERRIC__DATABASE__URL", "mysql://u:hush@h/d")]);
    let said = text(&refused.stderr);
    assert!(!refused.status.success() && said.contains("database.url"), "{said}");
    assert!(!said.contains("hush"), "{said}");
}

#[test]
fn a_second_migration_finds_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let url = database(folder.path());
    let said: Vec<String> = (0..2)
        .map(|_| {
            let migrated = ferric(&["migrate"], &[("FERRIC__DATABASE__URL", &url)]);
            assert!(migrated.status.success(), "{}", text(&migrated.stderr));
            text(&migrated.stdout).trim().to_owned()
        })
        .collect();
    assert!(said[0].starts_with("applied: ") && said[0].contains("initial"), "{said:?}");
    assert_eq!(said[1], "the database is up to date");
}

#[test]
fn a_policy_that_cannot_be_used_is_named_by_its_file_and_rule() {
    let folder = tempfile::tempdir().unwrap();
    let (url, policy) = (database(folder.path()), folder.path().join("policy.yaml"));
    std::fs::write(&policy, "'baremetal:node:get': 'rule:admins'\n").unwrap();
    let environment = [
        ("FERRIC__DATABASE__URL", url.as_str()),
        ("FERRIC__CONTROL__POLICY_FILE", policy.to_str().unwrap()),
        ("FERRIC__API__LISTEN", "127.0.0.1:0"),
        ("FERRIC__GRPC__LISTEN", "127.0.0.1:0"),
    ];
    let refused = ferric(&["api"], &environment);
    let said = text(&refused.stderr);
    assert!(!refused.status.success(), "{said}");
    for word in ["control.policy_file", policy.to_str().unwrap(), "baremetal:node:get", "rule:admins"] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
}
