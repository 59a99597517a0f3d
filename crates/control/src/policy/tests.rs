//! Policies as a whole: built-in rules, files over them, callers against both.

use super::sight::NodeSights;
use super::watched::Policy;
use super::{RULES, Rule, Target};
use crate::actor::Actor;
use crate::settings::ControlSettings;
use std::io::Write;
use std::path::Path;

fn caller(role: &str, project: Option<&str>) -> Actor {
    Actor {
        roles: vec![role.to_owned()],
        project: project.map(str::to_owned),
        system_scope: project.is_none(),
        is_admin_project: true,
        ..Actor::default()
    }
}

fn node<'a>(owner: Option<&'a str>, lessee: Option<&'a str>) -> Target<'a> {
    Target { node_owner: owner, node_lessee: lessee, ..Target::NONE }
}

fn with_file(path: &Path) -> Policy {
    Policy::new(&ControlSettings { policy_file: Some(path.to_owned()), ..ControlSettings::default() })
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn may(policy: &Policy, actor: &Actor, rule: Rule, target: Target<'_>) -> bool {
    policy.judge(actor, rule).holds(&target)
}

#[test]
fn projects_tell_apart_what_is_seen_only_for_callers_of_a_project() {
    let policy = Policy::new(&ControlSettings::default());
    let rows = [
        (caller("admin", None), false),
        (caller("reader", None), false),
        (Actor::default(), false),
        (caller("admin", Some("p")), true),
        (caller("reader", Some("p")), true),
    ];
    for (actor, expected) in rows {
        assert_eq!(NodeSights::new(&policy, &actor).differ_by_project(), expected, "{actor:?}");
    }
}

#[test]
fn built_in_rules_know_system_owner_and_lessee() {
    let policy = Policy::new(&ControlSettings::default());
    let ours = node(Some("p"), Some("q"));
    let rows = [
        (caller("reader", None), Rule::NodeGet, true),
        (caller("reader", None), Rule::NodeUpdate, false),
        (caller("member", None), Rule::NodeUpdate, true),
        (caller("member", None), Rule::NodeDelete, false),
        (caller("Admin", None), Rule::NodeDelete, true),
        (caller("reader", Some("p")), Rule::NodeGet, true),
        (caller("reader", Some("q")), Rule::NodeGet, true),
        (caller("admin", Some("r")), Rule::NodeGet, false),
        (caller("reader", Some("p")), Rule::NodeGetLastError, true),
        (caller("admin", Some("q")), Rule::NodeGetLastError, false),
        (caller("member", Some("q")), Rule::NodeSetProvisionState, false),
        (caller("manager", Some("q")), Rule::NodeSetProvisionState, true),
        (caller("admin", Some("p")), Rule::NodeDeleteSelfOwnedNode, true),
        (caller("admin", None), Rule::ShowPassword, false),
        (Actor::default(), Rule::NodeList, false),
        (Actor::public(), Rule::NodeIpaHeartbeat, true),
    ];
    for (actor, rule, expected) in rows {
        assert_eq!(may(&policy, &actor, rule, ours), expected, "{rule:?} {actor:?}");
    }
}

#[test]
fn a_caller_without_project_does_not_own_what_nobody_owns() {
    let policy = Policy::new(&ControlSettings::default());
    let nobodys = node(None, None);
    assert!(!may(&policy, &caller("manager", None), Rule::PortCreate, nobodys));
    let unscoped = Actor { roles: vec!["admin".to_owned()], ..Actor::default() };
    assert!(!may(&policy, &unscoped, Rule::NodeGet, nobodys));
}

#[test]
fn unrestricted_callers_may_everything_but_see_secrets() {
    let policy = Policy::new(&ControlSettings::default());
    let refused: Vec<&str> = RULES
        .iter()
        .filter(|row| !may(&policy, &Actor::unrestricted(), row.rule, Target::NONE))
        .map(|row| row.name)
        .collect();
    assert_eq!(refused, ["show_password", "show_instance_secrets"]);
}

#[test]
fn services_are_raised_only_where_the_operator_says_so() {
    let nova = Actor { project_name: Some("service".to_owned()), ..caller("service", Some("s")) };
    let other = node(Some("p"), None);
    let settings = ControlSettings::default();
    assert!(!may(&Policy::new(&settings), &nova, Rule::NodeUpdate, other));
    let settings = ControlSettings { rbac_service_role_elevated_access: true, ..settings };
    assert!(may(&Policy::new(&settings), &nova, Rule::NodeUpdate, other));
    let elsewhere = Actor { project_name: Some("demo".to_owned()), ..nova };
    assert!(!may(&Policy::new(&settings), &elsewhere, Rule::NodeUpdate, other));
}

#[test]
fn rules_from_before_scopes_hold_besides_when_asked_for() {
    let observer = Actor {
        project_name: Some("demo".to_owned()),
        project_domain: Some("default".to_owned()),
        ..caller("observer", Some("d"))
    };
    let old = ControlSettings { enforce_new_defaults: false, ..ControlSettings::default() };
    for (settings, expected) in [(ControlSettings::default(), false), (old.clone(), true)] {
        let policy = Policy::new(&settings);
        assert_eq!(may(&policy, &observer, Rule::NodeListAll, Target::NONE), expected);
        assert_eq!(
            may(&policy, &caller("admin", Some("d")), Rule::NodeDelete, node(Some("p"), None)),
            expected
        );
    }
    let own = file("'baremetal:node:delete': 'role:nobody'\n");
    let policy = Policy::new(&ControlSettings { policy_file: Some(own.path().to_owned()), ..old });
    assert!(!may(&policy, &caller("admin", Some("d")), Rule::NodeDelete, node(Some("p"), None)));
}

#[test]
fn a_file_replaces_rows_and_adds_rules() {
    let own = file(
        "show_password: role:auditor\n'baremetal:node:get': 'rule:ours and not role:intern'\n\
         ours: 'project_id:%(node.owner)s'\nSYSTEM_ADMIN: role:root\n\
         'baremetal:step:execute:raid.delete_configuration': 'role:admin and project_id:%(node.owner)s'\n",
    );
    let policy = with_file(own.path());
    policy.load().unwrap();
    let ours = node(Some("p"), Some("q"));
    assert!(may(&policy, &caller("x", Some("p")), Rule::NodeGet, ours));
    assert!(!may(&policy, &caller("intern", Some("p")), Rule::NodeGet, ours));
    assert!(!may(&policy, &caller("reader", Some("q")), Rule::NodeGet, ours));
    assert!(may(&policy, &caller("auditor", None), Rule::ShowPassword, Target::NONE));
    assert!(!may(&policy, &caller("admin", None), Rule::ChassisCreate, Target::NONE));
    assert!(may(&policy, &caller("root", None), Rule::ChassisCreate, Target::NONE));
    let step = "baremetal:step:execute:raid.delete_configuration";
    let verdict = |actor: &Actor| policy.judge_named(actor, step).map(|verdict| verdict.holds(&ours));
    assert_eq!(verdict(&caller("admin", Some("p"))), Some(true));
    assert_eq!(verdict(&caller("admin", Some("q"))), Some(false));
    assert_eq!(verdict(&Actor::unrestricted()), None);
    assert_eq!(policy.judge_named(&caller("admin", None), "baremetal:step:execute:raid.other"), None);
}

#[test]
fn a_broken_file_is_refused_at_the_start_and_ignored_later() {
    for (text, said) in [
        ("a: rule:nothing\n", "rule 'a': there is no rule:nothing"),
        ("a: rule:b\nb: not rule:a\n", "leads back to itself"),
        ("'baremetal:node:get': 'role:a and'\n", "rule 'baremetal:node:get': it ends where"),
        ("[1]\n", "one object of rules"),
    ] {
        let own = file(text);
        let error = with_file(own.path()).load().unwrap_err().to_string();
        assert!(error.contains(said) && error.contains(own.path().to_str().unwrap()), "{error}");
    }
    assert!(with_file(Path::new("/nonexistent/policy.yaml")).load().is_err());

    let own = file("'baremetal:node:get': role:one\n");
    let policy = with_file(own.path());
    policy.load().unwrap();
    let (one, three) = (caller("one", None), caller("three", None));
    assert!(may(&policy, &one, Rule::NodeGet, Target::NONE));
    std::fs::write(own.path(), "'baremetal:node:get': role:twentytwo or\n").unwrap();
    assert!(may(&policy, &one, Rule::NodeGet, Target::NONE));
    std::fs::write(own.path(), "'baremetal:node:get': role:three or rule:admin_api\n").unwrap();
    assert!(may(&policy, &three, Rule::NodeGet, Target::NONE));
    assert!(!may(&policy, &one, Rule::NodeGet, Target::NONE));
    std::fs::remove_file(own.path()).unwrap();
    assert!(may(&policy, &three, Rule::NodeGet, Target::NONE));
}

#[test]
fn what_is_left_of_a_rule_is_a_few_comparisons() {
    use super::expression::TargetKey::{NodeLessee, NodeOwner};
    use super::verdict::Verdict::{self, Always, Any, Is};
    let policy = Policy::new(&ControlSettings::default());
    let left = |role, project, rule| -> Verdict { policy.judge(&caller(role, project), rule) };
    let is = |key| Is(key, "p".to_owned());
    assert_eq!(left("reader", None, Rule::NodeGet), Always);
    assert_eq!(left("reader", Some("p"), Rule::NodeGet), Any(vec![is(NodeOwner), is(NodeLessee)]));
    assert_eq!(left("admin", Some("p"), Rule::NodeDeleteSelfOwnedNode), is(NodeOwner));
    assert_eq!(left("reader", Some("p"), Rule::NodeDelete), Verdict::Never);
}
