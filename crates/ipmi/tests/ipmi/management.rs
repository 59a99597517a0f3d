//! Boot devices, the vendor, interrupts.

use crate::program::Rig;
use ferric_hardware::HardwareError;
use ferric_hardware::interface::BootDevice;
use ferric_hardware::interface::VendorCall;
use ferric_model::merge::merge;
use ferric_model::power::PowerTarget;
use serde_json::{Value, json};

fn device(name: &str, persistent: bool) -> BootDevice {
    BootDevice { boot_device: Some(name.to_owned()), persistent: Some(persistent) }
}

#[tokio::test]
async fn boot_devices_are_set_and_read_for_uefi_and_bios() {
    let mut rig = Rig::new();
    let management = rig.management();
    assert_eq!(management.get_boot_device(&rig.task()).await.unwrap(), BootDevice::default());
    management.set_boot_device(&rig.task(), "disk", true).await.unwrap();
    assert_eq!(management.get_boot_device(&rig.task()).await.unwrap(), device("disk", true));
    rig.node.spec.properties.insert("capabilities".into(), json!("boot_mode:bios"));
    management.set_boot_device(&rig.task(), "pxe", false).await.unwrap();
    assert_eq!(management.get_boot_device(&rig.task()).await.unwrap(), device("pxe", false));
    let set: Vec<String> = rig.calls().into_iter().filter(|call| call.contains("0x08 0x05")).collect();
    assert_eq!(
        set,
        ["raw 0x00 0x08 0x05 0xe0 0x08 0x00 0x00 0x00", "raw 0x00 0x08 0x05 0x80 0x04 0x00 0x00 0x00"]
    );

    let error = management.set_boot_device(&rig.task(), "floppy", false).await.unwrap_err();
    assert_eq!(
        (error.code, error.summary.as_str()),
        ("invalid-parameter", "Invalid boot device floppy specified.")
    );
}

#[tokio::test]
async fn the_minute_is_disabled_if_the_bmc_can_and_the_node_wants() {
    let mut rig = Rig::new();
    let management = rig.management();
    let disable = "raw 0x00 0x08 0x03 0x08";
    rig.on(disable, "echo 'Unable to send RAW command (cmd=0x8 rsp=0xc1): Invalid command' >&2; return 1");
    management.set_boot_device(&rig.task(), "disk", true).await.unwrap();
    assert_eq!(rig.calls()[0], disable);
    rig.node.spec.driver_info.insert("ipmi_disable_boot_timeout".into(), json!("False"));
    management.set_boot_device(&rig.task(), "disk", true).await.unwrap();
    assert_eq!(rig.calls().iter().filter(|call| *call == disable).count(), 1);
}

#[tokio::test]
async fn a_refused_boot_device_is_a_failure() {
    let mut rig = Rig::new();
    rig.on(
        "0x08 0x05",
        "echo 'Unable to send RAW command (cmd=0x8 rsp=0xcc): Invalid data field' >&2; return 1",
    );
    let error = rig.management().set_boot_device(&rig.task(), "pxe", false).await.unwrap_err();
    assert_eq!(error.code, "ipmi-refused");
}

#[tokio::test]
async fn a_forgetful_bmc_is_told_again_before_each_power_on() {
    let mut rig = Rig::new();
    rig.node.spec.driver_info.insert("ipmi_force_boot_device".into(), json!(true));
    let management = rig.management();
    let seen = management.set_boot_device(&rig.task(), "disk", true).await.unwrap();
    merge(&mut rig.node.status.driver_internal_info, &seen.driver_internal_info);
    let before = rig.calls().len();
    rig.set_power(PowerTarget::On).await.unwrap();
    let after = &rig.calls()[before..];
    assert_eq!(after[1], "raw 0x00 0x08 0x05 0xe0 0x08 0x00 0x00 0x00", "{after:?}");
    assert_eq!(after[3], "power on", "{after:?}");

    let seen = management.set_boot_device(&rig.task(), "pxe", false).await.unwrap();
    merge(&mut rig.node.status.driver_internal_info, &seen.driver_internal_info);
    assert!(rig.node.status.driver_internal_info.is_empty(), "one boot of another device is let happen");
}

#[tokio::test]
async fn the_vendor_is_told_once_and_an_interrupt_is_sent_once() {
    let mut rig = Rig::new();
    let management = rig.management();
    let seen = management.observe(&rig.task()).await.unwrap();
    assert_eq!(json!(seen.properties), json!({"vendor": "super micro"}));
    rig.node.spec.properties = seen.properties;
    assert!(management.observe(&rig.task()).await.unwrap().properties.is_empty());
    rig.on("power diag", "echo 'Unable to set Chassis Power Control to Diag' >&2; return 1");
    assert_eq!(management.inject_nmi(&rig.task()).await.unwrap_err().code, "ipmi-silent");
    assert_eq!(rig.calls(), ["mc info", "power diag"]);
    management.inject_nmi(&rig.task()).await.unwrap();
}

async fn call(rig: &Rig, method: &str, args: Value) -> Result<Value, HardwareError> {
    let args = args.as_object().cloned().unwrap();
    let call = VendorCall { method: method.to_owned(), http_method: "POST".to_owned(), args };
    rig.vendor().call_method(&rig.task(), &call).await.map(|answer| answer.value)
}

#[tokio::test]
async fn bytes_of_the_operator_are_sent_if_they_are_bytes() {
    let mut rig = Rig::new();
    rig.on("raw 0x30 255", "echo");
    rig.on("mc reset cold", "echo");
    call(&rig, "send_raw", json!({"raw_bytes": "0x30 255"})).await.unwrap();
    call(&rig, "bmc_reset", json!({"warm": "no"})).await.unwrap();
    for bad in ["", "0x30", "0x30 256", "0x30 0x1; reboot", "-h -h"] {
        let error = call(&rig, "send_raw", json!({"raw_bytes": bad})).await.unwrap_err();
        assert_eq!(error.code, "invalid-parameter", "{bad}");
    }
    assert_eq!(rig.calls(), ["raw 0x30 255", "mc reset cold"]);
}
