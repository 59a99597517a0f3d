//! EventService and its subscriptions (DSP0266, "Eventing"; DSP0268, EventDestination). Nothing is ever delivered.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Bytes, Path};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Ask, collection, done, healthy, link, object};
use super::message;
use super::refusal::Refusal;
use crate::subscription::Subscription;

const SUBSCRIPTIONS: &str = "/redfish/v1/EventService/Subscriptions";
const EVENT_TYPES: [&str; 5] =
    ["StatusChange", "ResourceUpdated", "ResourceAdded", "ResourceRemoved", "Alert"];

pub(super) async fn service(ask: Ask) -> Answer {
    ask.resource(json!({
        "@odata.id": "/redfish/v1/EventService",
        "@odata.type": "#EventService.v1_10_2.EventService",
        "Id": "EventService",
        "Name": "Event service",
        "ServiceEnabled": true,
        "EventTypesForSubscription": EVENT_TYPES,
        "Status": healthy(),
        "Subscriptions": link(SUBSCRIPTIONS),
    }))
}

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.subscriptions.ids().iter().map(|id| format!("{SUBSCRIPTIONS}/{id}")).collect();
    ask.resource(collection(SUBSCRIPTIONS, "EventDestinationCollection", "Subscriptions", members))
}

pub(super) async fn show(ask: Ask, id: Path<u64>) -> Answer {
    let found = ask.fleet.subscriptions.find(*id).ok_or_else(|| Refusal::missing(ask.request.path()))?;
    ask.resource(render(*id, &found))
}

pub(super) async fn delete(ask: Ask, id: Path<u64>) -> Answer {
    if ask.fleet.subscriptions.remove(*id) { Ok(done()) } else { Err(Refusal::missing(ask.request.path())) }
}

pub(super) async fn create(ask: Ask, body: Bytes) -> Answer {
    let body = object(&body)?;
    const KNOWN: [&str; 5] = ["Destination", "Protocol", "Context", "EventTypes", "HttpHeaders"];
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Refusal::new(&message::UNKNOWN_PROPERTY, &[name]));
    }
    let subscription = read(&body)?;
    let id = ask.fleet.subscriptions.add(subscription.clone());
    Ok(HttpResponse::Created()
        .insert_header(("OData-Version", "4.0"))
        .insert_header((LOCATION, format!("{SUBSCRIPTIONS}/{id}")))
        .json(render(id, &subscription)))
}

fn read(body: &Map<String, Value>) -> Result<Subscription, Refusal> {
    let wrong = |name: &str| {
        let value = body.get(name).cloned().unwrap_or_default();
        Refusal::new(&message::NOT_IN_LIST, &[&value.to_string(), name]).about(format!("/{name}"))
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let destination = text("Destination").filter(|url| url.starts_with("http"));
    let protocol = text("Protocol").filter(|protocol| protocol == "Redfish");
    let types: Vec<String> = match body.get("EventTypes") {
        None => EVENT_TYPES.map(str::to_owned).to_vec(),
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => return Err(wrong("EventTypes")),
    };
    if types.is_empty() || !types.iter().all(|kind| EVENT_TYPES.contains(&kind.as_str())) {
        return Err(wrong("EventTypes"));
    }
    Ok(Subscription {
        destination: destination.ok_or_else(|| wrong("Destination"))?,
        protocol: protocol.ok_or_else(|| wrong("Protocol"))?,
        context: text("Context").unwrap_or_default(),
        event_types: types,
    })
}

fn render(id: u64, subscription: &Subscription) -> Value {
    json!({
        "@odata.id": format!("{SUBSCRIPTIONS}/{id}"),
        "@odata.type": "#EventDestination.v1_15_0.EventDestination",
        "Id": id.to_string(),
        "Name": format!("Subscription {id}"),
        "Destination": subscription.destination,
        "Protocol": subscription.protocol,
        "Context": subscription.context,
        "EventTypes": subscription.event_types,
        // Write-only: they may hold credentials.
        "HttpHeaders": [],
    })
}
