//! What is known of the BIOS settings of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::{Conn, bios};
use ferric_model::bios::{KnownBiosSetting, KnownBiosSettings};
use uuid::Uuid;

impl Control {
    /// The BIOS settings of a node, as they were last read.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn list_bios_settings(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<KnownBiosSettings, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeBiosGet).await?;
        Ok(self.store().read(async |conn: &mut Conn| bios::find(conn, node.uuid).await).await?)
    }

    /// One BIOS setting of a node, with the node's identity.
    ///
    /// **Errors**: `NotFound` for the node and for the setting, `Forbidden`.
    pub async fn get_bios_setting(
        &self,
        context: &RequestContext,
        ident: &str,
        name: &str,
    ) -> Result<(Uuid, KnownBiosSetting), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeBiosGet).await?;
        let mut known = self.store().read(async |conn: &mut Conn| bios::find(conn, node.uuid).await).await?;
        let setting = known.remove(name).ok_or_else(|| {
            ControlError::NotFound(format!("Node {} doesn't have a BIOS setting '{name}'", node.uuid))
        })?;
        Ok((node.uuid, setting))
    }
}
