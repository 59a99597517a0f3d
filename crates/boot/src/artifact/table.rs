//! Every file of an attempt to boot.

use ferric_model::boot::BootTicket;
use futures::future::BoxFuture;

use super::workshop::{Artifact, Workshop};
use super::{installer, menu};
use crate::Result;

/// Makes a file.
///
/// **Errors**: `NotFound` when the attempt has no such file; `Source`.
pub type Make = for<'a> fn(&'a Workshop, &'a BootTicket) -> BoxFuture<'a, Result<Artifact>>;

/// A file of an attempt to boot.
#[derive(Debug, Clone, Copy)]
pub struct ArtifactRow {
    /// Its name, below the token.
    pub file: &'static str,
    /// Media type.
    pub content_type: &'static str,
    /// What it is, in the words of history.
    pub what: &'static str,
    /// Whether it may only be given out to whoever is allowed this very moment.
    pub secret: bool,
    /// Makes it.
    pub make: Make,
}

/// The files. What one more needs beside its row is a function that makes it.
///
/// Source of the media types: edk2, `NetworkPkg/HttpBootDxe`, which decides by them what it has got.
pub const ARTIFACTS: [ArtifactRow; 14] = [
    ArtifactRow {
        file: "boot.iso",
        content_type: "application/vnd.efi-iso",
        what: "the boot image",
        secret: false,
        make: |workshop, ticket| Box::pin(workshop.iso(ticket)),
    },
    ArtifactRow {
        file: "boot.efi",
        content_type: "application/efi",
        what: "the boot program",
        secret: false,
        make: |workshop, ticket| Box::pin(workshop.uki(ticket)),
    },
    ArtifactRow {
        file: "kernel",
        content_type: "application/octet-stream",
        what: "the kernel",
        secret: false,
        make: |workshop, ticket| Box::pin(workshop.kernel(ticket)),
    },
    ArtifactRow {
        file: "ramdisk",
        content_type: "application/octet-stream",
        what: "the ramdisk",
        secret: false,
        make: |workshop, ticket| Box::pin(workshop.ramdisk(ticket)),
    },
    ArtifactRow {
        file: "boot.ipxe",
        content_type: "text/plain; charset=utf-8",
        what: "the boot script",
        secret: false,
        make: |workshop, ticket| Box::pin(menu::ipxe(workshop, ticket)),
    },
    ArtifactRow {
        file: "grub.cfg",
        content_type: "text/plain; charset=utf-8",
        what: "the boot script",
        secret: false,
        make: |workshop, ticket| Box::pin(menu::grub(workshop, ticket)),
    },
    ArtifactRow {
        file: "pxelinux.cfg",
        content_type: "text/plain; charset=utf-8",
        what: "the boot script",
        secret: false,
        make: |workshop, ticket| Box::pin(menu::pxelinux(workshop, ticket)),
    },
    ArtifactRow {
        file: "image",
        content_type: "application/octet-stream",
        what: "the image of the instance",
        secret: false,
        make: |workshop, ticket| Box::pin(workshop.image(ticket)),
    },
    ArtifactRow {
        file: "image.sha256",
        content_type: "text/plain; charset=utf-8",
        what: "the checksum of the instance's image",
        secret: false,
        make: |workshop, ticket| Box::pin(workshop.image_digest(ticket)),
    },
    ArtifactRow {
        file: "ks.cfg",
        content_type: "text/plain; charset=utf-8",
        what: "the answer file",
        secret: true,
        make: |workshop, ticket| Box::pin(installer::kickstart(workshop, ticket)),
    },
    ArtifactRow {
        file: "preseed.cfg",
        content_type: "text/plain; charset=utf-8",
        what: "the answer file",
        secret: true,
        make: |workshop, ticket| Box::pin(installer::preseed(workshop, ticket)),
    },
    ArtifactRow {
        file: ".treeinfo",
        content_type: "text/plain; charset=utf-8",
        what: "the description of the second stage",
        secret: false,
        make: |workshop, ticket| Box::pin(installer::tree_info(workshop, ticket)),
    },
    ArtifactRow {
        file: "LiveOS/squashfs.img",
        content_type: "application/octet-stream",
        what: "the second stage",
        secret: false,
        make: |workshop, ticket| Box::pin(installer::stage2(workshop, ticket)),
    },
    ArtifactRow {
        file: "images/install.img",
        content_type: "application/octet-stream",
        what: "the second stage",
        secret: false,
        make: |workshop, ticket| Box::pin(installer::stage2(workshop, ticket)),
    },
];

impl ArtifactRow {
    /// The file of this name.
    pub fn find(file: &str) -> Option<&'static Self> {
        ARTIFACTS.iter().find(|row| row.file == file)
    }
}
