//! Images in container registries: from `oci://` to the blob that the agent fetches, and what vouches for it.
//!
//! Nothing but manifests is read here. Source: OCI Distribution Specification 1.1, OCI Image Specification 1.1,
//! `contract: boot-and-images` section 7.

mod challenge;
mod manifest;
mod reference;
mod registry;

pub use reference::OciReference;
pub use registry::{OciImage, OciKind, OciRegistry};
