//! Actions that a resource offers.

use crate::client::{Bmc, Resource, Result, json};
use serde_json::Value;

/// An action: where it is run and which values it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Where it is posted to.
    pub target: String,
    /// Values of its parameter; empty when the BMC does not tell.
    pub allowable: Vec<String>,
    /// Where the BMC describes its parameters.
    info: Option<String>,
}

impl Action {
    /// The action `name` of a resource, with the allowable values of `parameter`.
    pub fn find(resource: &Resource, name: &str, parameter: &str) -> Option<Self> {
        let action = json::at(&resource.body, &["Actions", name])?;
        let allowable = format!("{parameter}@Redfish.AllowableValues");
        Some(Self {
            target: json::text(action, &["target"])?.to_owned(),
            allowable: owned(json::texts(action, &[&allowable])),
            info: json::link(action, &["@Redfish.ActionInfo"]).map(str::to_owned),
        })
    }

    /// Fills in the allowable values from where the BMC describes the action, if the resource does not have them.
    pub async fn described(mut self, bmc: &Bmc, parameter: &str) -> Result<Self> {
        if let (true, Some(info)) = (self.allowable.is_empty(), &self.info)
            && let Some(info) = bmc.find(info).await?
        {
            let named = |entry: &&Value| json::text(entry, &["Name"]) == Some(parameter);
            let entry = json::list(&info.body, &["Parameters"]).iter().find(named);
            self.allowable =
                entry.map(|entry| owned(json::texts(entry, &["AllowableValues"]))).unwrap_or_default();
        }
        Ok(self)
    }

    /// Whether a value may be sent; a BMC that does not tell is asked to find out.
    pub fn allows(&self, value: &str) -> bool {
        self.allowable.is_empty() || self.allowable.iter().any(|allowed| allowed == value)
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}
