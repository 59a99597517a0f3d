//! Adding up what was seen between two reports.

use ferric_model::JsonMap;
use ferric_model::report::Observed;
use serde_json::Value;

/// Adds what was seen later; where both say something, the later one counts.
pub fn add(seen: &mut Observed, later: Observed) {
    seen.power_state = later.power_state.or(seen.power_state);
    seen.step = later.step.or(seen.step.take());
    add_patch(&mut seen.driver_internal_info, later.driver_internal_info);
    add_patch(&mut seen.properties, later.properties);
    add_patch(&mut seen.instance_info, later.instance_info);
    seen.boot_mode = later.boot_mode.or(seen.boot_mode.take());
    seen.secure_boot = later.secure_boot.or(seen.secure_boot);
    seen.health = later.health.or(seen.health.take());
    seen.console_enabled = later.console_enabled.or(seen.console_enabled);
    seen.raid_config = later.raid_config.or(seen.raid_config.take());
    seen.bios = later.bios.or(seen.bios.take());
    seen.firmware = match (seen.firmware.take(), later.firmware) {
        (Some(mut earlier), Some(later)) => {
            earlier.extend(later);
            Some(earlier)
        }
        (earlier, later) => later.or(earlier),
    };
    seen.inventory = later.inventory.or(seen.inventory.take());
    seen.mac_addresses.extend(later.mac_addresses);
    seen.setback = later.setback.or(seen.setback.take());
    seen.errand = later.errand.or(seen.errand.take());
    seen.port_changes.extend(later.port_changes);
}

/// Joins two merge patches into one with the effect of both: a null stays a null.
fn add_patch(patch: &mut JsonMap, later: JsonMap) {
    for (key, value) in later {
        match (patch.get_mut(&key), value) {
            (Some(Value::Object(present)), Value::Object(inner)) => add_patch(present, inner),
            (_, value) => {
                patch.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::power::PowerState;
    use serde_json::json;

    fn patch(value: Value) -> JsonMap {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn later_observations_win_and_removals_stay() {
        let mut seen = Observed {
            power_state: Some(PowerState::Off),
            driver_internal_info: patch(json!({"a": 1, "b": {"c": 1, "d": 2}})),
            ..Observed::default()
        };
        let later = Observed {
            step: Some(None),
            driver_internal_info: patch(json!({"a": null, "b": {"c": null}})),
            ..Observed::default()
        };
        add(&mut seen, later);
        assert_eq!(seen.power_state, Some(PowerState::Off));
        assert_eq!(seen.step, Some(None));
        assert_eq!(Value::from(seen.driver_internal_info), json!({"a": null, "b": {"c": null, "d": 2}}));
    }
}
