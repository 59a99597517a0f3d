//! A configdrive in its parts.

use ferric_model::JsonMap;
use serde_json::Value;

use crate::{ArtifactError, Result};

/// A configdrive as JSON, to be built when the node is deployed.
///
/// **Shape** — `{"meta_data": {…}, "network_data": {…}, "user_data": "…" | {…} | […] | null, "vendor_data": {…}}`, each
/// optional, nothing else.
///
/// `Debug` shows only which parts there are.
#[derive(Clone, PartialEq, Default)]
pub struct ConfigDriveParts {
    /// Instance metadata; `uuid` and `name` default to the node's.
    pub meta_data: JsonMap,
    /// Network configuration in OpenStack's format.
    pub network_data: Option<JsonMap>,
    /// Text for cloud-init, as it is; objects and lists are written as JSON.
    pub user_data: Option<Value>,
    /// Vendor data.
    pub vendor_data: Option<JsonMap>,
}

impl ConfigDriveParts {
    /// Errors: `Invalid` for another shape.
    pub fn from_json(document: &JsonMap) -> Result<Self> {
        let mut parts = Self::default();
        for (name, value) in document {
            match (name.as_str(), value) {
                ("meta_data", Value::Object(map)) => parts.meta_data = map.clone(),
                ("network_data", Value::Object(map)) => parts.network_data = Some(map.clone()),
                ("vendor_data", Value::Object(map)) => parts.vendor_data = Some(map.clone()),
                ("user_data", Value::Null) => {}
                ("user_data", Value::String(_) | Value::Object(_) | Value::Array(_)) => {
                    parts.user_data = Some(value.clone());
                }
                ("user_data", _) => return Err(wrong("user_data is not text, an object, a list or null")),
                ("meta_data" | "network_data" | "vendor_data", _) => {
                    return Err(wrong(&format!("{name} is not an object")));
                }
                _ => return Err(wrong(&format!("unknown part {name:?}"))),
            }
        }
        Ok(parts)
    }
}

impl std::fmt::Debug for ConfigDriveParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfigDriveParts")
            .field("network_data", &self.network_data.is_some())
            .field("user_data", &self.user_data.is_some())
            .field("vendor_data", &self.vendor_data.is_some())
            .finish_non_exhaustive()
    }
}

fn wrong(reason: &str) -> ArtifactError {
    ArtifactError::invalid("configdrive", reason)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(document: Value) -> Result<ConfigDriveParts> {
        ConfigDriveParts::from_json(document.as_object().unwrap())
    }

    #[test]
    fn only_the_known_shape_is_taken() {
        let parts = parse(json!({"meta_data": {"a": 1}, "user_data": "x", "vendor_data": {}})).unwrap();
        assert_eq!((parts.meta_data.len(), parts.user_data.is_some(), parts.network_data), (1, true, None));
        assert_eq!(parse(json!({})).unwrap(), ConfigDriveParts::default());
        assert_eq!(parse(json!({"user_data": null})).unwrap(), ConfigDriveParts::default());
        for bad in [
            json!({"meta_data": "x"}),
            json!({"meta_data": null}),
            json!({"network_data": []}),
            json!({"user_data": 1}),
            json!({"vendor_data": true}),
            json!({"metadata": {}}),
        ] {
            assert_eq!(parse(bad.clone()).unwrap_err().kind(), "invalid", "{bad}");
        }
    }
}
