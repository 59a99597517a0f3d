//! Reads `driver_info`: where the BMC is, who we are to it, and why we believe it is the right one.

use ferric_hardware::HardwareError;
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::secret::Secret;
use serde_json::Value;
use std::net::Ipv6Addr;
use std::path::Path;
use url::Url;

/// What each `driver_info` key means, for the API's list of driver properties.
pub const PROPERTIES: [(&str, &str); 8] = [
    (
        "redfish_address",
        "URL of the Redfish service; the scheme defaults to https, a path is the prefix of its root. Required.",
    ),
    (
        "redfish_system_id",
        "Path of the ComputerSystem, for example /redfish/v1/Systems/1. Required if the service has more than one.",
    ),
    ("redfish_username", "User name at the BMC. Optional; without it nothing is authenticated."),
    ("redfish_password", "Password of that user."),
    (
        "redfish_verify_ca",
        "True to trust the certificate authorities of the conductor's system (the default), False to trust anybody, \
         the path of a PEM file or folder with certificate authorities or the BMC's own certificate, or the PEM text \
         itself. Optional.",
    ),
    ("redfish_auth_type", "auto (the default: a session, else basic), session or basic. Optional."),
    ("redfish_tls_minimum_version", "Oldest TLS version to accept: 1.2 or 1.3. Optional."),
    (
        "vmedia_transport_protocol",
        "TransferProtocolType to name when virtual media is inserted: HTTP or HTTPS. Optional; without it the BMC \
         reads it from the URL.",
    ),
];

/// The path of a service root where the address names none.
const DEFAULT_ROOT: &str = "/redfish/v1/";

/// How to reach one node's BMC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriverInfo {
    /// Scheme, host and port.
    pub origin: Url,
    /// Path of the service root, with a slash at its end.
    pub root_path: String,
    /// Path of the node's ComputerSystem; none takes the only one.
    pub system_path: Option<String>,
    /// User name and password; none sends no credentials.
    pub credentials: Option<(String, Secret<String>)>,
    /// Whom to trust.
    pub trust: Trust,
    /// How to authenticate.
    pub auth_type: AuthType,
    /// Oldest TLS version.
    pub tls_minimum: TlsMinimum,
    /// `TransferProtocolType` of virtual media, in upper case.
    pub media_protocol: Option<String>,
}

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Trust {
    /// The certificate authorities of the system.
    System,
    /// Anybody.
    Anybody,
    /// These certificates, as PEM: authorities, or the very certificate of the BMC.
    Certificates(String),
}

/// How to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthType {
    /// A session where the service has them, else basic.
    Auto,
    /// A session.
    Session,
    /// Basic authentication with each request.
    Basic,
}

/// Oldest TLS version; nothing older than 1.2 is ever spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsMinimum {
    /// 1.2
    V12,
    /// 1.3
    V13,
}

impl DriverInfo {
    /// Reads what `node` says.
    ///
    /// **Errors**: `InvalidParameter` that names every missing and every invalid key at once.
    pub fn read(node: &Node) -> Result<Self, HardwareError> {
        let mut keys = Keys { map: &node.spec.driver_info, wrong: Vec::new() };
        let address = keys.address();
        let system_path = keys.system_path();
        let credentials = keys.credentials();
        let trust = keys.trust();
        let auth_type = keys.word(
            "redfish_auth_type",
            AuthType::Auto,
            &[("auto", AuthType::Auto), ("session", AuthType::Session), ("basic", AuthType::Basic)],
        );
        let tls_minimum = keys.word(
            "redfish_tls_minimum_version",
            TlsMinimum::V12,
            &[("1.1", TlsMinimum::V12), ("1.2", TlsMinimum::V12), ("1.3", TlsMinimum::V13)],
        );
        let media_protocol = keys.word(
            "vmedia_transport_protocol",
            None,
            &[("http", Some("HTTP".to_owned())), ("https", Some("HTTPS".to_owned()))],
        );
        match address {
            Some((origin, root_path)) if keys.wrong.is_empty() => Ok(Self {
                origin,
                root_path,
                system_path,
                credentials,
                trust,
                auth_type,
                tls_minimum,
                media_protocol,
            }),
            _ => Err(HardwareError::invalid(
                format!("driver_info of the node is not usable: {}", keys.wrong.join("; ")),
                "correct these keys of the node's driver_info",
            )),
        }
    }

