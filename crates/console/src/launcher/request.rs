//! What may be asked of the launcher, and what it makes of it.

use serde::Deserialize;
use std::ffi::OsString;
use std::net::IpAddr;
use std::os::unix::ffi::OsStringExt;

/// A console by IPMI's "serial over LAN", on a TCP port.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The node, for auditors.
    pub node: uuid::Uuid,
    /// The BMC: an address or a host name.
    pub host: String,
    /// Port of its IPMI service.
    pub port: u16,
    /// User; none for the nameless one.
    pub username: Option<String>,
    /// Password of the user.
    pub password: String,
    /// Kg key as bytes.
    pub kg_key: Option<Vec<u8>>,
    /// Privilege level of the session.
    pub privilege: String,
    /// Cipher suite; none leaves it to the program.
    pub cipher_suite: Option<u8>,
    /// Where the console listens.
    pub listen: IpAddr,
    /// Port on which it listens.
    pub listen_port: u16,
    /// Seconds without a byte after which a connection is closed; 0 for never.
    pub idle_timeout_secs: u32,
}

/// A console that may be started.
pub(super) struct Console {
    /// Options of `ipmitool`, without a command.
    pub ipmitool: Vec<String>,
    /// Environment of the programs.
    pub environment: Vec<(&'static str, OsString)>,
    /// The address of `socat` that listens.
    pub listen: String,
    /// Port on which it listens.
    pub port: u16,
    /// Options of `socat`.
    pub socat: Vec<String>,
    /// What auditors get to know.
    pub audit: String,
}

const PRIVILEGES: [&str; 4] = ["CALLBACK", "USER", "OPERATOR", "ADMINISTRATOR"];

/// Longest user name. Source: IPMI 2.0, "Set User Name".
const LONGEST_USERNAME: usize = 16;

/// Longest password, and longest Kg key. Source: IPMI 2.0, "Set User Password" and "RMCP+".
const LONGEST_SECRET: usize = 20;

impl Request {
    /// What is to be run.
    ///
    /// **Errors**: the field that must not be as it is, without what is in it.
    pub(super) fn check(&self) -> Result<Console, String> {
        let refuse = |field: &str| Err(format!("the field '{field}' is not acceptable"));
        if self.host.parse::<IpAddr>().is_err() && !is_host_name(&self.host) {
            return refuse("host");
        }
        let plain = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.@+-".contains(&byte))
                && !text.starts_with('-')
        };
        if self.username.as_ref().is_some_and(|name| name.len() > LONGEST_USERNAME || !plain(name)) {
            return refuse("username");
        }
        if self.password.len() > LONGEST_SECRET || self.password.contains('\0') {
            return refuse("password");
        }
        if self.kg_key.as_ref().is_some_and(|key| key.len() > LONGEST_SECRET || key.contains(&0)) {
            return refuse("kg_key");
        }
        if !PRIVILEGES.contains(&self.privilege.as_str()) {
            return refuse("privilege");
        }
        if self.cipher_suite.is_some_and(|suite| suite > 19) {
            return refuse("cipher_suite");
        }
        if self.port == 0 {
            return refuse("port");
        }
        if self.listen_port < 1024 {
            return refuse("listen_port");
        }
        Ok(self.console())
    }

    fn console(&self) -> Console {
        let mut ipmitool = ["-I", "lanplus", "-H", &self.host, "-p"].map(str::to_owned).to_vec();
        ipmitool.push(self.port.to_string());
        ipmitool.extend(["-L".to_owned(), self.privilege.clone()]);
        for (option, value) in
            [("-U", self.username.clone()), ("-C", self.cipher_suite.map(|suite| suite.to_string()))]
        {
            ipmitool.extend(value.into_iter().flat_map(|value| [option.to_owned(), value]));
        }
        ipmitool.push("-E".to_owned());
        let mut environment = vec![
            ("LC_ALL", OsString::from("C")),
            ("PATH", OsString::from("/usr/bin:/bin")),
            ("TERM", OsString::from("vt100")),
            ("IPMITOOL_PASSWORD", OsString::from(&self.password)),
        ];
        if let Some(key) = &self.kg_key {
            ipmitool.push("-K".to_owned());
            environment.push(("IPMI_KGKEY", OsString::from_vec(key.clone())));
        }
        let (kind, address) = match self.listen {
            IpAddr::V4(address) => ("TCP4", address.to_string()),
            IpAddr::V6(address) => ("TCP6", format!("[{address}]")),
        };
        let socat = match self.idle_timeout_secs {
            0 => Vec::new(),
            secs => vec!["-T".to_owned(), secs.to_string()],
        };
        Console {
            ipmitool,
            environment,
            listen: format!("{kind}-LISTEN:{},bind={address},reuseaddr", self.listen_port),
            port: self.listen_port,
            socat,
            audit: format!(
                "node={} bmc={} bmc_port={} listen={} listen_port={}",
                self.node, self.host, self.port, self.listen, self.listen_port
            ),
        }
    }
}

/// Source: RFC 1123, section 2.1.
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() < 64
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() < 254 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn request() -> Value {
        json!({
            "node": "1be26c0b-03f2-4d2e-ae87-c02d7f33c123", "host": "10.0.0.1", "port": 623, "username": "root",
            "password": "calvin", "kg_key": null, "privilege": "ADMINISTRATOR", "cipher_suite": 17,
            "listen": "127.0.0.1", "listen_port": 10_000, "idle_timeout_secs": 600,
        })
    }

    fn check(field: &str, value: Value) -> Result<Console, String> {
        let mut request = request();
        request[field] = value;
        serde_json::from_value::<Request>(request).map_err(|_| "unreadable".to_owned())?.check()
    }

    #[test]
    fn a_request_becomes_options_without_its_secrets() {
        let console = check("kg_key", json!([1, 2])).ok().unwrap();
        assert_eq!(
            console.ipmitool.join(" "),
            "-I lanplus -H 10.0.0.1 -p 623 -L ADMINISTRATOR -U root -C 17 -E -K"
        );
        assert_eq!(console.listen, "TCP4-LISTEN:10000,bind=127.0.0.1,reuseaddr");
        assert_eq!(console.socat, ["-T", "600"]);
        assert!(!console.audit.contains("calvin"));
        let console = check("listen", json!("::1")).ok().unwrap();
        assert_eq!(console.listen, "TCP6-LISTEN:10000,bind=[::1],reuseaddr");
        assert!(check("host", json!("bmc-7.example.org")).is_ok());
    }

    #[test]
    fn nothing_gets_through_that_could_be_an_option_or_a_second_address() {
        for (field, value) in [
            ("host", json!("-oProxy")),
            ("host", json!("a b")),
            ("host", json!("a\",system:\"id")),
            ("host", json!("")),
            ("host", json!("a..b")),
            ("username", json!("-v")),
            ("username", json!("a,pty")),
            ("username", json!("a\"b")),
            ("username", json!("averyverylongname1")),
            ("password", json!("x".repeat(21))),
            ("password", json!("a\0b")),
            ("kg_key", json!([1, 0])),
            ("privilege", json!("administrator -v")),
            ("cipher_suite", json!(99)),
            ("port", json!(0)),
            ("listen_port", json!(22)),
            ("listen", json!("0.0.0.0,fork")),
            ("program", json!("/bin/sh")),
            ("idle_timeout_secs", json!("1 -d")),
        ] {
            assert!(check(field, value.clone()).is_err(), "{field}: {value}");
        }
    }
}
