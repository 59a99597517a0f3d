//! A BMC with a serial console, by the simulator `ipmi_sim` of Debian's package `openipmi`. The node behind it says back whatever
//! is typed at it.

use ferric_hardware::interface::SerialTarget;
use ferric_model::secret::Secret;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const LAN: &str = r#"
name "sim"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 @PORT@
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  sol "tcp:127.0.0.1:@SERIAL@" 115200
  user 1 true "" "nobody" user 10 none md2 md5 straight
  user 2 true "root" "calvin" admin 10 none md2 md5 straight
"#;

const COMMANDS: &str =
    "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nmc_enable 0x20\n";

/// The simulator; it ends when dropped.
pub struct Bmc {
    port: u16,
    child: Child,
    _folder: TempDir,
}

impl Drop for Bmc {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Whether the programs are there without which nothing here can be tested.
pub fn is_installed() -> bool {
    let needed = ["/usr/bin/ipmi_sim", "/usr/bin/ipmitool", "/usr/bin/socat", "/usr/bin/setpriv"];
    let missing: Vec<&str> = needed.into_iter().filter(|path| !Path::new(path).exists()).collect();
    if !missing.is_empty() {
        eprintln!("nothing to test against: {} is not installed", missing.join(", "));
    }
    missing.is_empty()
}

impl Bmc {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let filled = LAN.replace("@PORT@", &port.to_string()).replace("@SERIAL@", &echo().to_string());
        std::fs::write(folder.path().join("lan.conf"), filled).unwrap();
        std::fs::write(folder.path().join("commands"), COMMANDS).unwrap();
        let child = Command::new("/usr/bin/ipmi_sim")
            .args(["-c", "lan.conf", "-f", "commands", "-s", ".", "-n"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { port, child, _folder: folder }
    }

    pub fn target(&self) -> SerialTarget {
        SerialTarget {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            username: Some("root".to_owned()),
            password: Secret::new("calvin".to_owned()),
            kg_key: None,
            privilege: "ADMINISTRATOR".to_owned(),
            cipher_suite: Some(3),
        }
    }
}

/// A serial line whose other end says back what it hears; gives its port.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || repeat(stream));
        }
    });
    port
}

fn repeat(mut stream: TcpStream) {
    let mut heard = [0; 256];
    while let Ok(count @ 1..) = stream.read(&mut heard) {
        if stream.write_all(&heard[..count]).is_err() {
            return;
        }
    }
}
