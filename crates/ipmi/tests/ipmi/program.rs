//! A program that stands for `ipmitool`: it has a power state and a boot device, and does what the test wants instead.

use ferric_hardware::interface::{Management, Power, Vendor};
use ferric_hardware::{Generic, HardwareError, HardwareType, TaskView};
use ferric_ipmi::{IpmiConfig, Ipmitool, hardware_type};
use ferric_model::action::Action;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// `match` is looked for in the command; the first file that fits is taken away and its `react` runs instead of the rest.
const PROGRAM: &str = r#"#!/bin/sh
dir=@DIR@
echo "$*" >> $dir/calls
echo "$IPMITOOL_PASSWORD" >> $dir/passwords
said="$*"
for file in $dir/on/*; do
  [ -e "$file" ] || continue
  . "$file"
  case "$said" in *"$match"*) rm "$file"; react; exit $?;; esac
done
case "$said" in
  *"power status") echo "Chassis Power is $(cat $dir/power)";;
  *"power on"|*"power reset") echo on > $dir/power; echo "Chassis Power Control: Up/On";;
  *"power off"|*"power soft") echo off > $dir/power; echo "Chassis Power Control: Down/Off";;
  *"power diag") echo "Chassis Power Control: Diag";;
  *"raw 0x00 0x08 0x03 0x08") echo;;
  *"raw 0x00 0x08 0x05 "*) echo "${said##*0x08 0x05 }" > $dir/boot; echo;;
  *"raw 0x00 0x09 0x05 0x00 0x00") echo " 01 05 $(sed s/0x//g $dir/boot)";;
  *"mc info") echo "Device ID : 0"; echo "Manufacturer Name         : Super Micro"; echo "Product ID : 1";;
  *) echo "no such command: $said" >&2; exit 1;;
esac
"#;

/// The program, its folder, and the hardware type that runs it.
pub struct Rig {
    folder: tempfile::TempDir,
    hardware: HardwareType,
    reactions: u32,
    pub node: Node,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(IpmiConfig::default())
    }

    pub fn with(config: IpmiConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ipmitool");
        fs::create_dir(folder.path().join("on")).unwrap();
        fs::write(&program, PROGRAM.replace("@DIR@", folder.path().to_str().unwrap())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(folder.path().join("power"), "off\n").unwrap();
        fs::write(folder.path().join("boot"), "0x00 0x00 0x00 0x00 0x00\n").unwrap();
        let config = IpmiConfig {
            program: program.to_str().unwrap().to_owned(),
            min_command_interval_ms: 0,
            poll_ms: 1,
            reset_settle_ms: 1,
            ..config
        };
        let info = json!({"ipmi_address": "10.0.0.1", "ipmi_username": "root", "ipmi_password": "calvin"});
        let hardware = hardware_type(Ipmitool::new(config), Generic::default());
        Self { folder, hardware, reactions: 0, node: node(info) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The next time a command has `part` in it, `react` (shell) happens instead.
    pub fn on(&mut self, part: &str, react: &str) {
        self.reactions += 1;
        let file = self.path().join(format!("on/{:03}", self.reactions));
        fs::write(file, format!("match='{part}'\nreact() {{\n{react}\n}}\n")).unwrap();
    }

    /// What was asked for, without the options that all commands have.
    pub fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path().join("calls")).unwrap_or_default();
        calls.lines().map(|call| call.split_once("-E ").unwrap().1.to_owned()).collect()
    }

    /// A file of the program's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn power(&self) -> Arc<dyn Power> {
        Arc::clone(&self.hardware.power[0].1)
    }

    pub fn management(&self) -> Arc<dyn Management> {
        Arc::clone(&self.hardware.management[0].1)
    }

    pub fn vendor(&self) -> Arc<dyn Vendor> {
        Arc::clone(&self.hardware.vendor[0].1)
    }

    pub fn task(&self) -> TaskView {
        task(self.node.clone())
    }

    pub async fn set_power(&self, target: PowerTarget) -> Result<PowerState, HardwareError> {
        self.power().set_power_state(&self.task(), target, Duration::from_secs(20)).await
    }
}

pub fn node(info: Value) -> Node {
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let mut node = Node::new(Uuid::from_u128(1), "ipmi", ProvisionState::Manageable, now);
    node.spec.driver_info = info.as_object().cloned().unwrap();
    node
}

pub fn task(node: Node) -> TaskView {
    TaskView {
        task_id: Uuid::from_u128(2),
        action: Action::Power,
        node,
        ports: Vec::new(),
        portgroups: Vec::new(),
        inventory: None,
        boot_url: None,
        api_url: "http://127.0.0.1:1".to_owned(),
        instance_boot_url: None,
        taken_over: false,
    }
}
