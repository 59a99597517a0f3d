//! Settings of the conversation with Neutron.

use ferric_model::secret::Secret;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// Where Neutron is, who we are to it, and which of its networks ramdisks use.
///
/// Without `endpoint` and `auth_url` there is no Neutron, and the network interfaces that need it are not offered.
///
/// Source of the defaults: `contract: config-defaults`, section neutron.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeutronConfig {
    /// Base URL of Neutron, with or without `/v2.0`; Keystone's catalog tells it if empty.
    pub endpoint: String,
    /// How we show who we are.
    pub auth_type: AuthType,
    /// Base URL of Keystone, with or without `/v3`.
    pub auth_url: String,
    /// User.
    pub username: String,
    /// Password of that user.
    pub password: Option<Secret<String>>,
    /// Domain of the user.
    pub user_domain_name: String,
    /// Project; the whole system without one.
    pub project_name: String,
    /// Domain of the project.
    pub project_domain_name: String,
    /// Region whose Neutron is taken from the catalog; the first one if empty.
    pub region: String,
    /// Which of its addresses: `public`, `internal` or `admin`.
    pub interface: String,
    /// File with the authorities that Neutron and Keystone are verified by; those of the system without it.
    pub ca: Option<PathBuf>,
    /// Deadline of a connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Deadline of a request, in milliseconds.
    pub request_timeout_ms: u64,
    /// How often a request is tried that may be repeated (at least 1).
    pub attempts: u32,
    /// First pause between two tries, in milliseconds; doubles, with full jitter.
    pub retry_pause_ms: u64,
    /// Requests under way at once.
    pub concurrent_requests: usize,
    /// Network, by UUID or name, of ramdisks that clean; none makes no ports for them.
    pub cleaning_network: String,
    /// The same for ramdisks that deploy, with the network interface `neutron`.
    pub provisioning_network: String,
    /// The same for ramdisks that inspect.
    pub inspection_network: String,
    /// The same for ramdisks in which deployed nodes are repaired.
    pub rescuing_network: String,
    /// The same for ramdisks that serve deployed nodes.
    pub servicing_network: String,
    /// Whether ports without `pxe_enabled` are brought into these networks too, without an address.
    pub add_all_ports: bool,
}

/// How we show who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    /// Not at all.
    #[default]
    None,
    /// User and password with each request.
    HttpBasic,
    /// A token that Keystone gives for user and password.
    Password,
}

impl Default for NeutronConfig {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            auth_type: AuthType::None,
            auth_url: String::new(),
            username: String::new(),
            password: None,
            user_domain_name: "Default".to_owned(),
            project_name: String::new(),
            project_domain_name: "Default".to_owned(),
            region: String::new(),
            interface: "internal".to_owned(),
            ca: None,
            connect_timeout_ms: 5_000,
            request_timeout_ms: 20_000,
            attempts: 3,
            retry_pause_ms: 500,
            concurrent_requests: 32,
            cleaning_network: String::new(),
            provisioning_network: String::new(),
            inspection_network: String::new(),
            rescuing_network: String::new(),
            servicing_network: String::new(),
            add_all_ports: false,
        }
    }
}

impl NeutronConfig {
    /// Whether there is a Neutron at all.
    pub fn is_configured(&self) -> bool {
        !self.endpoint.is_empty() || !self.auth_url.is_empty()
    }

    /// Refuses what cannot work.
    ///
    /// **Errors**: what is wrong, naming the key.
    pub(crate) fn check(&self) -> Result<(), String> {
        let needed: &[(&str, bool)] = match self.auth_type {
            AuthType::None => &[("endpoint", self.endpoint.is_empty())],
            AuthType::HttpBasic => &[
                ("endpoint", self.endpoint.is_empty()),
                ("username", self.username.is_empty()),
                ("password", self.password.is_none()),
            ],
            AuthType::Password => &[
                ("auth_url", self.auth_url.is_empty()),
                ("username", self.username.is_empty()),
                ("password", self.password.is_none()),
            ],
        };
        match needed.iter().find(|(_, missing)| *missing) {
            Some((key, _)) => Err(format!("the key 'neutron.{key}' is needed with this neutron.auth_type")),
            None if !["public", "internal", "admin"].contains(&self.interface.as_str()) => {
                Err("the key 'neutron.interface' must be public, internal or admin".to_owned())
            }
            None => Ok(()),
        }
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }
}
