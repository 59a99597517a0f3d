//! What deploy templates add to a deployment.
//!
//! Source: `contract: state-machine` sections 3 and 4.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, deploy_templates};
use ferric_model::deploy_template::{DeployTemplate, merge_steps};
use ferric_model::lifecycle::Verb;
use ferric_model::node::Node;
use ferric_model::step::Step;
use serde_json::Value;

/// Verbs that deploy.
const DEPLOYS: [Verb; 3] = [Verb::Active, Verb::Deploy, Verb::Rebuild];

/// The deploy templates of an instance's traits.
#[derive(Debug, Default)]
pub(super) struct Templates {
    traits: Vec<String>,
    found: Vec<DeployTemplate>,
}

impl Control {
    /// Reads the templates that a verb may need; a node that is not there or whose traits make no sense has none yet.
    pub(super) async fn templates_for(&self, ident: &str, verb: Verb) -> Result<Templates, ControlError> {
        if !DEPLOYS.contains(&verb) {
            return Ok(Templates::default());
        }
        let node = match self.get_node(ident).await {
            Ok(node) => node,
            Err(ControlError::NotFound(_)) => return Ok(Templates::default()),
            Err(error) => return Err(error),
        };
        let traits = instance_traits(&node).unwrap_or_default();
        if traits.is_empty() {
            return Ok(Templates::default());
        }
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let found: Result<_, DbError> = deploy_templates::list_by_names(conn, &traits).await;
                found
            })
            .await?;
        Ok(Templates { traits, found })
    }
}

impl Templates {
    /// The steps that a deployment of `node` is told: those given by the caller and those of the templates.
    ///
    /// **Errors**: `Invalid` for traits that the node does not have, and for templates that have a step in common;
    /// `Stale` when the node got other traits in between.
    pub(super) fn merge(&self, node: &Node, given: Vec<Step>) -> Result<Vec<Step>, ControlError> {
        let traits = instance_traits(node)?;
        let missing: Vec<&str> =
            traits.iter().filter(|name| !node.traits.contains(name)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(ControlError::Invalid(format!(
                "Cannot specify instance traits that are not also set on the node. Node {} is missing traits {}",
                node.uuid,
                missing.join(", ")
            )));
        }
        if traits != self.traits {
            return Err(ControlError::Stale(node.label()));
        }
        merge_steps(given, &self.found).map_err(|twice| {
            let names: Vec<&str> = self.found.iter().map(|template| template.name.as_str()).collect();
            ControlError::Invalid(format!(
                "The deploy templates {} match the traits of this node's instance, but have steps in common: {}",
                names.join(", "),
                twice.join(", ")
            ))
        })
    }
}

/// The traits that the instance asks for.
fn instance_traits(node: &Node) -> Result<Vec<String>, ControlError> {
    let wrong = || {
        ControlError::Invalid(format!(
            "Error parsing traits from Node {} instance_info field. A list of strings is expected.",
            node.uuid
        ))
    };
    match node.spec.instance_info.get("traits") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;
    use serde_json::json;

    fn node(traits: Value) -> Node {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "fake-hardware", ProvisionState::Available, now);
        node.traits = vec!["CUSTOM_A".to_owned()];
        node.spec.instance_info.insert("traits".to_owned(), traits);
        node
    }

    #[test]
    fn an_instance_asks_for_traits_of_its_node() {
        let templates = Templates { traits: vec!["CUSTOM_A".to_owned()], found: Vec::new() };
        assert_eq!(templates.merge(&node(json!(["CUSTOM_A"])), Vec::new()).unwrap(), []);
        let cases = [
            (json!(["CUSTOM_B"]), "is missing traits CUSTOM_B"),
            (json!("CUSTOM_A"), "A list of strings is expected."),
            (json!([1]), "A list of strings is expected."),
            (json!([]), "was changed by somebody else at the same time, please retry."),
        ];
        for (traits, expected) in cases {
            let said = templates.merge(&node(traits), Vec::new()).unwrap_err().to_string();
            assert!(said.ends_with(expected), "{said}");
        }
    }
}
