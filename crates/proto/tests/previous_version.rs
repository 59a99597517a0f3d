//! What the version before this one says and understands: during a rolling upgrade both speak to each other.
//!
//! `recorded/previous.txt` lists what its protocol files had, `recorded/node.json` is a node as it writes it. Both are
//! replaced when a version is released, and never to make a test pass.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ferric_model::failure::code;
use ferric_model::lifecycle::Event;
use ferric_model::node::Node;
use ferric_model::report::{Failure, Observed, TaskOutcome, TaskReport};
use ferric_proto::v1::{ActionEnvelope, ClaimResponse, JoinRequest, JoinResponse, ReportRequest};
use ferric_proto::{FILE_DESCRIPTOR_SET, report_from_wire, report_to_wire};
use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet, ServiceDescriptorProto};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const PREVIOUS: &str = include_str!("recorded/previous.txt");
const NODE: &str = include_str!("recorded/node.json");

/// A field that no version has: what the next one may send.
const UNKNOWN: [u8; 8] = [0xc2, 0x3e, 0x05, b'l', b'a', b't', b'e', b'r'];

fn short(name: &str) -> &str {
    name.trim_start_matches('.')
}

fn fields(message: &DescriptorProto) -> impl Iterator<Item = String> {
    message.field.iter().map(|field| {
        let repeated = if field.label() == Label::Repeated { "repeated " } else { "" };
        let kind = match field.r#type() {
            Type::Message => format!("Message {}", short(field.type_name())),
            Type::Enum => format!("Enum {}", short(field.type_name())),
            plain => format!("{plain:?}"),
        };
        format!("field {}.{} {} {repeated}{kind}", message.name(), field.name(), field.number())
    })
}

fn values(all: &EnumDescriptorProto) -> impl Iterator<Item = String> {
    all.value.iter().map(|value| format!("value {}.{} {}", all.name(), value.name(), value.number()))
}

fn methods(service: &ServiceDescriptorProto) -> impl Iterator<Item = String> {
    service.method.iter().map(|method| {
        let stream = if method.server_streaming() { "stream " } else { "" };
        let bare = |name: &str| name.rsplit('.').next().unwrap().to_owned();
        let (takes, gives) = (bare(method.input_type()), bare(method.output_type()));
        format!("rpc {}.{} {takes} {stream}{gives}", service.name(), method.name())
    })
}

/// Everything that this version speaks of, a line each.
fn present() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let own = set.file.iter().filter(|file| file.package() == "ferric.v1");
    own.flat_map(|file| {
        let messages = file.message_type.iter().flat_map(fields);
        let values = file.enum_type.iter().flat_map(values);
        messages.chain(values).chain(file.service.iter().flat_map(methods)).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn nothing_is_renumbered_retyped_or_taken_away() {
    let present = present();
    let missing: Vec<&str> = PREVIOUS.lines().filter(|line| !present.contains(*line)).collect();
    assert!(missing.is_empty(), "the version before this one still uses:\n{}", missing.join("\n"));
    assert!(PREVIOUS.lines().count() > 240, "the recording is cut off");
}

/// As the old codec and the new one both do: unknown fields are skipped.
fn survives<M: Message + Default + PartialEq + std::fmt::Debug>(message: &M) {
    let mut bytes = message.encode_to_vec();
    bytes.extend(UNKNOWN);
    assert_eq!(&M::decode(&bytes[..]).unwrap(), message);
}

#[test]
fn what_a_newer_version_adds_is_skipped() {
    survives(&JoinRequest { hostname: "c1".to_owned(), ..JoinRequest::default() });
    survives(&JoinResponse { lease_secs: 30, renew_secs: 10, wait_ms: 0 });
    survives(&ClaimResponse::default());
    survives(&ActionEnvelope { version: 1, ..ActionEnvelope::default() });
    survives(&ReportRequest::default());
}

/// Envelope of a task, byte for byte as the version before this one leaves it in the outbox and at the broker.
#[test]
fn envelopes_that_wait_are_understood() {
    let recorded = b"\x08\x01\x12\x14\x0a\x06task-1\x12\x06node-1\x1a\x02up";
    let ActionEnvelope { version, work, .. } = ActionEnvelope::decode(&recorded[..]).unwrap();
    let Some(ferric_proto::v1::action_envelope::Work::Task(task)) = work else { panic!("{work:?}") };
    assert_eq!((version, task.task_id.as_str(), task.action.as_str()), (1, "task-1", "up"));
}

/// A conductor that does not know that it may be turned away asks without saying so.
#[test]
fn an_old_conductor_is_one_that_cannot_wait() {
    let recorded = b"\x0a\x02c1\x1a\x03one\x22\x02{}";
    let request = JoinRequest::decode(&recorded[..]).unwrap();
    assert_eq!(
        (request.hostname.as_str(), request.drivers_json.as_str(), request.can_wait),
        ("c1", "{}", false)
    );
}

#[test]
fn nodes_of_the_other_version_are_understood_with_more_and_with_less() {
    let node: Node = serde_json::from_str(NODE).unwrap();
    assert_eq!(node.driver, "redfish");
    let mut document: Value = serde_json::from_str(NODE).unwrap();
    document["a_field_of_tomorrow"] = json!({"deep": [1]});
    document["spec"]["another"] = json!("x");
    let newer: Node = serde_json::from_value(document).unwrap();
    assert_eq!(newer, node);
    // What this version writes holds all that the other one reads.
    let written = serde_json::to_value(&node).unwrap();
    let recorded: Value = serde_json::from_str(NODE).unwrap();
    for (key, value) in recorded.as_object().unwrap() {
        assert!(written.get(key).is_some() || value.is_null(), "{key}");
    }
}

#[test]
fn reports_survive_the_wire_with_unknown_observations() {
    let report = TaskReport {
        task_id: Uuid::from_u128(7),
        epoch: 2,
        sequence: 3,
        outcome: TaskOutcome::Failed(Failure::new(code::CONDUCTORS_LOST, "deploy", "it was lost")),
        event: Some(Event::Fail),
        observed: Observed::default(),
        progress: Some(json!({"cursor": 1})),
    };
    let mut wire = report_to_wire("c1", &report).unwrap();
    let mut observed: Value = serde_json::from_str(&wire.observed_json).unwrap();
    observed["a_sensor_of_tomorrow"] = json!(42);
    wire.observed_json = observed.to_string();
    assert_eq!(report_from_wire(wire).unwrap(), report);
}
