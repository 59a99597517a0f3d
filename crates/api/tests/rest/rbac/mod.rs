//! Every caller against every route: roles, scopes, owners and lessees.
//!
//! `who.toml` and `routes.toml` are readings of the contract; nothing here asks the engine what it thinks.

mod scene;
mod table;

use ferric_control::{RULES, RequestContext, Target};
use scene::{Scene, fault};
use std::collections::BTreeSet;
use table::{Expected, Person, everybody, people, routes};

#[test]
fn every_rule_is_in_the_table() {
    let people = people();
    let built_in: BTreeSet<&str> =
        RULES.iter().filter_map(|row| row.name.strip_prefix("baremetal:")).collect();
    assert_eq!(built_in, people.rules().collect());
}

#[test]
fn every_route_is_in_the_table() {
    let table = routes();
    let served: BTreeSet<String> =
        ferric_api::rest::routes().map(|(method, path)| format!("{method} {path}")).collect();
    let asked: BTreeSet<String> = table.rows.iter().map(|row| row.route.clone()).collect();
    let missing: Vec<_> = served.difference(&asked).collect();
    assert!(missing.is_empty(), "routes without a row in tests/rest/rbac/routes.toml: {missing:#?}");
    let gone: Vec<_> =
        asked.iter().chain(table.gates.keys()).filter(|route| !served.contains(*route)).collect();
    assert!(gone.is_empty(), "rows of routes that are gone: {gone:#?}");
}

