//! Vendor methods: what operators call that the API has no word for.

mod driver;
mod node;

use crate::error::ControlError;
use ferric_model::vendor::VendorMethod;
use std::collections::BTreeMap;

/// A call of a vendor method.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorRequest {
    /// Name of the method.
    pub method: String,
    /// HTTP method of the request, in capitals.
    pub http_method: String,
    /// Its arguments.
    pub args: ferric_model::JsonMap,
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum VendorReply {
    /// It is carried out later.
    Accepted,
    /// It was carried out, with this result.
    Done(serde_json::Value),
}

/// The method that is called, if it takes the call.
fn checked<'a>(
    methods: &'a BTreeMap<String, VendorMethod>,
    request: &VendorRequest,
) -> Result<&'a VendorMethod, ControlError> {
    let method = methods
        .get(&request.method)
        .ok_or_else(|| ControlError::Invalid(format!("No handler for method {}", request.method)))?;
    method.check(&request.method, &request.http_method, &request.args).map_err(ControlError::Invalid)?;
    Ok(method)
}
