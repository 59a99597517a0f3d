//! What an installer fetches beside kernel and ramdisk: its answer file and its second stage.

use ferric_artifacts::Composite;
use ferric_installer::{Flavour, InstallOrder, Surroundings};
use ferric_model::boot::BootTicket;
use ferric_model::secret::Secret;

use super::workshop::{Artifact, Workshop};
use crate::{BootServiceError, Result};

/// By which Anaconda finds its second stage below its URL.
const TREE_INFO: &str = "[stage2]\nmainimage = LiveOS/squashfs.img\n";

pub(super) async fn kickstart(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    answers(workshop, ticket, Flavour::Kickstart).await
}

pub(super) async fn preseed(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    answers(workshop, ticket, Flavour::Preseed).await
}

/// The answer file, made anew from template and node; what a conductor found good before the boot.
async fn answers(workshop: &Workshop, ticket: &BootTicket, flavour: Flavour) -> Result<Artifact> {
    let order = order(ticket)?;
    if order.flavour != flavour {
        return Err(BootServiceError::NotFound);
    }
    // The installer has said its last word.
    let token = ticket.agent_token.clone().ok_or(BootServiceError::NotFound)?;
    let around = Surroundings {
        boot_url: ticket.base_url.clone(),
        api_url: ticket.api_url.clone(),
        agent_token: Secret::new(token),
    };
    let file = workshop.composer().compose(&ticket.node, &order, &around).await?;
    Ok(workshop.text(file.text.expose().clone()))
}

pub(super) async fn tree_info(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    match order(ticket)?.stage2 {
        Some(_) => Ok(workshop.text(TREE_INFO.to_owned())),
        None => Err(BootServiceError::NotFound),
    }
}

pub(super) async fn stage2(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    let source = order(ticket)?.stage2.ok_or(BootServiceError::NotFound)?;
    let made = Composite::of_source(workshop.sources().clone(), source).await;
    let part = "the origin of the second stage";
    made.map(Artifact::File).map_err(|source| BootServiceError::Source { part, source })
}

fn order(ticket: &BootTicket) -> Result<InstallOrder> {
    if !ticket.is_installation() {
        return Err(BootServiceError::NotFound);
    }
    Ok(InstallOrder::read(&ticket.node)?)
}
