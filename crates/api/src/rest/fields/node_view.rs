//! A node as one request sees it.

use crate::rest::json::{Stamp, Written, put, put_text};
use crate::rest::link;
use crate::rest::masked_text::put_masked;
use ferric_control::NodeSight;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::NodeSheet;
use ferric_model::raw_object::RawObject;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A node as one request sees it. Documents stay text: their members are copied into the answer as they are stored.
#[derive(Debug)]
pub(crate) struct NodeView {
    /// What was read of the node.
    pub node: NodeSheet,
    /// How much of it the caller sees.
    pub sight: NodeSight,
    /// The conductor that stands for it.
    pub conductor: Option<String>,
    /// Base of links.
    base: Arc<str>,
    /// Minor number of the microversion.
    minor: u16,
    spec: RawObject,
    interfaces: RawObject,
    status: RawObject,
}

impl NodeView {
    /// Takes the documents apart.
    ///
    /// **Errors**: when a document is none.
    pub(crate) fn new(
        mut node: NodeSheet,
        sight: NodeSight,
        conductor: Option<String>,
        base: Arc<str>,
        minor: u16,
    ) -> serde_json::Result<Self> {
        let apart = |text: Option<String>| text.map(RawObject::parse).transpose();
        let spec = apart(node.spec.take())?.unwrap_or_default();
        let interfaces = apart(spec.get("interfaces").map(str::to_owned))?.unwrap_or_default();
        let status = apart(node.status.take())?.unwrap_or_default();
        Ok(Self { node, sight, conductor, base, minor, spec, interfaces, status })
    }

    /// Writes a member of the document of operators; `absent` where it has none.
    pub(super) fn spec(&self, name: &str, absent: &str, out: &mut Vec<u8>) -> Written {
        put_text(out, self.spec.get(name).unwrap_or(absent))
    }

    /// A dictionary of the document of operators.
    pub(super) fn spec_of(&self, name: &str) -> &str {
        self.spec.get(name).unwrap_or("{}")
    }

    /// Writes a member of the document of conductors; `absent` where it has none.
    pub(super) fn status(&self, name: &str, absent: &str, out: &mut Vec<u8>) -> Written {
        put_text(out, self.status.get(name).unwrap_or(absent))
    }

    /// A dictionary of the document of conductors.
    pub(super) fn status_of(&self, name: &str) -> &str {
        self.status.get(name).unwrap_or("{}")
    }

    /// Writes a time of the document of conductors.
    pub(super) fn status_time(&self, name: &str, out: &mut Vec<u8>) -> Written {
        let stored = self.status.get(name).and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
        let at = stored.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        put(out, &at.map(Stamp))
    }

    /// Writes the step that runs.
    pub(super) fn step(&self, name: &str, out: &mut Vec<u8>) -> Written {
        put_masked(out, self.status_of(name), &[], false)
    }

    /// Writes the implementation of one kind of interface.
    pub(super) fn interface(&self, kind: &str, out: &mut Vec<u8>) -> Written {
        put_text(out, self.interfaces.get(kind).unwrap_or("null"))
    }

    /// Writes the traits.
    pub(super) fn traits(&self, out: &mut Vec<u8>) -> Written {
        put_text(out, self.node.others.traits.as_deref().unwrap_or("[]"))
    }

    /// Writes the two links to what lies below the node.
    pub(super) fn links(&self, below: &str, out: &mut Vec<u8>) -> Written {
        link::put_pair(out, &self.base, &format!("nodes/{}{below}", self.node.key.uuid))
    }

    /// The state in words that the microversion knows.
    pub(super) fn provision_state(&self) -> Option<ProvisionState> {
        match self.node.state {
            ProvisionState::Available if self.minor < 2 => None,
            ProvisionState::InspectWait if self.minor < 39 => Some(ProvisionState::Inspecting),
            state => Some(state),
        }
    }
}
