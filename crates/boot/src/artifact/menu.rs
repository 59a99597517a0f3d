//! What a boot loader is told to do for one node.

use ferric_artifacts::netboot::{Menu, NetBoot, SanBoot};
use ferric_model::boot::BootTicket;
use ferric_model::secret::Secret;

use super::parameters;
use super::workshop::{Artifact, Workshop};
use crate::{BootServiceError, Result};

/// What failures of this are called.
const PART: &str = "the boot script";

pub(super) async fn ipxe(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    menu(workshop, ticket, Menu::Ipxe)
}

pub(super) async fn grub(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    menu(workshop, ticket, Menu::Grub)
}

pub(super) async fn pxelinux(workshop: &Workshop, ticket: &BootTicket) -> Result<Artifact> {
    menu(workshop, ticket, Menu::Pxelinux)
}

fn menu(workshop: &Workshop, ticket: &BootTicket, language: Menu) -> Result<Artifact> {
    let wrong = |source| BootServiceError::Source { part: PART, source };
    let url = |file: &str| {
        format!("{}/{file}", ticket.base_url).parse().map_err(|error| {
            wrong(ferric_artifacts::ArtifactError::Invalid {
                what: "base URL of boot artefacts",
                reason: format!("{error}"),
            })
        })
    };
    let text = if workshop.ready_image(ticket).is_some() {
        SanBoot { image: url("boot.iso")? }.menu(language)
    } else {
        let boot = NetBoot {
            kernel: url("kernel")?,
            ramdisk: url("ramdisk")?,
            kernel_cmdline: kernel_line(workshop, ticket).map_err(wrong)?,
        };
        boot.menu(language)
    };
    Ok(workshop.text(text.map_err(wrong)?))
}

/// The loader adds the interface it booted from, which it knows best.
fn kernel_line(workshop: &Workshop, ticket: &BootTicket) -> ferric_artifacts::Result<Secret<String>> {
    let ticket = BootTicket { boot_interface: None, ..ticket.clone() };
    parameters::kernel_line(workshop.config(), &ticket)
}
