//! Console: seeing what the node shows.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::secret::Secret;

/// Opens a way to the console of a node.
#[async_trait]
pub trait Console: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Starts the console; gives what has to be remembered of it. One that runs already costs nothing.
    async fn start_console(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Stops the console. One that does not run costs nothing.
    async fn stop_console(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// How the console that runs is reached: `{"type", "url"}`, or nothing where there is nothing to tell.
    async fn get_console(&self, task: &TaskView) -> Result<JsonMap, HardwareError>;

    /// Brings what runs here in line with what the node says of its console: one that was stopped elsewhere ends, one that
    /// was lost with its process starts again. It is asked now and then, for a node as it was read a moment ago.
    async fn tend(&self, node: &Node) {
        let _ = node;
    }
}

/// Where a BMC offers the serial console of its node over IPMI ("serial over LAN").
#[derive(Debug, Clone)]
pub struct SerialTarget {
    /// Address or host name of the BMC.
    pub host: String,
    /// Port of its IPMI service.
    pub port: u16,
    /// User; none for the nameless one.
    pub username: Option<String>,
    /// Password of the user; empty for none.
    pub password: Secret<String>,
    /// Kg key.
    pub kg_key: Option<Secret<Vec<u8>>>,
    /// Privilege level of the session: `USER`, `OPERATOR`, `ADMINISTRATOR`, …
    pub privilege: String,
    /// Cipher suite; none for whatever the BMC prefers.
    pub cipher_suite: Option<u8>,
}

/// Tells where the serial consoles of a hardware type's nodes are.
#[async_trait]
pub trait SerialOverLan: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Where the console of a node is.
    ///
    /// **Errors**: the BMC does not offer it over IPMI.
    async fn target(&self, node: &Node) -> Result<SerialTarget, HardwareError>;
}
