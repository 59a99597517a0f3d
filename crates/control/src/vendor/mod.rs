//! Vendor methods: what operators call that the API has no word for.

mod node;

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
