//! What the recorded fake hardware did when it was asked for something beside provisioning.

use super::conductor::{Said, failure, refused};
use ferric_control::Grant;
use ferric_model::action::Action;
use ferric_model::bios::{BiosSetting, BiosSettings};
use ferric_model::firmware::{FirmwareComponent, FirmwareComponents};
use ferric_model::report::{Failure, Observed, TaskOutcome};
use ferric_model::step::Step;
use ferric_model::task::params;
use ferric_model::vendor::{VendorMethod, VendorMethods};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Vendor methods of the fake implementation, and some of a hardware type, which the recorded server had none of.
pub fn vendor_methods() -> BTreeMap<String, VendorMethods> {
    let compares = |word: &str| {
        VendorMethod::new(&["POST"], &format!("Test if the value of bar is {word}")).needs("bar")
    };
    let log = VendorMethod::new(&["POST"], "Test pass-through to wait.").in_background();
    let methods = [
        ("second_method", compares("kazoo").in_background()),
        ("third_method_sync", compares("meow")),
        ("fourth_method_shared_lock", compares("woof").in_background().shared()),
        ("log_passthrough", log),
    ];
    let named = |methods: Vec<(&str, VendorMethod)>| {
        methods.into_iter().map(|(name, method)| (name.to_owned(), method)).collect()
    };
    let greet = VendorMethod::new(&["GET"], "Says hello.");
    let ring = VendorMethod::new(&["POST"], "Rings a bell.").in_background();
    let of_driver = named(vec![("greet", greet), ("ring", ring)]);
    BTreeMap::from([
        ("fake".to_owned(), VendorMethods { node: named(methods.into()), driver: BTreeMap::new() }),
        ("ipmitool".to_owned(), VendorMethods { node: BTreeMap::new(), driver: of_driver }),
    ])
}

/// What a hardware type's method answers.
pub fn driver_answer(method: &str, args: &Value) -> Result<Value, Box<Failure>> {
    match method {
        "greet" if args["name"].is_null() => Ok(json!({"hello": "world"})),
        "greet" => Err(Box::new(failure("invalid-parameter", "nobody is called like this"))),
        _ => Ok(Value::Null),
    }
}

/// The last report of an operation; none for what is no operation on hardware.
pub fn report(grant: &Grant) -> Option<Said> {
    let params = |key: &str| grant.params[key].as_str().unwrap_or_default().to_owned();
    let outcome = match grant.action {
        Action::ListIndicators => answer(json!([
            {"component": "chassis", "name": "led-0", "readonly": true, "states": ["off", "on"]},
            {"component": "system", "name": "led", "readonly": false, "states": ["blinking", "off", "on"]},
        ])),
        Action::GetIndicator => indicator(&params("component"), &params("indicator")),
        Action::SetIndicator => unsupported("set_indicator_state"),
        Action::InjectNmi => unsupported("inject_nmi"),
        Action::SetBootMode => unsupported("set_boot_mode"),
        Action::SetSecureBoot => unsupported("set_secure_boot_state"),
        Action::GetVirtualMedia => unsupported("get_virtual_media"),
        Action::AttachVirtualMedia => unsupported("attach_virtual_media"),
        Action::DetachVirtualMedia => unsupported("detach_virtual_media"),
        Action::GetConsole => answer(json!({})),
        Action::CallVendorMethod => answer((grant.params["args"]["bar"] == "meow").into()),
        Action::StartConsole => return Some(console(true)),
        Action::StopConsole => return Some(console(false)),
        _ => return None,
    };
    Some((outcome, None, Observed::default()))
}

/// What the steps of a cleaning tell.
pub fn cleaned(grant: &Grant) -> Observed {
    let asked: params::Clean = serde_json::from_value(grant.params.clone()).unwrap();
    let mut observed = Observed::default();
    for step in asked.steps.iter().flatten() {
        match step.label().as_str() {
            "bios.apply_configuration" => observed.bios = Some(settings(step)),
            "bios.factory_reset" => observed.bios = Some(BiosSettings::new()),
            "firmware.update" => observed.firmware = Some(components(step)),
            _ => {}
        }
    }
    observed
}

fn answer(result: Value) -> TaskOutcome {
    TaskOutcome::Succeeded { result: Some(result) }
}

fn unsupported(extension: &str) -> TaskOutcome {
    let text = format!("Driver fake-hardware does not support {extension} (disabled or not implemented).");
    refused("unsupported", &text)
}

fn indicator(component: &str, name: &str) -> TaskOutcome {
    match (component, name) {
        ("chassis", "led-0") | ("system", "led") => answer("on".into()),
        ("chassis" | "system", _) => {
            refused("invalid-parameter", &format!("Invalid indicator {name} specified."))
        }
        _ => refused("invalid-parameter", &format!("Invalid component {component} specified.")),
    }
}

fn console(enabled: bool) -> Said {
    let observed = Observed { console_enabled: Some(enabled), ..Observed::default() };
    (TaskOutcome::Succeeded { result: None }, None, observed)
}

fn items(step: &Step) -> impl Iterator<Item = &Value> {
    step.args.get("settings").and_then(Value::as_array).into_iter().flatten()
}

fn text(item: &Value, key: &str) -> Option<String> {
    item[key].as_str().map(str::to_owned)
}

fn settings(step: &Step) -> BiosSettings {
    let setting = |item: &Value| BiosSetting { value: text(item, "value"), ..BiosSetting::default() };
    items(step).map(|item| (text(item, "name").unwrap(), setting(item))).collect()
}

/// Components whose settings say which version they bring.
fn components(step: &Step) -> FirmwareComponents {
    let component = |item: &Value| FirmwareComponent {
        current_version: text(item, "version"),
        vendor: text(item, "vendor"),
        ..FirmwareComponent::default()
    };
    items(step)
        .filter(|item| item["version"].is_string())
        .map(|item| (text(item, "component").unwrap(), component(item)))
        .collect()
}
