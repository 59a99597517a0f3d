//! RAID layouts: what a `target_raid_config` must look like, as data that API pods share with conductors.

use crate::JsonMap;
use crate::schema::{self, JsonType as T, Schema};
use serde_json::Value;

/// What may be said of a logical disk, and what it means.
///
/// Source: `contract: golden`, "driver raid props": clients show these texts to people.
pub const LOGICAL_DISK_PROPERTIES: [(&str, &str); 10] = [
    (
        "raid_level",
        "RAID level for the logical disk. Valid values are 'JBOD', '0', '1', '2', '5', '6', '1+0', '5+0' and '6+0'. \
         Required.",
    ),
    (
        "size_gb",
        "Size in GiB (Integer) for the logical disk. Use 'MAX' as size_gb if this logical disk is supposed to use the \
         rest of the space available. Required.",
    ),
    (
        "volume_name",
        "Name of the volume to be created. If this is not specified, it will be auto-generated. Optional.",
    ),
    ("is_root_volume", "Specifies whether this disk is a root volume. By default, this is False. Optional."),
    (
        "share_physical_disks",
        "Specifies whether other logical disks can share physical disks with this logical disk. By default, this is \
         False. Optional.",
    ),
    (
        "disk_type",
        "The type of disk preferred. Valid values are 'hdd' and 'ssd'. If this is not specified, disk type will not be \
         a selection criterion for choosing backing physical disks. Optional.",
    ),
    (
        "interface_type",
        "The interface type of disk. Valid values are 'sata', 'scsi' and 'sas'. If this is not specified, interface \
         type will not be a selection criterion for choosing backing physical disks. Optional.",
    ),
    (
        "number_of_physical_disks",
        "Number of physical disks to use for this logical disk. By default, the driver uses the minimum number of disks \
         required for that RAID level. Optional.",
    ),
    (
        "controller",
        "Controller to use for this logical disk. If not specified, the driver will choose a suitable RAID controller \
         on the bare metal node. Optional.",
    ),
    (
        "physical_disks",
        "The physical disks to use for this logical disk. If not specified, the driver will choose suitable physical \
         disks to use. Optional.",
    ),
];

const LOGICAL_DISK: Schema = Schema {
    properties: &[
        (
            "raid_level",
            Schema {
                one_of_words: &["JBOD", "0", "1", "2", "5", "6", "1+0", "5+0", "6+0"],
                ..Schema::of(&[T::String])
            },
        ),
        (
            "size_gb",
            Schema {
                any_of: &[
                    Schema { minimum: Some(0), ..Schema::of(&[T::Integer]) },
                    Schema { one_of_words: &["MAX"], ..Schema::of(&[T::String]) },
                ],
                ..Schema::ANY
            },
        ),
        ("volume_name", Schema::of(&[T::String])),
        ("is_root_volume", Schema::of(&[T::Boolean])),
        ("share_physical_disks", Schema::of(&[T::Boolean])),
        ("disk_type", Schema { one_of_words: &["hdd", "ssd"], ..Schema::of(&[T::String]) }),
        ("interface_type", Schema { one_of_words: &["sata", "scsi", "sas"], ..Schema::of(&[T::String]) }),
        ("number_of_physical_disks", Schema { minimum: Some(1), ..Schema::of(&[T::Integer]) }),
        ("controller", Schema::of(&[T::String])),
        (
            "physical_disks",
            Schema {
                any_of: &[
                    Schema { items: Some(&Schema::of(&[T::String])), ..Schema::of(&[T::Array]) },
                    Schema {
                        items: Some(&Schema::of(&[T::Object])),
                        min_items: 2,
                        ..Schema::of(&[T::Array])
                    },
                ],
                ..Schema::ANY
            },
        ),
    ],
    required: &["raid_level", "size_gb"],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// What a RAID layout must look like.
pub const RAID_CONFIG: Schema = Schema {
    properties: &[(
        "logical_disks",
        Schema { items: Some(&LOGICAL_DISK), min_items: 1, ..Schema::of(&[T::Array]) },
    )],
    required: &["logical_disks"],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// Whether a RAID layout can be meant; whether a node's hardware can have it, only its RAID interface knows.
///
/// **Errors**: what is wrong, for the caller.
pub fn check_raid_config(config: &JsonMap) -> Result<(), String> {
    let document = Value::Object(config.clone());
    let wrong = schema::refusal(&document, &RAID_CONFIG).or_else(|| missing_controller(config));
    if let Some(wrong) = wrong {
        return Err(format!("RAID config validation error: {wrong}"));
    }
    let roots = disks(config).filter(|disk| disk.get("is_root_volume") == Some(&Value::Bool(true))).count();
    if roots > 1 {
        return Err(format!(
            "Raid config cannot have more than one root volume. {roots} root volumes were specified"
        ));
    }
    Ok(())
}

/// Disks are named within their controller.
fn missing_controller(config: &JsonMap) -> Option<String> {
    let lost = |disk: &Value| disk.get("physical_disks").is_some() && disk.get("controller").is_none();
    disks(config).any(lost).then(|| "'controller' is a dependency of 'physical_disks'".to_owned())
}

fn disks(config: &JsonMap) -> impl Iterator<Item = &Value> {
    config.get("logical_disks").and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(disk: Value) -> Result<(), String> {
        check_raid_config(json!({"logical_disks": [disk]}).as_object().unwrap())
    }

    #[test]
    fn layouts_are_checked_in_the_words_that_clients_know() {
        let whole =
            json!({"size_gb": "MAX", "raid_level": "5+0", "controller": "c", "physical_disks": ["a", "b"]});
        assert_eq!(said(whole), Ok(()));
        let cases = [
            (json!({"size_gb": "x"}), "'raid_level' is a required property"),
            (
                json!({"size_gb": 1, "raid_level": "9"}),
                "'9' is not one of ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0']",
            ),
            (
                json!({"size_gb": 1, "raid_level": "1", "physical_disks": ["a"]}),
                "'controller' is a dependency of 'physical_disks'",
            ),
        ];
        for (disk, expected) in cases {
            assert_eq!(said(disk), Err(format!("RAID config validation error: {expected}")));
        }
        let root = json!({"size_gb": 1, "raid_level": "1", "is_root_volume": true});
        let two = json!({"logical_disks": [root, root]});
        assert!(check_raid_config(two.as_object().unwrap()).unwrap_err().starts_with("Raid config cannot"));
        assert!(check_raid_config(json!({}).as_object().unwrap()).is_err());
    }

    #[test]
    fn every_property_has_a_text() {
        let named: Vec<&str> = LOGICAL_DISK.properties.iter().map(|row| row.0).collect();
        assert_eq!(named, LOGICAL_DISK_PROPERTIES.map(|row| row.0));
    }
}
