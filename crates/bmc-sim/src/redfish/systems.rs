//! Systems and the ComputerSystem.

use actix_web::web::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{About, Answer, Ask, changed, collection, healthy, link, object};
use super::boot;
use super::message;
use super::refusal::Refusal;
use crate::state::{BootOverride, PowerState, ResetType, ServerState};

const SYSTEMS: &str = "/redfish/v1/Systems";
/// How many members one page of a collection of servers holds.
const PAGE: usize = 100;
const LED_STATES: &[&str] = &["Off", "Lit", "Blinking"];

/// Properties a client may write, each with its reader.
struct Change {
    boot: Option<BootOverride>,
    asset_tag: Option<String>,
    indicator_led: Option<String>,
}

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.servers.iter().map(|server| server.identity.system_path()).collect();
    paged(&ask, SYSTEMS, "ComputerSystemCollection", "Systems", members)
}

/// A collection that may be long: one page of it, with a link to the next.
pub(super) fn paged(ask: &Ask, path: &str, kind: &str, name: &str, members: Vec<String>) -> Answer {
    let skip = ask
        .request
        .query_string()
        .split('&')
        .find_map(|pair| pair.replace("%24", "$").strip_prefix("$skip=")?.parse::<usize>().ok())
        .unwrap_or(0);
    let total = members.len();
    let page: Vec<String> = members.into_iter().skip(skip).take(PAGE).collect();
    let next = skip + page.len();
    let mut body = collection(path, kind, name, page);
    body["Members@odata.count"] = json!(total);
    if next < total && next > skip {
        body["Members@odata.nextLink"] = json!(format!("{path}?$skip={next}"));
    }
    ask.resource(body)
}

pub(super) async fn show(about: About) -> Answer {
    let body = about.fleet.read(about.index, |live| system(&about, &live.state));
    about.resource(body)
}

pub(super) async fn patch(about: About, body: Bytes) -> Answer {
    let body = object(&body)?;
    let after = about.fleet.update(about.index, |live| {
        about.check_precondition(&system(&about, &live.state))?;
        let change = read_change(&body, &live.state.boot)?;
        change.apply(&mut live.state);
        Ok::<_, Refusal>(system(&about, &live.state))
    })?;
    Ok(changed(&after))
}

impl Change {
    fn apply(self, state: &mut ServerState) {
        if let Some(boot) = self.boot {
            state.boot = boot;
        }
        if let Some(asset_tag) = self.asset_tag {
            state.asset_tag = asset_tag;
        }
        if let Some(led) = self.indicator_led {
            state.indicator_led = led;
        }
    }
}

fn read_change(body: &Map<String, Value>, current: &BootOverride) -> Result<Change, Refusal> {
    let mut change = Change { boot: None, asset_tag: None, indicator_led: None };
    for (name, value) in body {
        match name.as_str() {
            "Boot" => change.boot = Some(boot::merge(current.clone(), value)?),
            "AssetTag" => change.asset_tag = Some(text(name, value)?),
            "IndicatorLED" => {
                let led = text(name, value)?;
                if !LED_STATES.contains(&led.as_str()) {
                    return Err(Refusal::new(&message::NOT_IN_LIST, &[&led, name]).about("/IndicatorLED"));
                }
                change.indicator_led = Some(led);
            }
            "PowerState" | "Manufacturer" | "Model" | "SerialNumber" | "UUID" | "BiosVersion" | "Id" => {
                return Err(Refusal::new(&message::READ_ONLY, &[name]).about(format!("/{name}")));
            }
            annotation if annotation.starts_with('@') => {}
            _ => return Err(Refusal::new(&message::UNKNOWN_PROPERTY, &[name]).about(format!("/{name}"))),
        }
    }
    Ok(change)
}

fn text(name: &str, value: &Value) -> Result<String, Refusal> {
    value.as_str().map(str::to_owned).ok_or_else(|| {
        Refusal::new(&message::WRONG_TYPE, &[&value.to_string(), name]).about(format!("/{name}"))
    })
}

fn system(about: &About, state: &ServerState) -> Value {
    let (identity, model) = (about.identity(), about.model());
    let path = identity.system_path();
    let processors = &model.processors;
    let mut body = json!({
        "@odata.id": path,
        "@odata.type": "#ComputerSystem.v1_22_0.ComputerSystem",
        "Id": identity.uuid,
        "Name": identity.host_name(),
        "HostName": identity.host_name(),
        "SystemType": "Physical",
        "UUID": identity.uuid,
        "Manufacturer": model.manufacturer,
        "Model": model.product,
        "SKU": model.sku,
        "SerialNumber": identity.serial,
        "AssetTag": state.asset_tag,
        "IndicatorLED": state.indicator_led,
        "BiosVersion": state.firmware.version("bios"),
        "Status": healthy(),
        "PowerState": state.power,
        "PowerRestorePolicy": "LastState",
        "LastResetTime": state.last_reset_at,
        "BootProgress": {
            "LastState": state.boot_progress.as_str(),
            "LastStateTime": state.boot_progress_at,
        },
        "ProcessorSummary": {
            "Count": processors.sockets,
            "Model": processors.model,
            "CoreCount": processors.sockets * processors.cores,
            "LogicalProcessorCount": processors.sockets * processors.threads,
            "Status": healthy(),
        },
        "MemorySummary": {"TotalSystemMemoryGiB": model.memory_gib, "Status": healthy()},
        "SerialConsole": {
            "MaxConcurrentSessions": 1,
            "IPMI": {"ServiceEnabled": true, "Port": 623},
            "SSH": {"ServiceEnabled": false},
        },
        "Boot": boot::render(&state.boot),
        "Links": {
            "ManagedBy": [link(&identity.manager_path())],
            "Chassis": [link(&identity.chassis_path())],
        },
        "Actions": {
            "#ComputerSystem.Reset": {
                "target": format!("{path}/Actions/ComputerSystem.Reset"),
                "ResetType@Redfish.AllowableValues": ResetType::all().map(ResetType::as_str).collect::<Vec<_>>(),
            },
        },
    });
    for (property, segment) in [
        ("Bios", "BIOS"),
        ("SecureBoot", "SecureBoot"),
        ("Processors", "Processors"),
        ("EthernetInterfaces", "EthernetInterfaces"),
        ("Storage", "Storage"),
        ("SimpleStorage", "SimpleStorage"),
    ] {
        body[property] = link(&format!("{path}/{segment}"));
    }
    if state.power != PowerState::On {
        body["Status"]["State"] = json!("StandbyOffline");
    }
    body
}
