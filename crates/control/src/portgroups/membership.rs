//! Ports in portgroups.

use crate::error::ControlError;
use ferric_db::{Conn, portgroups};
use ferric_model::port::Port;
use time::OffsetDateTime;

/// Checks that `port` fits into its portgroup, if it has one. The first port of a portgroup without a physical network
/// brings its own along. `alone` is why the port cannot be in a portgroup whose ports are not used by themselves.
///
/// **Errors**: `Invalid` when there is no such portgroup or it is of another node; `Conflict` when it is plugged into another
/// physical network, or has no ports that are used by themselves.
pub(crate) async fn join(
    conn: &mut Conn,
    port: &Port,
    alone: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), ControlError> {
    let Some(uuid) = port.portgroup_uuid else { return Ok(()) };
    let Some((mut portgroup, member)) = portgroups::find_with_member(conn, uuid, port.uuid).await? else {
        return Err(ControlError::Invalid(format!("Portgroup {uuid} could not be found.")));
    };
    if portgroup.node_uuid != port.node_uuid {
        let text = "Port can not be added to a portgroup belonging to a different node.";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    if let Some(reason) = alone.filter(|_| !portgroup.standalone_ports_supported) {
        let text = format!("Port group {uuid} doesn't support standalone ports. {reason}");
        return Err(ControlError::Conflict(text));
    }
    let present = member.or_else(|| portgroup.physical_network.clone().map(Some));
    match (present, &port.physical_network) {
        (Some(present), own) if present != *own => Err(ControlError::Conflict(format!(
            "Port with physical network {} cannot become a member of port group {uuid} which has ports in physical \
             network {}.",
            named(own.as_deref()),
            named(present.as_deref())
        ))),
        (None, Some(own)) => {
            portgroup.physical_network = Some(own.clone());
            portgroup.updated_at = Some(now);
            portgroups::save(conn, &portgroup).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn named(network: Option<&str>) -> &str {
    network.unwrap_or("None")
}
