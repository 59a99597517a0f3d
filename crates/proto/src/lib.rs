#![doc = include_str!("../README.md")]

mod bulk;
mod convert;

pub use bulk::{item_state_from_wire, operation_item_to_wire, operation_to_wire};
pub use convert::{
    ConvertError, failure_from_wire, failure_to_wire, history_entry_to_wire, report_from_wire, report_to_wire,
};

/// The generated code of package `ferric.v1`.
#[allow(missing_docs, clippy::all, clippy::pedantic)]
pub mod v1 {
    tonic::include_proto!("ferric.v1");
}

/// The compiled descriptors, for gRPC reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ferric_descriptor.bin"));

/// The newest version of the envelopes that this build understands.
pub const ENVELOPE_VERSION: u32 = 1;
