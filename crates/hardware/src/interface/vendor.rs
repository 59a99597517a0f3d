//! Vendor: what the other interfaces have no word for.

use super::Steps;
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::vendor::VendorMethods;
use serde_json::Value;

/// A call of a vendor method. That the method exists, takes the HTTP method and has the arguments it needs is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorCall {
    /// Name of the method.
    pub method: String,
    /// HTTP method of the request, in capitals.
    pub http_method: String,
    /// Its arguments.
    pub args: JsonMap,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VendorAnswer {
    /// What a caller that waits gets.
    pub value: Value,
    /// What was seen on the way.
    pub observed: Observed,
}

/// Carries out what only this vendor's hardware has.
#[async_trait]
pub trait Vendor: Steps {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// The methods that there are. Conductors tell them when they join, so that calls are checked before they travel.
    fn methods(&self) -> VendorMethods {
        VendorMethods::default()
    }

    /// Carries out a method of a node.
    ///
    /// **Errors**: [`crate::HardwareErrorKind::InvalidParameter`] for arguments that make no sense: the caller's mistake.
    async fn call_method(&self, task: &TaskView, call: &VendorCall) -> Result<VendorAnswer, HardwareError> {
        Err(HardwareError::unsupported_by(&task.node, &call.method))
    }

    /// Carries out a method of the hardware type, for no node in particular.
    ///
    /// **Errors**: as [`Self::call_method`].
    async fn call_driver_method(&self, call: &VendorCall) -> Result<Value, HardwareError> {
        Err(HardwareError::unsupported(format!("No handler for method {}", call.method)))
    }
}
