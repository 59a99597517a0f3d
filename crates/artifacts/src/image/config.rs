//! Settings of disk images.

use ferric_model::secret::Secret;
use serde::Deserialize;

/// What may be deployed, and who asks image servers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImageConfig {
    /// Whether images are asked for before the ramdisk is booted, so that a wrong URL or a wrong format fails at once.
    pub check: bool,
    /// Deadline of that question, in seconds.
    pub check_timeout_secs: u64,
    /// Whether the first bytes of an image must be what was declared, and safe.
    pub check_format: bool,
    /// Whether images may be verified by MD5.
    pub allow_md5_checksum: bool,
    /// Whether raw images go straight to disk instead of through the ramdisk's memory.
    pub stream_raw: bool,
    /// Memory that the ramdisk needs beside an image that goes through it, in MiB.
    pub memory_consumed_by_agent_mib: u64,
    /// File system of ephemeral partitions of which nobody says it.
    pub default_ephemeral_format: String,
    /// User of `http_basic`, and of registries without a pull secret.
    pub server_user: Option<String>,
    /// Its password.
    pub server_password: Option<Secret<String>>,
    /// Hosts (`host` or `host:port`) that are shown user and password; nobody else ever is.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub server_hosts: Vec<String>,
    /// Registries (`host` or `host:port`) that speak plain HTTP; all others are spoken to by HTTPS.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub plain_http_registries: Vec<String>,
}

impl Default for ImageConfig {
    fn default() -> Self {
        Self {
            check: true,
            check_timeout_secs: 60,
            check_format: true,
            allow_md5_checksum: true,
            stream_raw: true,
            memory_consumed_by_agent_mib: 0,
            default_ephemeral_format: "ext4".to_owned(),
            server_user: None,
            server_password: None,
            server_hosts: Vec::new(),
            plain_http_registries: Vec::new(),
        }
    }
}

impl ImageConfig {
    /// User and password for a server, if it is one that may see them.
    pub(crate) fn credentials(&self, host: &str, port: Option<u16>) -> Option<(&str, &Secret<String>)> {
        let with_port = port.map(|port| format!("{host}:{port}"));
        let trusted = |known: &String| known == host || Some(known) == with_port.as_ref();
        let pair = (self.server_user.as_deref()?, self.server_password.as_ref()?);
        self.server_hosts.iter().any(trusted).then_some(pair)
    }
}
