//! Hooks for devices on the PCI bus, and for what the extra-hardware collector finds.

use super::hooks::Inspected;
use ferric_model::JsonMap;
use ferric_model::report::Failure;
use serde_json::{Value, json};

/// A device that computes.
struct Accelerator {
    vendor: &'static str,
    product: &'static str,
    kind: &'static str,
    name: &'static str,
}

/// Devices that are known to compute. Source: the PCI ID repository (pci-ids.ucw.cz), device names.
const ACCELERATORS: [Accelerator; 8] = [
    gpu("1db1", "NVIDIA Tesla V100 SXM2 16GB"),
    gpu("1db4", "NVIDIA Tesla V100 PCIe 16GB"),
    gpu("1eb8", "NVIDIA Tesla T4"),
    gpu("20b0", "NVIDIA A100 SXM4 40GB"),
    gpu("20f1", "NVIDIA A100 PCIe 40GB"),
    gpu("2235", "NVIDIA A40"),
    gpu("2330", "NVIDIA H100 SXM5 80GB"),
    gpu("2331", "NVIDIA H100 PCIe"),
];

const fn gpu(product: &'static str, name: &'static str) -> Accelerator {
    Accelerator { vendor: "10de", product, kind: "GPU", name }
}

/// `accelerators`
pub(super) fn accelerators(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let mut known = Vec::new();
    for device in devices(&found.plugin_data) {
        let (vendor, product) = (id(device, "vendor_id"), id(device, "product_id"));
        if let Some(row) = ACCELERATORS.iter().find(|row| row.vendor == vendor && row.product == product) {
            known.push(json!({
                "vendor_id": vendor,
                "device_id": product,
                "type": row.kind,
                "device_info": row.name,
                "pci_address": device.get("bus").cloned().unwrap_or_default(),
            }));
        }
    }
    if !known.is_empty() {
        found.set_property("accel", known);
    }
    Ok(())
}

/// `pci-devices`: counts devices of named kinds as capabilities.
pub(super) fn pci_devices(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let settings = found.settings;
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for alias in &settings.pci_device_alias {
        let fits = |device: &&Value| {
            id(device, "vendor_id") == alias.vendor_id.to_ascii_lowercase()
                && id(device, "product_id") == alias.product_id.to_ascii_lowercase()
        };
        let count = devices(&found.plugin_data).iter().filter(fits).count();
        match counts.iter_mut().find(|row| row.0 == alias.name) {
            Some(row) => row.1 += count,
            None => counts.push((&alias.name, count)),
        }
    }
    for (name, count) in counts.into_iter().filter(|row| row.1 > 0) {
        found.set_capability(name, &count.to_string());
    }
    Ok(())
}

fn devices(plugin_data: &JsonMap) -> &[Value] {
    plugin_data.get("pci_devices").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn id(device: &Value, key: &str) -> String {
    let text = device.get(key).and_then(Value::as_str).unwrap_or_default();
    text.trim_start_matches("0x").to_ascii_lowercase()
}

/// `extra-hardware`: brings rows of four, `[kind, name, property, value]`, into nested dictionaries under `extra`.
pub(super) fn extra_hardware(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let Some(Value::Array(rows)) = found.plugin_data.get("data") else { return Ok(()) };
    let mut extra = JsonMap::new();
    let mut unreadable = false;
    for row in rows {
        let parts: Vec<&Value> = row.as_array().map(|parts| parts.iter().collect()).unwrap_or_default();
        let [Value::String(kind), Value::String(name), Value::String(property), value] = parts.as_slice()
        else {
            unreadable = true;
            continue;
        };
        let kind = extra.entry(kind.as_str()).or_insert_with(|| json!({}));
        if let Some(names) = kind.as_object_mut() {
            let properties = names.entry(name.as_str()).or_insert_with(|| json!({}));
            if let Some(properties) = properties.as_object_mut() {
                properties.insert(property.clone(), (*value).clone());
            }
        }
    }
    if unreadable && found.settings.extra_hardware_strict {
        tracing::warn!(node.uuid = %found.node.uuid, "what the extra-hardware collector found cannot be read");
        found.plugin_data.remove("data");
        return Ok(());
    }
    found.plugin_data.remove("data");
    found.plugin_data.insert("extra".to_owned(), extra.into());
    Ok(())
}
