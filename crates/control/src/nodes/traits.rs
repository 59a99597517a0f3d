//! Traits of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_model::node::Node;

/// Most traits of one node: as many as a resource provider of the placement service may have.
const MAX_TRAITS: usize = 50;

impl Control {
    /// Gives a node these traits and no others.
    ///
    /// **Errors**: `NotFound`, `Forbidden`, `Invalid` for too many.
    pub async fn set_traits(
        &self,
        context: &RequestContext,
        ident: &str,
        traits: &[String],
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            self.authorize_node(context, ident, node, Rule::NodeTraitsSet)?;
            put(node, traits.to_vec())
        })
        .await
    }

    /// Adds a trait.
    ///
    /// **Errors**: `NotFound`, `Forbidden`, `Invalid` for too many.
    pub async fn add_trait(
        &self,
        context: &RequestContext,
        ident: &str,
        name: &str,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            self.authorize_node(context, ident, node, Rule::NodeTraitsSet)?;
            let mut traits = node.traits.clone();
            traits.push(name.to_owned());
            put(node, traits)
        })
        .await
    }

    /// Takes all traits off a node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn clear_traits(&self, context: &RequestContext, ident: &str) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            self.authorize_node(context, ident, node, Rule::NodeTraitsDelete)?;
            node.traits.clear();
            Ok(())
        })
        .await
    }

    /// Removes a trait.
    ///
    /// **Errors**: `NotFound` for the node or the trait, `Forbidden`.
    pub async fn remove_trait(
        &self,
        context: &RequestContext,
        ident: &str,
        name: &str,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            self.authorize_node(context, ident, node, Rule::NodeTraitsDelete)?;
            if !node.traits.iter().any(|present| present == name) {
                let text = format!("Node {} doesn't have a trait '{name}'", node.uuid);
                return Err(ControlError::NotFound(text));
            }
            node.traits.retain(|present| present != name);
            Ok(())
        })
        .await
    }
}

fn put(node: &mut Node, mut traits: Vec<String>) -> Result<(), ControlError> {
    traits.sort_unstable();
    traits.dedup();
    if traits.len() > MAX_TRAITS {
        return Err(ControlError::Invalid(format!(
            "Could not modify traits for node {} as it would exceed the maximum number of traits per node \
             ({MAX_TRAITS}). Number of traits: {}.",
            node.uuid,
            traits.len()
        )));
    }
    node.traits = traits;
    Ok(())
}