    /// The address as people may see it.
    pub fn shown_address(&self) -> String {
        self.origin.as_str().trim_end_matches('/').to_owned()
    }
}

/// The keys of `driver_info`, and what was wrong with those read so far.
struct Keys<'a> {
    map: &'a JsonMap,
    wrong: Vec<String>,
}

impl Keys<'_> {
    /// A text; numbers and truth values are what a person means by their text.
    fn text(&mut self, key: &str) -> Option<String> {
        match self.map.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Some(value @ (Value::Bool(_) | Value::Number(_))) => Some(value.to_string()),
            Some(_) => {
                self.wrong.push(format!("{key} must be a text"));
                None
            }
        }
    }

    fn word<T: Clone>(&mut self, key: &str, default: T, words: &[(&str, T)]) -> T {
        let Some(text) = self.text(key) else { return default };
        match words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text)) {
            Some((_, meaning)) => meaning.clone(),
            None => {
                let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.wrong.push(format!("{key} must be one of {}, not '{text}'", known.join(", ")));
                default
            }
        }
    }

    fn address(&mut self) -> Option<(Url, String)> {
        let Some(text) = self.text("redfish_address") else {
            self.wrong.push("redfish_address is missing".to_owned());
            return None;
        };
        let parsed = parse_address(&text);
        if parsed.is_none() {
            self.wrong.push(
                "redfish_address must be an http or https URL with a host and no credentials".to_owned(),
            );
        }
        parsed
    }

    fn system_path(&mut self) -> Option<String> {
        let text = self.text("redfish_system_id")?;
        let path = if text.starts_with('/') { text } else { format!("/{text}") };
        if path.contains(['?', '#', ' ']) || path.starts_with("//") {
            self.wrong.push("redfish_system_id must be the path of a ComputerSystem".to_owned());
        }
        Some(path)
    }

    fn credentials(&mut self) -> Option<(String, Secret<String>)> {
        // A password is taken as it stands: blanks at its ends belong to it.
        let password = match self.map.get("redfish_password") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(password)) => password.clone(),
            Some(_) => {
                self.wrong.push("redfish_password must be a text".to_owned());
                String::new()
            }
        };
        self.text("redfish_username").map(|username| (username, Secret::new(password)))
    }

    fn trust(&mut self) -> Trust {
        let Some(text) = self.text("redfish_verify_ca") else { return Trust::System };
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "t" | "y" => return Trust::System,
            "false" | "no" | "off" | "0" | "f" | "n" => return Trust::Anybody,
            _ => {}
        }
        if text.contains("-----BEGIN CERTIFICATE-----") {
            return Trust::Certificates(text);
        }
        match read_certificates(Path::new(&text)) {
            Ok(pem) => return Trust::Certificates(pem),
            Err(why) => self.wrong.push(format!(
                "redfish_verify_ca must be True, False, the path of a PEM file or folder, or PEM text; {text}: {why}"
            )),
        }
        Trust::System
    }
}

/// The PEM text of a file, or of all files in a folder.
fn read_certificates(path: &Path) -> Result<String, String> {
    let describe = |error: std::io::Error| error.to_string();
    let pem = if path.is_dir() {
        let mut all = String::new();
        for entry in std::fs::read_dir(path).map_err(describe)? {
            let file = entry.map_err(describe)?.path();
            if file.is_file()
                && let Ok(pem) = std::fs::read_to_string(&file)
            {
                all.push_str(&pem);
                all.push('\n');
            }
        }
        all
    } else {
        std::fs::read_to_string(path).map_err(describe)?
    };
    if pem.contains("-----BEGIN CERTIFICATE-----") { Ok(pem) } else { Err("no certificate in it".to_owned()) }
}

/// Origin and root path of a Redfish address.
fn parse_address(text: &str) -> Option<(Url, String)> {
    let with_scheme = match text.split_once("://") {
        Some(_) => text.to_owned(),
        None => {
            let (host, path) = text.split_at(text.find('/').unwrap_or(text.len()));
            let host =
                host.parse::<Ipv6Addr>().map_or_else(|_| host.to_owned(), |address| format!("[{address}]"));
            format!("https://{host}{path}")
        }
    };
    // An IPv6 address after a scheme may also lack its brackets.
    let url = Url::parse(&with_scheme).ok().or_else(|| {
        let (scheme, rest) = with_scheme.split_once("://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Url::parse(&format!("{scheme}://[{}]{path}", host.parse::<Ipv6Addr>().ok()?)).ok()
    })?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return None;
    }
    let path = url.path().trim_matches('/');
    let root_path = if path.is_empty() { DEFAULT_ROOT.to_owned() } else { format!("/{path}/") };
    Some((url.join("/").ok()?, root_path))
}

