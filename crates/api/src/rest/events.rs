//! Events that other services tell: taken note of in the log.
//!
//! Source: `contract: rest-api` section 6.

use super::answer::Answer;
use super::args::Kind;
use super::call::Call;
use super::error::Fault;
use super::route::Gate::Unsupported;
use super::route::{Route, route};
use ferric_control::{Rule, Target};
use ferric_model::schema::{self, JsonType as T, Schema};
use serde_json::Value;

pub(crate) static ROUTES: [Route; 1] = [route!(Post "events" Unsupported(54), &[], Document, post)];

const TEXT: Schema = Schema::of(&[T::String]);

/// What the body looks like.
pub(crate) const EVENTS: Schema = Schema {
    properties: &[("events", Schema { items: Some(&EVENT), ..Schema::of(&[T::Array]) })],
    required: &["events"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const NAMES: Schema = Schema {
    one_of_words: &["network.bind_port", "network.unbind_port", "network.delete_port"],
    ..Schema::ANY
};

const EVENT: Schema = Schema {
    properties: &[
        ("event", NAMES),
        ("port_id", TEXT),
        ("mac_address", TEXT),
        ("status", TEXT),
        ("device_id", Schema::of(&[T::String, T::Null])),
        ("binding:host_id", Schema::of(&[T::String, T::Null])),
        ("binding:vnic_type", Schema::of(&[T::String, T::Null])),
    ],
    required: &["event"],
    ..Schema::of(&[T::Object])
};

/// What must be there once it is known which event it is.
const NETWORK_EVENT: Schema = Schema {
    properties: EVENT.properties,
    required: &["event", "mac_address", "port_id", "status"],
    closed: true,
    ..Schema::of(&[T::Object])
};

async fn post(call: Call) -> Result<Answer, Fault> {
    call.control().authorize(&call.context, Rule::EventsPost, Target::NONE)?;
    refuse(&call.document, &EVENTS)?;
    for event in call.document["events"].as_array().into_iter().flatten() {
        refuse(event, &NETWORK_EVENT)?;
        for field in ["port_id", "device_id"] {
            if let Some(value) = event.get(field).filter(|value| !value.is_null()) {
                Kind::Uuid.read(field, value)?;
            }
        }
        Kind::Mac.read("mac_address", &event["mac_address"])?;
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        tracing::info!(
            event = text("event"),
            port_id = text("port_id"),
            mac_address = text("mac_address"),
            status = text("status"),
            "another service told of an event"
        );
    }
    Ok(Answer::no_content())
}

fn refuse(value: &Value, schema: &Schema) -> Result<(), Fault> {
    match schema::refusal(value, schema) {
        Some(said) => Err(Fault::invalid(format!("Schema error: {said}"))),
        None => Ok(()),
    }
}
