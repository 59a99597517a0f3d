//! Configuration: defaults, then a file, then the environment. Each crate owns the shape of its section.

use crate::privilege::OnPrivileges;
use anyhow::{Context, bail};
use config::{Config as Layers, Environment, File, FileFormat, Source, Value, ValueKind};
use ferric_agent::AgentConfig;
use ferric_api::{ApiConfig, AuthStrategy, KeystoneConfig};
use ferric_artifacts::image::ImageConfig;
use ferric_bus::BusConfig;
use ferric_console::ConsoleConfig;
use ferric_control::ControlSettings;
use ferric_db::DatabaseConfig;
use ferric_hardware::Enabled;
use ferric_hardware::network_boot::NetworkBootConfig;
use ferric_installer::InstallerConfig;
use ferric_ipmi::IpmiConfig;
use ferric_model::secret::Secret;
use ferric_neutron::NeutronConfig;
use ferric_redfish::RedfishConfig;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Every key with its default and what it means; also the answer of `ferric config example`.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Prefix of environment variables.
const PREFIX: &str = "FERRIC";

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// REST.
    pub api: ApiConfig,
    /// gRPC.
    pub grpc: GrpcSection,
    /// Database.
    pub database: DatabaseConfig,
    /// Bus.
    pub bus: BusConfig,
    /// Who may call.
    pub auth: AuthSection,
    /// Control plane.
    pub control: ControlSettings,
    /// Boot artefacts.
    pub boot: BootSection,
    /// What conductors offer.
    pub hardware: Enabled,
    /// How nodes boot over the network.
    pub dhcp: NetworkBootConfig,
    /// Conversation with BMCs.
    pub redfish: RedfishConfig,
    /// Conversation with BMCs over IPMI.
    pub ipmi: IpmiConfig,
    /// Serial consoles.
    pub console: ConsoleConfig,
    /// Conversation with Neutron.
    pub neutron: NeutronConfig,
    /// Conversation with agents.
    pub agent: AgentConfig,
    /// Disk images.
    pub images: ImageConfig,
    /// Installations.
    pub installer: InstallerConfig,
    /// Conductor.
    pub conductor: ConductorSection,
    /// The process itself.
    pub process: ProcessSection,
    /// Logs.
    pub log: LogSection,
}

/// Section `process`.
#[derive(Debug, Clone, Deserialize)]
pub struct ProcessSection {
    /// What to do about privileges that are not needed.
    pub privileges: OnPrivileges,
}

/// Section `grpc`.
#[derive(Debug, Clone, Deserialize)]
pub struct GrpcSection {
    /// Where API processes listen.
    pub listen: SocketAddr,
    /// What conductors dial.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub endpoints: Vec<String>,
    /// Secret that conductors show.
    #[serde(default)]
    pub token: Option<Secret<String>>,
    /// Certificate of the listener.
    #[serde(default)]
    pub tls_cert: Option<PathBuf>,
    /// Its key.
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// Who vouches for conductors.
    #[serde(default)]
    pub tls_client_ca: Option<PathBuf>,
    /// Whether their certificates must name their hosts.
    pub tls_client_names_host: bool,
    /// Who vouches for API processes.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Certificate that a conductor shows.
    #[serde(default)]
    pub client_cert: Option<PathBuf>,
    /// Its key.
    #[serde(default)]
    pub client_key: Option<PathBuf>,
}

/// Section `auth`.
#[derive(Debug, Clone, Deserialize)]
pub struct AuthSection {
    /// How callers are known.
    pub strategy: AuthStrategy,
    /// File of users for `http_basic`.
    #[serde(default)]
    pub htpasswd: Option<PathBuf>,
    /// How tokens are validated for `keystone`.
    pub keystone: KeystoneConfig,
}

/// Section `boot`.
#[derive(Debug, Clone, Deserialize)]
pub struct BootSection {
    /// Kernel of the ramdisk.
    #[serde(default)]
    pub kernel: Option<String>,
    /// The ramdisk.
    #[serde(default)]
    pub ramdisk: Option<String>,
    /// UEFI boot loader.
    #[serde(default)]
    pub bootloader: Option<String>,
    /// Image of an EFI system partition.
    #[serde(default)]
    pub esp: Option<String>,
    /// The program that unified kernel images begin with.
    #[serde(default)]
    pub stub: Option<String>,
    /// Authorities of the API, for ramdisks.
    #[serde(default)]
    pub api_ca: Option<PathBuf>,
    /// Folder of boot loaders.
    #[serde(default)]
    pub loader_dir: Option<PathBuf>,
    /// Kernel parameters.
    pub kernel_append_params: String,
    /// Folders below which `file://` sources may lie.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub file_roots: Vec<PathBuf>,
    /// Where `ferric boot` listens.
    pub listen: SocketAddr,
    /// Certificate of this listener.
    #[serde(default)]
    pub tls_cert: Option<PathBuf>,
    /// Its key.
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// Where TFTP is served.
    #[serde(default)]
    pub tftp_listen: Option<SocketAddr>,
}

