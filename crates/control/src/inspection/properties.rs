//! Hooks for what the scheduler reads of a node.

use super::hooks::Inspected;
use ferric_model::report::Failure;
use serde_json::{Value, json};

const GIB: u64 = 1 << 30;

type Outcome = Result<(), Box<Failure>>;

/// `architecture`
pub(super) fn architecture(found: &mut Inspected<'_>) -> Outcome {
    if let Some(name) = found.at(["cpu", "architecture"]).and_then(Value::as_str).map(str::to_owned) {
        found.set_property("cpu_arch", name);
    }
    Ok(())
}

/// `cpus`
pub(super) fn cpus(found: &mut Inspected<'_>) -> Outcome {
    if let Some(count) = found.at(["cpu", "count"]).and_then(Value::as_u64) {
        found.set_property("cpus", count);
    }
    Ok(())
}

/// `memory`
pub(super) fn memory(found: &mut Inspected<'_>) -> Outcome {
    if let Some(size) = found.at(["memory", "physical_mb"]).and_then(Value::as_u64) {
        found.set_property("memory_mb", size);
    }
    Ok(())
}

/// `boot-mode`
pub(super) fn boot_mode(found: &mut Inspected<'_>) -> Outcome {
    if let Some(mode) = found.at(["boot", "current_boot_mode"]).and_then(Value::as_str).map(str::to_owned) {
        found.set_capability("boot_mode", &mode);
    }
    Ok(())
}

/// `cpu-capabilities`
pub(super) fn cpu_capabilities(found: &mut Inspected<'_>) -> Outcome {
    let flags = found.at(["cpu", "flags"]).and_then(Value::as_array).cloned().unwrap_or_default();
    let settings = found.settings;
    for (flag, capability) in &settings.cpu_capabilities {
        if flags.iter().any(|known| known.as_str() == Some(flag)) {
            found.set_capability(capability, "true");
        }
    }
    Ok(())
}

/// `root-device`: finds the disk that the node's hints mean, or the one that the ramdisk would take.
pub(super) fn root_device(found: &mut Inspected<'_>) -> Outcome {
    let hints = found.node.spec.properties.get("root_device").and_then(Value::as_object).cloned();
    let disk = match hints.filter(|hints| !hints.is_empty()) {
        Some(hints) => {
            let fits = |disk: &&Value| hints.iter().all(|(hint, wanted)| meant(disk, hint, wanted));
            let disk = found.list("disks").iter().find(fits).cloned();
            Some(disk.ok_or_else(|| {
                let hints = Value::Object(hints.clone());
                Inspected::unusable(format!("no disk that was found fits the root device hints {hints}"))
            })?)
        }
        None => found.plugin_data.get("root_disk").filter(|disk| disk.is_object()).cloned(),
    };
    let Some(disk) = disk else { return Ok(()) };
    if let Some(size) = disk.get("size").and_then(Value::as_u64) {
        let spacing = u64::from(found.settings.disk_partitioning_spacing);
        found.set_property("local_gb", (size / GIB).saturating_sub(spacing));
    }
    found.plugin_data.insert("root_disk".to_owned(), disk);
    Ok(())
}

/// Whether a disk is what a hint wants. A size is in GiB, as operators write it.
fn meant(disk: &Value, hint: &str, wanted: &Value) -> bool {
    let Some(has) = disk.get(hint).filter(|value| !value.is_null()) else { return false };
    match (hint, has) {
        ("size", has) => {
            let wanted = wanted.as_u64().or_else(|| wanted.as_str()?.trim().parse().ok());
            has.as_u64().map(|size| size / GIB) == wanted
        }
        (_, Value::String(has)) => {
            wanted.as_str().is_some_and(|wanted| has.eq_ignore_ascii_case(wanted.trim()))
        }
        (_, Value::Bool(has)) => {
            let wanted = wanted.as_bool().or_else(|| wanted.as_str()?.to_ascii_lowercase().parse().ok());
            wanted == Some(*has)
        }
        (_, has) => has == wanted,
    }
}

/// `raid-device`: a disk that was not there before a RAID was made becomes the root device.
pub(super) fn raid_device(found: &mut Inspected<'_>) -> Outcome {
    let serials: Vec<String> = found
        .list("disks")
        .iter()
        .filter_map(|disk| disk.get("serial").and_then(Value::as_str))
        .map(str::to_owned)
        .collect();
    let properties = &found.node.spec.properties;
    let before =
        properties.get("block_devices").and_then(|known| known.get("serials")).and_then(Value::as_array);
    if properties.contains_key("root_device") {
        return Ok(());
    }
    if let Some(before) = before {
        let new: Vec<&String> = serials
            .iter()
            .filter(|serial| !before.iter().any(|known| known.as_str() == Some(serial)))
            .collect();
        if let [serial] = new.as_slice() {
            let hint = json!({"serial": serial});
            found.set_property("root_device", hint);
        }
    }
    found.set_property("block_devices", json!({"serials": serials}));
    Ok(())
}
