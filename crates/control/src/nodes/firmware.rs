//! What is known of the firmware of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::{Conn, firmware};
use ferric_model::firmware::KnownFirmwareComponents;

impl Control {
    /// The firmware components of a node, as they were last read.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn list_firmware(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<KnownFirmwareComponents, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeFirmwareGet).await?;
        Ok(self.store().read(async |conn: &mut Conn| firmware::find(conn, node.uuid).await).await?)
    }
}
