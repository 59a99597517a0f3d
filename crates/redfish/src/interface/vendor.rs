//! Vendor methods: event subscriptions of the BMC, and emptying virtual media.
//!
//! Source: `contract: hardware-interfaces` section 5; DSP0268, EventService and EventDestination.

use super::user_media;
use crate::client::{Access, RedfishClients, json};
use crate::resource::ServiceRoot;
use async_trait::async_trait;
use ferric_hardware::interface::{Vendor, VendorAnswer, VendorCall};
use ferric_hardware::{HardwareError, HardwareErrorKind, Steps, TaskView};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::vendor::{VendorMethod, VendorMethods};
use serde_json::{Value, json as json_value};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// The vendor interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishVendor(Arc<RedfishClients>);

/// What a subscription may be made with, and its default; the first has none.
const ARGS: [&str; 5] = ["Destination", "Protocol", "Context", "EventTypes", "HttpHeaders"];

/// Of a subscription this is not shown: headers may hold credentials, the rest says nothing.
const HIDDEN: [&str; 6] = ["@odata.context", "@odata.etag", "HttpHeaders", "Oem", "Name", "Description"];

/// Source: DSP0268, EventDestination, EventType.
const EVENT_TYPES: [&str; 7] =
    ["StatusChange", "ResourceUpdated", "ResourceAdded", "ResourceRemoved", "Alert", "MetricReport", "Other"];

impl RedfishVendor {
    /// Vendor methods through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

impl Steps for RedfishVendor {}

#[async_trait]
impl Vendor for RedfishVendor {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    fn methods(&self) -> VendorMethods {
        let row = |name: &str, method: VendorMethod| (name.to_owned(), method);
        let node = [
            row(
                "eject_vmedia",
                VendorMethod::new(
                    &["POST"],
                    "Empties the virtual media devices. Optional argument: boot_device, cdrom, disk or floppy, for one only.",
                )
                .in_background(),
            ),
            row(
                "create_subscription",
                VendorMethod::new(
                    &["POST"],
                    "Subscribes to events. Required argument: Destination, a URL. Optional: Protocol, Context, EventTypes, HttpHeaders.",
                )
                .needs("Destination"),
            ),
            row(
                "delete_subscription",
                VendorMethod::new(&["DELETE"], "Ends a subscription. Required argument: id.").needs("id"),
            ),
            row(
                "get_subscription",
                VendorMethod::new(&["GET"], "Shows a subscription. Required argument: id.").needs("id").shared(),
            ),
            row("get_all_subscriptions", VendorMethod::new(&["GET"], "Lists the subscriptions.").shared()),
        ];
        VendorMethods { node: node.into_iter().collect(), driver: BTreeMap::new() }
    }

    async fn call_method(&self, task: &TaskView, call: &VendorCall) -> Result<VendorAnswer, HardwareError> {
        let access = self.0.open(&task.node)?;
        let value = match call.method.as_str() {
            "eject_vmedia" => {
                let kinds =
                    call.args.get("boot_device").and_then(Value::as_str).map(|kind| vec![kind.to_owned()]);
                let observed = user_media::detach(&access, kinds.as_deref()).await?;
                return Ok(VendorAnswer { value: Value::Null, observed });
            }
            "create_subscription" => create(&access, &call.args).await?,
            "delete_subscription" => delete(&access, &call.args).await?,
            "get_subscription" => show(&access, &call.args).await?,
            "get_all_subscriptions" => list(&access).await?,
            other => return Err(HardwareError::unsupported_by(&task.node, other)),
        };
        Ok(VendorAnswer { value, ..VendorAnswer::default() })
    }
}

async fn create(access: &Access, args: &JsonMap) -> Result<Value, HardwareError> {
    let body = body(args)?;
    let secrets = header_values(args);
    let hidden: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let collection = collection(access).await?;
    let accepted = access.bmc.post(&collection, &body, &hidden).await?;
    access.bmc.settle(&accepted, access.bmc.config().task_timeout(), &hidden).await?;
    let Some(path) = accepted.made() else {
        return Err(HardwareError::new(
            HardwareErrorKind::Nonsense,
            code::REDFISH_NONSENSE,
            "the BMC made the subscription and does not say which one it is",
            "list the subscriptions to find it",
        ));
    };
    Ok(shown(access.bmc.get(path).await?.body))
}

async fn delete(access: &Access, args: &JsonMap) -> Result<Value, HardwareError> {
    let path = find(access, args).await?;
    let accepted = access.bmc.delete(&path).await?;
    access.bmc.settle(&accepted, access.bmc.config().task_timeout(), &[]).await?;
    Ok(Value::Null)
}

async fn show(access: &Access, args: &JsonMap) -> Result<Value, HardwareError> {
    let path = find(access, args).await?;
    Ok(shown(access.bmc.get(&path).await?.body))
}

async fn list(access: &Access) -> Result<Value, HardwareError> {
    let collection = collection(access).await?;
    let members = access.bmc.members(&collection).await?;
    let links: Vec<Value> = members.iter().map(|path| json_value!({"@odata.id": path})).collect();
    Ok(json_value!({
        "@odata.id": collection,
        "Members@odata.count": links.len(),
        "Members": links,
    }))
}

/// The path of a subscription, looked up by its id: an id never becomes part of a path.
async fn find(access: &Access, args: &JsonMap) -> Result<String, HardwareError> {
    let id = match args.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => {
            return Err(HardwareError::invalid(
                "id must be the id of a subscription",
                "list them to find it",
            ));
        }
    };
    let members = access.bmc.members(&collection(access).await?).await?;
    let found = members.into_iter().find(|path| json::last_segment(path) == id.as_str());
    found.ok_or_else(|| {
        HardwareError::invalid(format!("the BMC has no subscription '{id}'"), "list the subscriptions")
    })
}