/// Section `conductor`.
#[derive(Debug, Clone, Deserialize)]
pub struct ConductorSection {
    /// Identity.
    pub host: String,
    /// Group of nodes it serves.
    pub group: String,
    /// Where health is answered.
    pub health_listen: SocketAddr,
    /// How many tasks it works on at once.
    pub max_tasks: u16,
    /// Longest random wait before the first call, in milliseconds.
    pub start_jitter_ms: u64,
    /// How long tasks may go on after SIGTERM, in seconds.
    pub drain_secs: u64,
    /// How long a power change may take, in seconds.
    pub power_timeout_secs: u64,
    /// The same when the operating system is asked.
    pub soft_power_timeout_secs: u64,
    /// How long the ramdisk may be silent during a deployment, in seconds.
    pub deploy_callback_timeout_secs: u64,
    /// The same during cleaning.
    pub clean_callback_timeout_secs: u64,
    /// The same during an inspection.
    pub inspect_callback_timeout_secs: u64,
    /// The same during a service.
    pub service_callback_timeout_secs: u64,
    /// The same while a ramdisk for repairs boots.
    pub rescue_callback_timeout_secs: u64,
    /// Whether a node is powered off when its deployment failed.
    pub power_off_after_deploy_failure: bool,
    /// Priorities of clean steps instead of their own, as `interface.step:priority`.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub clean_step_priority_override: Vec<String>,
    /// The same of verify steps.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub verify_step_priority_override: Vec<String>,
    /// How many BMCs are asked at once for their power state.
    pub power_sync_concurrency: usize,
    /// Longest random wait before a batch of BMCs is asked, in milliseconds.
    pub power_sync_jitter_ms: u64,
    /// How many BMCs of a batch are asked at once for their sensors.
    pub sensor_concurrency: usize,
    /// Longest random wait before a batch of BMCs is asked for sensors, in milliseconds.
    pub sensor_jitter_ms: u64,
    /// How long the sensors of one node may take, in seconds.
    pub sensor_timeout_secs: u64,
    /// Memory for nodes that are read again, in bytes.
    pub node_cache_bytes: u64,
}

/// Section `log`.
#[derive(Debug, Clone, Deserialize)]
pub struct LogSection {
    /// What is logged.
    pub filter: String,
    /// How it is written.
    pub format: LogFormat,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One readable line.
    Text,
    /// One JSON object a line.
    Json,
}

/// Reads the configuration.
///
/// **Errors** name the key: one that is unknown, one of a wrong type, and a file that cannot be read.
pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    load_from(file, std::env::vars().collect())
}

fn load_from(file: Option<&Path>, environment: Vec<(String, String)>) -> anyhow::Result<Config> {
    let environment = Environment::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
        .source(Some(environment.into_iter().collect()));
    let mut layers = Layers::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Some(path) = file {
        layers = layers.add_source(File::from(path).format(FileFormat::Toml).required(true));
    }
    let layers = layers.add_source(environment).build().context("the configuration cannot be read")?;
    refuse_unknown_keys(&layers)?;
    let mut config: Config = layers.try_deserialize().context("the configuration is not valid")?;
    complete(&mut config)?;
    Ok(config)
}

/// Fills in what follows from other keys, and refuses what cannot work.
fn complete(config: &mut Config) -> anyhow::Result<()> {
    if config.api.public_url.is_empty() {
        let scheme = if config.api.tls_cert.is_some() { "https" } else { "http" };
        config.api.public_url = format!("{scheme}://{}", config.api.listen);
    }
    let url = config.api.public_url.trim_end_matches('/').to_owned();
    if !url.starts_with("http://") && !url.starts_with("https://") {
        bail!("the key 'api.public_url' must begin with http:// or https://");
    }
    config.control.public_url.clone_from(&url);
    config.api.public_url = url;
    if config.grpc.endpoints.is_empty() {
        bail!("the key 'grpc.endpoints' must name at least one endpoint");
    }
    if config.conductor.host.is_empty() {
        config.conductor.host = host_name();
    }
    config.conductor.group = config.conductor.group.to_lowercase();
    if config.control.renew_secs == 0 || config.control.renew_secs * 2 > config.control.lease_secs {
        bail!("the key 'control.renew_secs' must be at least 1 and at most half of 'control.lease_secs'");
    }
    match config.auth.strategy {
        AuthStrategy::HttpBasic if config.auth.htpasswd.is_none() => {
            bail!("the key 'auth.htpasswd' is needed when 'auth.strategy' is http_basic")
        }
        AuthStrategy::Keystone => Ok(config.auth.keystone.check()?),
        AuthStrategy::HttpBasic | AuthStrategy::Noauth => Ok(()),
    }
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

fn refuse_unknown_keys(layers: &Layers) -> anyhow::Result<()> {
    let known = known_keys();
    let mut given = BTreeSet::new();
    for (key, value) in Source::collect(layers).context("the configuration cannot be read")? {
        flatten(&key, &value, &mut given);
    }
    let maps: Vec<String> = maps().map(|key| format!("{key}.")).collect();
    let of_map = |key: &str| maps.iter().any(|map| key.starts_with(map.as_str()));
    match given.difference(&known).find(|key| !of_map(key)) {
        Some(unknown) => {
            let variable = format!("{PREFIX}__{}", unknown.to_uppercase().replace('.', "__"));
            bail!(
                "the key '{unknown}' (in the environment: {variable}) is unknown; `ferric config example` shows all keys"
            )
        }
        None => Ok(()),
    }
}

fn flatten(key: &str, value: &Value, keys: &mut BTreeSet<String>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                flatten(&format!("{key}.{name}"), value, keys);
            }
        }
        _ => {
            keys.insert(key.to_owned());
        }
    }
}

