//! Ports that are used by themselves although they are in a portgroup: not every portgroup has such ports.
//!
//! Only network interfaces that know VIFs look at it once the port is there.

use crate::error::ControlError;
use ferric_db::ports::{self, PortFilter};
use ferric_db::{Conn, Ident};
use ferric_model::page::Page;
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use ferric_model::vif::VifHost;

/// What stands in the way of a new port that is to boot the ramdisk.
pub(crate) const NEW_WITH_PXE: &str = "This port cannot be created as a member of that portgroup as the port's \
    'pxe_enabled' field was set to True.";

/// What stands in the way of a changed port; none if it is not used by itself.
pub(crate) fn obstacle(port: &Port) -> Option<String> {
    let reasons = reasons(port, "was", "the");
    (!reasons.is_empty()).then(|| {
        // The two spaces are the recorded answer's.
        format!(
            "This port {} cannot be  a member of that port group because of: {}",
            port.uuid,
            reasons.join(", ")
        )
    })
}

/// Refuses that a portgroup has no such ports any more as long as it has some.
///
/// **Errors**: `Conflict`.
pub(super) async fn check_none(conn: &mut Conn, portgroup: &Portgroup) -> Result<(), ControlError> {
    let filter = PortFilter { portgroup: Some(Ident::Uuid(portgroup.uuid)), ..PortFilter::default() };
    for port in ports::list(conn, &filter, &Page::default()).await? {
        let reasons = reasons(&port, "is", "this");
        if !reasons.is_empty() {
            return Err(ControlError::Conflict(format!(
                "standalone_ports_supported can not be set to False, because the port group {} contains port with {}",
                portgroup.uuid,
                reasons.join(", ")
            )));
        }
    }
    Ok(())
}

fn reasons(port: &Port, tense: &str, article: &str) -> Vec<String> {
    let pxe = port.pxe_enabled.then(|| format!("'pxe_enabled' {tense} set to True"));
    let vif = VifHost::Port(port).vif().map(|vif| format!("VIF {vif} is attached to {article} port"));
    pxe.into_iter().chain(vif).collect()
}
