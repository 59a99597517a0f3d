//! What an inspection found, and the rules that it meets.

use super::{Fixture, report, succeeded};
use ferric_control::{NewInspectionRule, RequestContext};
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState as S, Verb};
use ferric_model::report::{Inventory, TaskOutcome};
use ferric_model::task::TaskState;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn inspection_data_complete_the_node_and_wake_the_task() {
    let f = Fixture::new().await;
    f.drive(Verb::Manage, Event::Done).await;
    f.verb(Verb::Inspect).await.unwrap();
    let (task, grant) = f.claim().await;
    let parked = TaskOutcome::Parked { timeout_secs: 60 };
    assert!(f.report(&report(task, grant.epoch, 1, parked, Some(Event::Wait))).await);
    let data = json!({"inventory": {
        "interfaces": [{"name": "eth0", "mac_address": "52:54:00:00:00:AA"}, {"name": "lo", "mac_address": "00:00:00:00:00:00"}],
        "cpu": {"count": 8, "architecture": "x86_64"}, "memory": {"physical_mb": 16384},
        "disks": [{"size": 107_374_182_400_u64}], "boot": {"current_boot_mode": "uefi"}}, "root_disk": {"name": "/dev/sda"}});
    let data = data.as_object().unwrap();
    f.control.continue_inspection(Some(f.node), data, false).await.unwrap();
    let node = f.node().await;
    assert_eq!(node.spec.properties.get("memory_mb"), None, "only hooks that are named run");
    assert_eq!(node.spec.properties["cpu_arch"], "x86_64");
    assert_eq!(f.the_task().await.state, TaskState::Queued);
    let inventory = f.control.get_inventory(&RequestContext::system(), &f.ident()).await.unwrap();
    assert_eq!(inventory.plugin_data["root_disk"]["name"], "/dev/sda");
    assert!(
        f.control.lookup(&["52:54:00:00:00:aa".to_owned()], None, false).await.is_ok(),
        "the port was made"
    );
    let again = f.control.continue_inspection(Some(f.node), data, false).await;
    assert!(again.is_err(), "data that nobody waits for any more are refused");
    assert!(node.inspection_started_at.is_some() && node.status.inspection_finished_at.is_none());
    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, succeeded(), Some(Event::Done))).await);
    let node = f.node().await;
    assert!(node.inspection_started_at.is_none() && node.status.inspection_finished_at.is_some());
}

/// Creates a rule that runs when the manufacturer is ACME.
async fn rule(f: &Fixture, actions: serde_json::Value) {
    let condition =
        json!({"op": "eq", "args": {"values": ["{inventory[system_vendor][manufacturer]}", "ACME"]}});
    let document = json!({"conditions": [condition], "actions": actions});
    let new = NewInspectionRule::parse(&document).unwrap();
    f.control.create_inspection_rule(&RequestContext::system(), &new).await.unwrap();
}

#[tokio::test]
async fn inspection_rules_change_the_node_or_fail_the_inspection() {
    let data = json!({"inventory": {"interfaces": [{"name": "eth0", "mac_address": "52:54:00:00:00:AA"}],
        "system_vendor": {"manufacturer": "ACME"}}});
    let data = data.as_object().unwrap();
    let f = Fixture::new().await;
    let set =
        json!({"op": "set-attribute", "args": {"path": "/resource_class", "value": "acme-{node.driver}"}});
    rule(&f, json!([set, {"op": "add-trait", "args": {"name": "CUSTOM_ACME"}}])).await;
    f.drive(Verb::Manage, Event::Done).await;
    f.verb(Verb::Inspect).await.unwrap();
    let (task, grant) = f.claim().await;
    let parked = TaskOutcome::Parked { timeout_secs: 60 };
    assert!(f.report(&report(task, grant.epoch, 1, parked.clone(), Some(Event::Wait))).await);
    f.control.continue_inspection(Some(f.node), data, false).await.unwrap();
    let node = f.node().await;
    assert_eq!(node.resource_class.as_deref(), Some("acme-redfish"));
    assert_eq!(node.traits, ["CUSTOM_ACME"]);
    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, succeeded(), Some(Event::Done))).await);

    rule(&f, json!([{"op": "fail", "args": {"msg": "ACME is not welcome"}}])).await;
    f.verb(Verb::Inspect).await.unwrap();
    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, parked, Some(Event::Wait))).await);
    f.control.continue_inspection(Some(f.node), data, false).await.unwrap();
    let node = f.node().await;
    assert_eq!(node.state(), S::InspectFailed);
    assert!(node.status.last_error.unwrap().contains("ACME is not welcome"));
    assert_eq!(f.the_task().await.action, Action::Abort, "somebody takes the ramdisk away");
    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, succeeded(), None)).await);

    // The same for what a BMC told.
    f.verb(Verb::Inspect).await.unwrap();
    let (task, grant) = f.claim().await;
    let mut done = report(task, grant.epoch, 1, succeeded(), Some(Event::Done));
    let inventory = data["inventory"].as_object().unwrap().clone();
    done.observed.inventory = Some(Inventory { inventory, ..Inventory::default() });
    assert!(f.report(&done).await);
    assert_eq!(f.node().await.state(), S::InspectFailed);
    assert!(f.active().await.is_empty());
}

/// Answers every request well and counts them.
async fn counting_service() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let (mut request, mut some) = (Vec::new(), [0; 1024]);
            while !request.ends_with(b"\r\n\r\n") {
                let length = connection.read(&mut some).await.unwrap();
                request.extend_from_slice(&some[..length]);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            connection.write_all(answer).await.unwrap();
        }
    });
    (url, count)
}

#[tokio::test]
async fn rules_call_others_only_for_data_that_somebody_waits_for() {
    // Another test of this process may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let (url, count) = counting_service().await;
    let data = json!({"inventory": {"interfaces": [{"name": "eth0", "mac_address": "52:54:00:00:00:AA"}],
        "system_vendor": {"manufacturer": "ACME"}}});
    let data = data.as_object().unwrap();
    let f = Fixture::new().await;
    rule(&f, json!([{"op": "api-call", "args": {"url": url}}])).await;
    f.drive(Verb::Manage, Event::Done).await;
    assert!(f.control.continue_inspection(Some(f.node), data, false).await.is_err());
    assert_eq!(count.load(Ordering::SeqCst), 0, "nobody waits for them");
    f.verb(Verb::Inspect).await.unwrap();
    let (task, grant) = f.claim().await;
    let parked = TaskOutcome::Parked { timeout_secs: 60 };
    assert!(f.report(&report(task, grant.epoch, 1, parked, Some(Event::Wait))).await);
    f.control.continue_inspection(Some(f.node), data, false).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(f.the_task().await.state, TaskState::Queued);
}