#[cfg(test)]
mod tests {
    use super::{AuthType, DriverInfo, TlsMinimum, Trust, parse_address};
    use ferric_model::lifecycle::ProvisionState;
    use ferric_model::node::Node;
    use serde_json::{Value, json};
    use time::OffsetDateTime;

    fn read(driver_info: Value) -> Result<DriverInfo, String> {
        let mut node =
            Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Enroll, OffsetDateTime::UNIX_EPOCH);
        node.spec.driver_info = driver_info.as_object().cloned().unwrap();
        DriverInfo::read(&node).map_err(|error| error.summary)
    }

    #[test]
    fn addresses_get_a_scheme_brackets_and_a_root() {
        for (text, origin, root) in [
            ("bmc.example.com", "https://bmc.example.com/", "/redfish/v1/"),
            ("http://10.0.0.1:8000", "http://10.0.0.1:8000/", "/redfish/v1/"),
            ("https://10.0.0.1/redfish/v1", "https://10.0.0.1/", "/redfish/v1/"),
            ("10.0.0.1/proxy/7/redfish/v1/", "https://10.0.0.1/", "/proxy/7/redfish/v1/"),
            ("fd00::1", "https://[fd00::1]/", "/redfish/v1/"),
            ("http://fd00::1/redfish/v1", "http://[fd00::1]/", "/redfish/v1/"),
            ("https://[fd00::1]:8443", "https://[fd00::1]:8443/", "/redfish/v1/"),
        ] {
            let (url, path) = parse_address(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((url.as_str(), path.as_str()), (origin, root), "{text}");
        }
        for text in ["ftp://10.0.0.1", "https://", "https://u:p@10.0.0.1", "10.0.0.1?x=1", "::::"] {
            assert_eq!(parse_address(text), None, "{text}");
        }
    }

    #[test]
    fn every_wrong_key_is_named_at_once_and_no_password_with_it() {
        let error = read(json!({"redfish_password": 5, "redfish_verify_ca": "/no/such/file",
            "redfish_auth_type": "kerberos", "redfish_system_id": "a?b", "redfish_username": {"no": "text"}}))
        .unwrap_err();
        for key in [
            "redfish_address is missing",
            "redfish_password",
            "redfish_verify_ca",
            "redfish_auth_type",
            "redfish_system_id",
            "redfish_username",
        ] {
            assert!(error.contains(key), "{key}: {error}");
        }
        let shown = format!(
            "{:?}",
            read(json!({"redfish_address": "a", "redfish_username": "u",
            "redfish_password": "calvin"}))
        );
        assert!(!shown.contains("calvin"), "{shown}");
    }

    #[test]
    fn what_is_not_given_has_a_default() {
        let info = read(json!({"redfish_address": "bmc"})).unwrap();
        assert_eq!(
            (info.trust, info.auth_type, info.tls_minimum),
            (Trust::System, AuthType::Auto, TlsMinimum::V12)
        );
        assert_eq!((info.credentials, info.system_path), (None, None));
    }

    #[test]
    fn trust_is_a_truth_value_a_file_or_the_certificate_itself() {
        let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, pem).unwrap();
        let trust =
            |value: Value| read(json!({"redfish_address": "b", "redfish_verify_ca": value})).map(|i| i.trust);
        assert_eq!(trust(json!(false)).unwrap(), Trust::Anybody);
        assert_eq!(trust(json!("No")).unwrap(), Trust::Anybody);
        assert_eq!(trust(json!("TRUE")).unwrap(), Trust::System);
        for text in [pem, file.to_str().unwrap(), folder.path().to_str().unwrap()] {
            assert!(
                matches!(trust(json!(text)).unwrap(), Trust::Certificates(read) if read.contains("AA=="))
            );
        }
        std::fs::write(&file, "nothing").unwrap();
        assert!(trust(json!(file.to_str().unwrap())).unwrap_err().contains("no certificate in it"));
    }
}
