//! The real `ipmitool` and a BMC that somebody else wrote: `ipmi_sim` of OpenIPMI. Where they are not installed there is nothing
//! to test.

use crate::program::{node, task};
use ferric_hardware::{Generic, HardwareError};
use ferric_ipmi::{IpmiConfig, Ipmitool, hardware_type};
use ferric_model::power::{PowerState, PowerTarget};
use serde_json::json;
use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const LAN: &str = r#"
name "sim"
set_working_mc 0x20
  chassis_control "@DIR@/chassis 0x20"
  startlan 1
    addr 127.0.0.1 @PORT@
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  user 1 true "" "nobody" user 10 none md2 md5 straight
  user 2 true "root" "calvin" admin 10 none md2 md5 straight
"#;

const COMMANDS: &str =
    "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nmc_enable 0x20\n";

const CHASSIS: &str = r#"#!/bin/sh
cd @DIR@
op=$2; shift 2
while [ $# -gt 0 ]; do
  case "$op $1" in
    get*) echo "$1:$(cat $1)"; shift;;
    "set shutdown") echo 0 > power; shift 2;;
    set*) echo "$2" > $1; shift 2;;
  esac
done
"#;

struct Simulator(Child);

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn start(folder: &Path) -> (Simulator, u16) {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let filled =
        |text: &str| text.replace("@DIR@", folder.to_str().unwrap()).replace("@PORT@", &port.to_string());
    fs::write(folder.join("lan.conf"), filled(LAN)).unwrap();
    fs::write(folder.join("commands"), COMMANDS).unwrap();
    fs::write(folder.join("chassis"), filled(CHASSIS)).unwrap();
    fs::set_permissions(folder.join("chassis"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.join("power"), "0\n").unwrap();
    fs::write(folder.join("boot"), "default\n").unwrap();
    let child = Command::new("ipmi_sim")
        .args(["-c", "lan.conf", "-f", "commands", "-s", ".", "-n"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Whoever asks before it listens asks again.
    (Simulator(child), port)
}

#[tokio::test]
async fn a_bmc_that_somebody_else_wrote_does_what_it_is_told() {
    if !installed("ipmi_sim") || !installed("ipmitool") {
        eprintln!("ipmi_sim or ipmitool is not installed: nothing to test against");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_simulator, port) = start(folder.path());
    let config = IpmiConfig {
        answer_timeout_secs: 1,
        min_command_interval_ms: 0,
        poll_ms: 10,
        ..IpmiConfig::default()
    };
    let hardware = hardware_type(Ipmitool::new(config.clone()), Generic::default());
    let (power, management) = (&hardware.power[0].1, &hardware.management[0].1);
    let mut info = json!({
        "ipmi_address": "127.0.0.1", "ipmi_port": port, "ipmi_username": "root", "ipmi_password": "calvin",
        "ipmi_cipher_suite": 3,
    });
    let server = task(node(info.clone()));
    let patience = Duration::from_secs(60);
    assert_eq!(power.get_power_state(&server.node).await.unwrap(), Some(PowerState::Off));
    for (target, state) in [(PowerTarget::On, "1\n"), (PowerTarget::Reboot, "1\n"), (PowerTarget::Off, "0\n")]
    {
        power.set_power_state(&server, target, patience).await.unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("power")).unwrap(), state);
    }
    for (device, word) in [("pxe", "pxe\n"), ("cdrom", "cdrom\n")] {
        management.set_boot_device(&server, device, false).await.unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("boot")).unwrap(), word);
        let read = management.get_boot_device(&server).await.unwrap();
        assert_eq!(read.boot_device.as_deref(), Some(device));
    }
    let seen = management.observe(&server).await.unwrap();
    assert_eq!(seen.properties["vendor"], "montavista software, inc.");
    assert_eq!(management.inject_nmi(&server).await.unwrap_err().code, "ipmi-refused");

    info["ipmi_password"] = json!("wrong");
    let short = IpmiConfig { retry_timeout_ms: 1, ..config };
    let hardware = hardware_type(Ipmitool::new(short), Generic::default());
    let error: HardwareError = hardware.power[0].1.get_power_state(&node(info)).await.unwrap_err();
    assert_eq!(error.code, "ipmi-no-session");
}