async fn collection(access: &Access) -> Result<String, HardwareError> {
    let root = access.bmc.root().await?;
    let service = match ServiceRoot(&root).event_service() {
        Some(path) => access.bmc.find(path).await?,
        None => None,
    };
    let collection = service.as_ref().and_then(|service| json::link(&service.body, &["Subscriptions"]));
    collection
        .map(str::to_owned)
        .ok_or_else(|| HardwareError::unsupported("the BMC does not offer event subscriptions"))
}

/// What is posted: what was given, and Ironic's defaults.
fn body(args: &JsonMap) -> Result<Value, HardwareError> {
    let wrong = |what: String| HardwareError::invalid(what, "correct the arguments of create_subscription");
    if let Some(stranger) = args.keys().find(|name| !ARGS.contains(&name.as_str())) {
        return Err(wrong(format!("create_subscription takes no argument '{stranger}'")));
    }
    let text = |name: &str, default: &str| match args.get(name) {
        None => Ok(default.to_owned()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(wrong(format!("{name} must be a text"))),
    };
    let destination = text("Destination", "")?;
    if !Url::parse(&destination).is_ok_and(|url| ["http", "https"].contains(&url.scheme())) {
        return Err(wrong("Destination must be an http or https URL".to_owned()));
    }
    let types = args.get("EventTypes").cloned().unwrap_or_else(|| json_value!(["Alert"]));
    let known = |kind: &Value| kind.as_str().is_some_and(|kind| EVENT_TYPES.contains(&kind));
    if !types.as_array().is_some_and(|types| !types.is_empty() && types.iter().all(known)) {
        return Err(wrong(format!("EventTypes must be a list of {}", EVENT_TYPES.join(", "))));
    }
    let mut body = json_value!({
        "Destination": destination,
        "Protocol": text("Protocol", "Redfish")?,
        "Context": text("Context", "")?,
        "EventTypes": types,
    });
    if let Some(headers) = args.get("HttpHeaders") {
        if !headers.as_array().is_some_and(|headers| headers.iter().all(Value::is_object)) {
            return Err(wrong("HttpHeaders must be a list of objects".to_owned()));
        }
        body["HttpHeaders"] = headers.clone();
    }
    Ok(body)
}

/// What must not be repeated from a refusal.
fn header_values(args: &JsonMap) -> Vec<String> {
    let headers = args.get("HttpHeaders").and_then(Value::as_array).into_iter().flatten();
    let values = headers.filter_map(Value::as_object).flat_map(|header| header.values());
    values.filter_map(Value::as_str).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn shown(mut subscription: Value) -> Value {
    if let Some(map) = subscription.as_object_mut() {
        map.retain(|key, _| !HIDDEN.contains(&key.as_str()));
    }
    subscription
}