#[actix_web::test]
async fn every_rule_lets_those_whom_the_contract_names() {
    let scene = Scene::new().await;
    let people = people();
    let target = Target {
        node_owner: Some("owner-project"),
        node_lessee: Some("lessee-project"),
        allocation_owner: Some("owner-project"),
        runbook_owner: Some("owner-project"),
        operation_owner: Some("owner-project"),
    };
    let mut wrong = Vec::new();
    for person in everybody() {
        let context = RequestContext { actor: actor(person), ..RequestContext::default() };
        for row in RULES {
            let Some(name) = row.name.strip_prefix("baremetal:") else { continue };
            let lets = scene.api.control.allows(&context, row.rule, target);
            if lets != people.may(person, name) {
                wrong.push(format!("{name} {} {}", if lets { "lets" } else { "refuses" }, person.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[actix_web::test]
async fn every_route_answers_everybody_as_the_contract_says() {
    let mut scene = Scene::new().await;
    let (people, table) = (people(), routes());
    let mut wrong = Vec::new();
    for row in &table.rows {
        let conceals = row.asks.conceals().is_some();
        let mut absent = String::new();
        for person in everybody() {
            scene.refresh(row).await;
            if conceals && (absent.is_empty() || row.fresh.is_some()) {
                absent = scene.absent(row).await;
            }
            let expected = people.expected(person, row);
            let answer = scene.send(person, row, 115).await;
            let (status, said) = (answer.status.as_u16(), fault(&answer));
            let right = match &expected {
                Expected::Then => status == row.then && (!conceals || said != absent),
                Expected::Concealed => status == row.absent() && said == absent,
                Expected::Refused(rule) => {
                    let text = format!("Access was denied to the following resource: baremetal:{rule}");
                    status == 403 && said == text
                }
            };
            if !right {
                let body = String::from_utf8_lossy(&answer.bytes);
                wrong.push(format!(
                    "{} by {}: {status}, not {expected:?} ({})\n    {body}",
                    row.route,
                    person.name(),
                    row.then
                ));
            } else if let Some(shows) = row.shows.as_deref().filter(|_| status == 200) {
                let thing = match shows {
                    "nodes" => "free",
                    "ports" => "port",
                    "portgroups" => "portgroup",
                    "runbooks" => "runbook",
                    "connectors" => "connector",
                    "targets" => "target",
                    "allocations" => "allocation",
                    "operations" => "operation",
                    other => other,
                };
                let shown = answer.json()[shows]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| one["uuid"] == scene.names[thing].as_str());
                if shown != people.sees_in_list(person, row) {
                    wrong.push(format!("{} by {}: shown {shown}", row.route, person.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[actix_web::test]
async fn a_project_costs_the_database_no_more_than_the_system() {
    let scene = Scene::new().await;
    let owner = Person { scope: "owner", role: "admin" };
    let mut compared = 0;
    for row in routes().rows.iter().filter(|row| row.route.starts_with("GET ") && row.then == 200) {
        let (for_system, cost_of_system) = scene.measure(scene::ADMIN, row).await;
        let (for_owner, cost_of_owner) = scene.measure(owner, row).await;
        if (for_system, for_owner) == (200, 200) {
            compared += 1;
            assert!(cost_of_owner <= cost_of_system, "{}: {cost_of_owner}, not {cost_of_system}", row.route);
        }
    }
    assert!(compared > 20, "only {compared} requests were compared");
}

#[actix_web::test]
async fn routes_are_there_since_their_microversion() {
    let mut scene = Scene::new().await;
    let table = routes();
    let mut wrong = Vec::new();
    for row in &table.rows {
        let (since, before) = table.gates.get(&row.route).copied().unwrap_or((1, 0));
        if since > 1 {
            scene.refresh(row).await;
            let status = scene.send(scene::ADMIN, row, since - 1).await.status.as_u16();
            if status != before {
                wrong.push(format!("{} at 1.{}: {status}, not {before}", row.route, since - 1));
            }
        }
        scene.refresh(row).await;
        let path = row.route.split_once(' ').unwrap().1;
        let answer = scene.send(scene::ADMIN, row, since).await;
        let missing = fault(&answer).is_empty() && answer.status.as_u16() == 404;
        if missing || answer.status.as_u16() == 405 && !path.is_empty() {
            wrong.push(format!("{} at 1.{since}: {}", row.route, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[actix_web::test]
async fn who_may_not_is_told_so_before_the_microversion_is_looked_at() {
    let scene = Scene::new().await;
    let reader = Person { scope: "system", role: "reader" };
    let other = Person { scope: "other", role: "admin" };
    for (path, body) in [("boot_mode", "{\"target\": \"uefi\"}"), ("secure_boot", "{\"target\": true}")] {
        let path = format!("nodes/<free>/states/{path}");
        for (person, status) in [(reader, 403), (other, 404), (scene::ADMIN, 404)] {
            let answer = scene.ask(person, "PUT", &path, Some(body), 75).await;
            assert_eq!(answer.status.as_u16(), status, "{path} by {}", person.name());
        }
        let said = fault(&scene.ask(scene::ADMIN, "PUT", &path, Some(body), 75).await);
        assert!(said.contains("supported starting with the API version 1.76"), "{said}");
    }
}

#[actix_web::test]
async fn what_a_lessee_may_not_see_is_redacted_everywhere() {
    let scene = Scene::new().await;
    let people = people();
    for person in everybody().filter(|person| people.may(*person, "node:get")) {
        let whole = people.may(person, "node:get:driver_info");
        let show = scene.ask(person, "GET", "nodes/<busy>", None, 115).await.json();
        let patched = "[{\"op\": \"add\", \"path\": \"/extra/b\", \"value\": 1}]";
        let list = scene.ask(person, "GET", "nodes/detail", None, 115).await.json();
        let named = |one: &&serde_json::Value| one["name"] == "busy";
        let listed = list["nodes"].as_array().unwrap().iter().find(named).unwrap().clone();
        let fields =
            "nodes?fields=name,driver_info,driver_internal_info,last_error,reservation,instance_info";
        let list = scene.ask(person, "GET", fields, None, 115).await.json();
        let chosen = list["nodes"].as_array().unwrap().iter().find(named).unwrap().clone();
        let mut seen = vec![show, listed, chosen];
        let answer = scene.ask(person, "PATCH", "nodes/<free>", Some(patched), 115).await;
        if answer.status == 200 {
            seen.push(answer.json());
        }
        for node in seen {
            let who = person.name();
            for field in ["driver_info", "driver_internal_info"] {
                let note = node[field]["content"].as_str().unwrap_or_default();
                assert_eq!(
                    note.contains(&format!("baremetal:node:get:{field} permission")),
                    !whole,
                    "{who}: {note}"
                );
            }
            for field in ["last_error", "reservation"] {
                let text = node[field].as_str().unwrap_or_default();
                assert_eq!(
                    text.contains(&format!("baremetal:node:get:{field} permission")),
                    !whole,
                    "{who}: {text}"
                );
            }
            assert_eq!(node["instance_info"]["image_url"], "******");
            assert!(!whole || node["driver_info"]["fake_password"] == "******", "{node}");
        }
        let states = scene.ask(person, "GET", "nodes/<busy>/states", None, 115).await.json();
        assert_eq!(states["last_error"].is_string(), !whole);
    }
}

fn actor(person: Person) -> ferric_control::Actor {
    let project = (person.scope != "system").then(|| format!("{}-project", person.scope));
    ferric_control::Actor {
        roles: vec![person.role.to_owned()],
        system_scope: project.is_none(),
        project,
        is_admin_project: true,
        ..ferric_control::Actor::default()
    }
}