/// The keys of the defaults, those behind `#` included.
fn known_keys() -> BTreeSet<String> {
    defaults().map(|(key, _)| key).collect()
}

/// The keys whose values are maps with names of the operator's own.
fn maps() -> impl Iterator<Item = String> {
    defaults().filter(|(_, value)| value.starts_with('{')).map(|(key, _)| key)
}

/// Each key of the defaults with its value as it is written there.
fn defaults() -> impl Iterator<Item = (String, &'static str)> {
    let mut section = "";
    DEFAULTS.lines().filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
            return None;
        }
        let given = (!line.starts_with("# ")).then(|| line.trim_start_matches('#').split_once(" = "));
        given.flatten().map(|(name, value)| (format!("{section}.{name}"), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::hardware::InterfaceKind;

    fn load(environment: &[(&str, &str)]) -> anyhow::Result<Config> {
        load_from(None, environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn the_environment_goes_before_the_defaults() {
        let config = load(&[
            ("FERRIC__API__LISTEN", "127.0.0.1:7000"),
            ("FERRIC__GRPC__ENDPOINTS", "http://a:1, http://b:2"),
            ("FERRIC__GRPC__TOKEN", "12345"),
            ("FERRIC__CONTROL__AUTOMATED_CLEAN", "false"),
            ("FERRIC__CONDUCTOR__GROUP", "Rack-1"),
            ("FERRIC__HARDWARE__ENABLED_HARDWARE_TYPES", "redfish, manual-management"),
            ("FERRIC__HARDWARE__DEFAULT_INSPECT_INTERFACE", "no-inspect"),
        ])
        .unwrap();
        assert_eq!(config.api.public_url, "http://127.0.0.1:7000");
        assert_eq!(config.grpc.endpoints, ["http://a:1", "http://b:2"]);
        assert_eq!(config.grpc.token.unwrap().expose(), "12345");
        assert!(!config.control.automated_clean);
        assert_eq!(config.conductor.group, "rack-1");
        assert_eq!(config.hardware.types, ["redfish", "manual-management"]);
        assert_eq!(config.hardware.defaults[&InterfaceKind::Inspect], "no-inspect");
    }

    #[test]
    fn an_error_names_the_key() {
        for (variable, value, key) in [
            ("FERRIC__API__LISTNE", "x", "api.listne"),
            ("FERRIC__API__LISTEN", "nowhere", "api.listen"),
            ("FERRIC__CONDUCTOR__MAX_TASKS", "many", "conductor.max_tasks"),
            ("FERRIC__AUTH__STRATEGY", "magic", "auth.strategy"),
            ("FERRIC__AUTH__STRATEGY", "http_basic", "auth.htpasswd"),
            ("FERRIC__AUTH__STRATEGY", "keystone", "auth.keystone.url"),
            ("FERRIC__AUTH__KEYSTONE__CACHE_SECS", "long", "auth.keystone.cache_secs"),
            ("FERRIC__CONTROL__RENEW_SECS", "29", "control.renew_secs"),
            ("FERRIC__HARDWARE__ENABLED_WARP_INTERFACES", "x", "hardware.enabled_warp_interfaces"),
        ] {
            let error = format!("{:#}", load(&[(variable, value)]).expect_err(variable));
            assert!(error.contains(key), "{variable}: {error}");
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_crates() {
        let config = load(&[]).unwrap();
        let control =
            ControlSettings { public_url: config.control.public_url.clone(), ..ControlSettings::default() };
        assert_eq!(format!("{:?}", config.control), format!("{control:?}"));
        assert_eq!(config.database, DatabaseConfig::default());
        assert_eq!(config.hardware, Enabled::default());
        assert_eq!(config.dhcp, NetworkBootConfig::default());
        assert_eq!(config.redfish, RedfishConfig::default());
        assert_eq!(config.ipmi, IpmiConfig::default());
        assert_eq!(config.console, ConsoleConfig::default());
        assert_eq!(config.neutron, NeutronConfig::default());
        assert_eq!(config.agent, AgentConfig::default());
        assert_eq!(config.images, ImageConfig::default());
        let api = ApiConfig { public_url: config.api.public_url.clone(), ..ApiConfig::default() };
        assert_eq!(format!("{:?}", config.api), format!("{api:?}"));
        assert_eq!(config.auth.keystone, KeystoneConfig::default());
        assert_eq!(config.bus.prefix, BusConfig::default().prefix);
        assert_eq!(config.bus.url, BusConfig::default().url);
    }
}
