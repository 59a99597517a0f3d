//! Creating nodes.

use super::document::NewNode;
use super::{interfaces, rules};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, nodes};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use uuid::Uuid;

impl Control {
    /// Creates a node in `initial`.
    ///
    /// **Errors**: `Forbidden`; `Invalid` for a name that nodes may not carry, an owner other than the caller's project, an unknown
    /// chassis or parent, a driver that no living conductor of the group has, an interface that is not enabled;
    /// `Conflict` when UUID, name or instance are taken.
    pub async fn create_node(
        &self,
        context: &RequestContext,
        new: &NewNode,
        initial: ProvisionState,
    ) -> Result<Node, ControlError> {
        let node = self.prepare_node(context, new, initial).await?;
        let stored = self
            .store()
            .write("create_node", {
                let node = node.clone();
                async move |conn: &mut Conn| nodes::insert(conn, &node).await
            })
            .await;
        self.feed().ring();
        stored.map_err(|error| rules::taken(error.into(), &node))
    }

    /// The node that a document asks for, as it is to be stored.
    ///
    /// **Errors**: as [`Self::create_node`], but for what is taken.
    pub(crate) async fn prepare_node(
        &self,
        context: &RequestContext,
        new: &NewNode,
        initial: ProvisionState,
    ) -> Result<Node, ControlError> {
        let owner = self.authorize_new_node(context, new.get("owner").as_str())?;
        if let Some(name) = new.get("name").as_str() {
            rules::name(name, |name| format!("Cannot create node with invalid name '{name}'"))?;
        }
        let now = self.now();
        let uuid = new
            .get("uuid")
            .as_str()
            .and_then(|text| Uuid::try_parse(text).ok())
            .unwrap_or_else(|| context.fresh_id());
        let mut node = Node::new(uuid, "", initial, now);
        new.fill(&mut node);
        node.owner = owner;
        if let Some(ident) = new.get("parent_node").as_str().filter(|ident| !ident.is_empty()) {
            node.parent_node = Some(rules::parent(self, context, ident, node.owner.as_deref()).await?.uuid);
        }
        if node.conductor_group.is_empty() {
            node.conductor_group = self.settings().default_conductor_group.to_lowercase();
        }
        if node.resource_class.as_ref().is_none_or(String::is_empty) {
            node.resource_class.clone_from(&self.settings().default_resource_class);
        }
        node.status.boot_mode = new.get("boot_mode").as_str().map(str::to_owned);
        node.status.secure_boot = new.get("secure_boot").as_bool();
        node.status.console_enabled = new.get("console_enabled").as_bool().unwrap_or_default();
        interfaces::choose(&self.live_conductors().await?, &mut node, &new.interfaces())?;
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_null() {
        let new = NewNode::parse(&serde_json::json!({"driver": "d"})).unwrap();
        assert!(new.get("name").is_null());
    }
}
