//! The virtual media devices of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use ferric_model::schema::{self, JsonType, Schema};
use ferric_model::task::params;
use serde_json::{Value, json};

/// The types of devices that there are.
const DEVICE_TYPES: &[&str] = &["disk", "cdrom", "floppy"];

/// How an image may be reached.
const SCHEMES: [&str; 5] = ["http", "https", "nfs", "cifs", "smb"];

/// What a request to insert an image must look like.
pub const VIRTUAL_MEDIA: Schema = Schema {
    properties: &[
        ("device_type", Schema { one_of_words: DEVICE_TYPES, ..Schema::of(&[JsonType::String]) }),
        ("image_url", Schema::of(&[JsonType::String])),
        (
            "image_download_source",
            Schema { one_of_words: &["http", "local", "swift"], ..Schema::of(&[JsonType::String]) },
        ),
    ],
    required: &["device_type", "image_url"],
    closed: true,
    ..Schema::of(&[JsonType::Object])
};

impl Control {
    /// Reads the virtual media devices of a node, each `{media_types, inserted, image}`.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; as [`Self::call`].
    pub async fn get_virtual_media(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Value, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVmediaGet).await?;
        check_interface(&node, InterfaceKind::Management)?;
        self.call(context, &node, Action::GetVirtualMedia, Value::Null).await
    }

    /// Accepts to insert an image; a conductor carries it out.
    ///
    /// **Errors**: `Invalid` for a document that names no image; `NotFound`, `Forbidden`, `NodeLocked`, `NoConductor`.
    pub async fn attach_virtual_media(
        &self,
        context: &RequestContext,
        ident: &str,
        media: &Value,
    ) -> Result<(), ControlError> {
        schema::check("vmedia", media, &VIRTUAL_MEDIA).map_err(ControlError::Invalid)?;
        let text = |key: &str| media.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let image_url = text("image_url");
        let scheme = image_url.split_once("://").map_or("", |(scheme, _)| scheme).to_lowercase();
        if !SCHEMES.contains(&scheme.as_str()) {
            return Err(ControlError::Invalid(format!("Unsupported or missing URL scheme: {scheme}")));
        }
        let source = media.get("image_download_source").and_then(Value::as_str).unwrap_or("local");
        let params = json!(params::AttachVirtualMedia {
            device_type: text("device_type"),
            image_url,
            image_download_source: source.to_owned(),
        });
        let node = self.node_for(context, ident, Rule::NodeVmediaAttach).await?;
        let check = |node: &_| check_interface(node, InterfaceKind::Management);
        self.begin_operation(context, &node, Action::AttachVirtualMedia, params, check).await
    }

    /// Accepts to eject what is in the devices of these types, or of all; a conductor carries it out.
    ///
    /// **Errors**: `Invalid` for types that there are not; `NotFound`, `Forbidden`, `NodeLocked`, `NoConductor`.
    pub async fn detach_virtual_media(
        &self,
        context: &RequestContext,
        ident: &str,
        device_types: Option<Vec<String>>,
    ) -> Result<(), ControlError> {
        let given = device_types.iter().flatten().map(String::as_str);
        let unknown: Vec<&str> = given.filter(|kind| !DEVICE_TYPES.contains(kind)).collect();
        if !unknown.is_empty() {
            return Err(ControlError::Invalid(format!(
                "Invalid device type(s) {} (valid are {})",
                unknown.join(", "),
                DEVICE_TYPES.join(", ")
            )));
        }
        let node = self.node_for(context, ident, Rule::NodeVmediaDetach).await?;
        let device_types = device_types.filter(|types| !types.is_empty());
        let params = json!(params::DetachVirtualMedia { device_types });
        let check = |node: &_| check_interface(node, InterfaceKind::Management);
        self.begin_operation(context, &node, Action::DetachVirtualMedia, params, check).await
    }
}
