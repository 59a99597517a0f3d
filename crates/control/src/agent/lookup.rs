//! Lookup: the agent finds out which node it runs on.

use crate::begin::random_token;
use crate::commit::check_unlocked;
use crate::control::Control;
use crate::error::ControlError;
use crate::request_reads::{self, Read};
use ferric_db::{Conn, nodes};
use ferric_model::node::Node;
use ferric_model::port::normalize_mac;
use uuid::Uuid;

/// The answer to a lookup.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The node.
    pub node: Node,
    /// The agent's token when it is given out now, which happens once; the mask when it was given before; none when the
    /// agent is too old to have one.
    pub agent_token: Option<String>,
}

impl Control {
    /// Finds the node with this identity, or with these MAC addresses.
    ///
    /// **Errors**: `Invalid` without a usable argument; `NotFound`, on purpose without a reason, when there is no such
    /// node, more than one, or no ramdisk is expected on it; `NodeLocked` when a token must be made and a task holds the
    /// node.
    pub async fn lookup(
        &self,
        addresses: &[String],
        node_uuid: Option<Uuid>,
        issue_token: bool,
    ) -> Result<Lookup, ControlError> {
        let node = self.find_by_hardware(addresses, node_uuid).await?;
        let state = node.state();
        let kept = self.works_by_fast_track(&node) && state.allows_fast_track_lookup();
        if !state.allows_lookup() && !kept {
            return Err(hidden());
        }
        self.with_token(node, issue_token).await
    }

    /// Gives the node with its token.
    pub(crate) async fn with_token(&self, node: Node, issue_token: bool) -> Result<Lookup, ControlError> {
        if !issue_token {
            return Ok(Lookup { node, agent_token: None });
        }
        if node.status.driver_internal_info.contains_key("agent_secret_token") {
            return Ok(Lookup { node, agent_token: Some(ferric_model::redact::MASK.to_owned()) });
        }
        let token = random_token();
        let node = self
            .change_node(&node.uuid.to_string(), |node| {
                check_unlocked(node)?;
                node.status.driver_internal_info.insert("agent_secret_token".into(), token.clone().into());
                Ok(())
            })
            .await?;
        Ok(Lookup { node, agent_token: Some(token) })
    }

    /// The one node with this identity, or with a port of these addresses.
    pub(crate) async fn find_by_hardware(
        &self,
        addresses: &[String],
        node_uuid: Option<Uuid>,
    ) -> Result<Node, ControlError> {
        let addresses: Vec<String> = addresses.iter().filter_map(|text| normalize_mac(text.trim())).collect();
        if node_uuid.is_none() && addresses.is_empty() {
            return Err(ControlError::Invalid(
                "No valid interfaces were provided by the caller, and no node UUID.".into(),
            ));
        }
        let mut found: Vec<Read> = match node_uuid {
            Some(uuid) => self.read_node(&uuid.into()).await?.into_iter().collect(),
            None => {
                let find = async |conn: &mut Conn| nodes::find_by_addresses(conn, &addresses).await;
                let found = self.store().read(find).await.map_err(ControlError::Database)?;
                found.into_iter().map(|(node, active)| Read { node, active }).collect()
            }
        };
        match (found.pop(), found.is_empty()) {
            (Some(read), true) => {
                request_reads::remember(&read);
                Ok(read.node)
            }
            _ => Err(hidden()),
        }
    }
}

/// The same answer for every reason.
pub(crate) fn hidden() -> ControlError {
    ControlError::NotFound("Resource could not be found.".to_owned())
}
