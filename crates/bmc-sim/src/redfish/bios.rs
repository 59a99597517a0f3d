//! Bios, its pending settings, and the registry that describes its attributes.

use actix_web::web::{Bytes, Path};
use serde_json::{Map, Value, json};

use super::answer::{About, Answer, Ask, changed, collection, done, link, object};
use super::message;
use super::refusal::Refusal;
use crate::fault::FaultKind;
use crate::model::{BiosAttribute, BiosKind, HardwareModel, MODELS};
use crate::state::ServerState;

const REGISTRIES: &str = "/redfish/v1/Registries";

pub(super) async fn show(about: About) -> Answer {
    let path = format!("{}/BIOS", about.identity().system_path());
    let attributes = about.fleet.read(about.index, |live| json!(live.state.bios));
    about.resource(json!({
        "@odata.id": path,
        "@odata.type": "#Bios.v1_2_3.Bios",
        "Id": "BIOS",
        "Name": "Current firmware settings",
        "AttributeRegistry": registry_id(about.model()),
        "Attributes": attributes,
        "@Redfish.Settings": {
            "@odata.type": "#Settings.v1_3_5.Settings",
            "SettingsObject": link(&format!("{path}/Settings")),
            "SupportedApplyTimes": ["OnReset"],
        },
        "Actions": {"#Bios.ResetBios": {"target": format!("{path}/Actions/Bios.ResetBios")}},
    }))
}

pub(super) async fn show_settings(about: About) -> Answer {
    let body = about.fleet.read(about.index, |live| render_settings(&about, &live.state));
    about.resource(body)
}

pub(super) async fn patch_settings(about: About, body: Bytes) -> Answer {
    let body = object(&body)?;
    let wanted = match body.get("Attributes") {
        Some(Value::Object(wanted)) => wanted.clone(),
        Some(other) => {
            return Err(
                Refusal::new(&message::WRONG_TYPE, &[&other.to_string(), "Attributes"]).about("/Attributes")
            );
        }
        None => Map::new(),
    };
    if let Some(time) = body.get("@Redfish.SettingsApplyTime")
        && time["ApplyTime"] != "OnReset"
    {
        return Err(Refusal::new(&message::NOT_IN_LIST, &[&time.to_string(), "ApplyTime"]));
    }
    let lost = about.take_fault(&[], |kind| *kind == FaultKind::LostPowerAction).is_some();
    for (name, value) in &wanted {
        check_attribute(about.model(), name, value)?;
    }
    let after = about.fleet.update(about.index, |live| {
        about.check_precondition(&render_settings(&about, &live.state))?;
        if !lost {
            live.state.bios_pending.extend(wanted);
            live.state.counters.bios_changes += 1;
        }
        Ok::<_, Refusal>(render_settings(&about, &live.state))
    })?;
    Ok(changed(&after))
}

pub(super) async fn reset(about: About) -> Answer {
    about.fleet.update(about.index, |live| {
        live.state.bios_reset_pending = true;
        live.state.bios_pending.clear();
        live.state.counters.bios_changes += 1;
    });
    Ok(done())
}

fn render_settings(about: &About, state: &ServerState) -> Value {
    json!({
        "@odata.id": format!("{}/BIOS/Settings", about.identity().system_path()),
        "@odata.type": "#Bios.v1_2_3.Bios",
        "Id": "Settings",
        "Name": "Firmware settings for the next boot",
        "AttributeRegistry": registry_id(about.model()),
        "Attributes": state.bios_pending,
    })
}

fn check_attribute(model: &HardwareModel, name: &str, value: &Value) -> Result<(), Refusal> {
    let pointer = format!("/Attributes/{name}");
    let refuse = |message, args: &[&str]| Err(Refusal::new(message, args).about(pointer));
    match model.bios_attribute(name) {
        None => refuse(&message::UNKNOWN_PROPERTY, &[name]),
        Some(attribute) if attribute.read_only => refuse(&message::READ_ONLY, &[name]),
        Some(attribute) if !attribute.kind.accepts(value) => {
            refuse(&message::NOT_IN_LIST, &[&value.to_string(), name])
        }
        Some(_) => Ok(()),
    }
}

pub(super) async fn list_registries(ask: Ask) -> Answer {
    let members = MODELS.iter().map(|model| format!("{REGISTRIES}/{}", registry_id(model))).collect();
    ask.resource(collection(REGISTRIES, "MessageRegistryFileCollection", "Registries", members))
}

pub(super) async fn registry_file(ask: Ask, id: Path<String>) -> Answer {
    let model = find_model(&ask, &id)?;
    let path = format!("{REGISTRIES}/{}", registry_id(model));
    ask.resource(json!({
        "@odata.id": path,
        "@odata.type": "#MessageRegistryFile.v1_1_4.MessageRegistryFile",
        "Id": registry_id(model),
        "Name": "Firmware attribute registry",
        "Registry": registry_id(model),
        "Languages": ["en"],
        "Location": [{"Language": "en", "Uri": format!("{path}/registry.json")}],
    }))
}

pub(super) async fn registry(ask: Ask, id: Path<String>) -> Answer {
    let model = find_model(&ask, &id)?;
    ask.resource(json!({
        "@odata.id": format!("{REGISTRIES}/{}/registry.json", registry_id(model)),
        "@odata.type": "#AttributeRegistry.v1_3_8.AttributeRegistry",
        "Id": registry_id(model),
        "Name": "Firmware attribute registry",
        "Language": "en",
        "OwningEntity": model.manufacturer,
        "RegistryVersion": "1.0.0",
        "RegistryEntries": {"Attributes": model.bios.iter().map(describe).collect::<Vec<_>>()},
    }))
}

fn describe(attribute: &BiosAttribute) -> Value {
    let mut entry = json!({
        "AttributeName": attribute.name,
        "DisplayName": attribute.label,
        "ReadOnly": attribute.read_only,
        "ResetRequired": true,
        "DefaultValue": attribute.kind.default_value(),
    });
    match &attribute.kind {
        BiosKind::Enumeration { values, .. } => {
            entry["Type"] = json!("Enumeration");
            entry["Value"] = values.iter().map(|value| json!({"ValueName": value})).collect();
        }
        BiosKind::Integer { min, max, .. } => {
            entry["Type"] = json!("Integer");
            entry["LowerBound"] = json!(min);
            entry["UpperBound"] = json!(max);
        }
        BiosKind::Text { max_length, .. } => {
            entry["Type"] = json!("String");
            entry["MinLength"] = json!(0);
            entry["MaxLength"] = json!(max_length);
        }
    }
    entry
}

fn find_model(ask: &Ask, id: &str) -> Result<&'static HardwareModel, Refusal> {
    let found = MODELS.iter().copied().find(|model| registry_id(model) == id);
    found.ok_or_else(|| Refusal::missing(ask.request.path()))
}

fn registry_id(model: &HardwareModel) -> String {
    format!("BiosAttributeRegistry{}.v1_0_0", model.sku.replace('-', ""))
}
