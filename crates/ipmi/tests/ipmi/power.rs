//! Power states and the ways there.

use crate::program::Rig;
use ferric_ipmi::IpmiConfig;
use ferric_model::power::{PowerState, PowerTarget};
use std::time::Duration;

#[tokio::test]
async fn targets_are_reached_by_looking_and_asking() {
    let rig = Rig::new();
    assert_eq!(rig.power().get_power_state(&rig.node).await.unwrap(), Some(PowerState::Off));
    assert_eq!(rig.set_power(PowerTarget::On).await.unwrap(), PowerState::On);
    assert_eq!(rig.set_power(PowerTarget::On).await.unwrap(), PowerState::On);
    assert_eq!(rig.set_power(PowerTarget::Reboot).await.unwrap(), PowerState::On);
    assert_eq!(rig.set_power(PowerTarget::SoftOff).await.unwrap(), PowerState::Off);
    let status = "power status";
    assert_eq!(
        rig.calls(),
        [
            status, // read
            status,
            "power on",
            status, // on
            status, // on already
            status,
            "power off",
            status,
            status,
            "power on",
            status, // reboot
            status,
            "power soft",
            status, // soft off
        ]
    );
}

#[tokio::test]
async fn a_busy_bmc_is_asked_again_and_a_lost_answer_is_looked_after() {
    let mut rig = Rig::new();
    rig.on("power on", "echo 'Set Chassis Power Control to Up/On failed: Node busy' >&2; return 1");
    assert_eq!(rig.set_power(PowerTarget::On).await.unwrap(), PowerState::On);
    assert_eq!(rig.calls().iter().filter(|call| *call == "power on").count(), 2);

    rig.on(
        "power soft",
        "echo off > $dir/power; echo 'Unable to set Chassis Power Control to Soft' >&2; return 1",
    );
    assert_eq!(rig.set_power(PowerTarget::SoftOff).await.unwrap(), PowerState::Off);
    assert_eq!(rig.calls().iter().filter(|call| *call == "power soft").count(), 1, "it was carried out");
}

#[tokio::test]
async fn a_refusal_counts_unless_the_state_is_reached() {
    let mut rig = Rig::new();
    rig.on(
        "power on",
        "echo on > $dir/power; echo 'Set Chassis Power Control to Up/On failed: 0xd5' >&2; return 1",
    );
    assert_eq!(rig.set_power(PowerTarget::On).await.unwrap(), PowerState::On);
    rig.on("power off", "echo 'Set Chassis Power Control to Down/Off failed: no way' >&2; return 1");
    let error = rig.set_power(PowerTarget::Off).await.unwrap_err();
    assert_eq!(error.code, "ipmi-refused");
    assert!(error.evidence.unwrap().contains("no way"));
}

#[tokio::test]
async fn a_state_that_is_not_reached_is_a_failure_that_says_what_was_seen() {
    let mut rig = Rig::new();
    rig.on("power soft", "echo 'Chassis Power Control: Soft'");
    std::fs::write(rig.file("power"), "on\n").unwrap();
    let soft = PowerTarget::SoftOff;
    let reached = rig.power().set_power_state(&rig.task(), soft, Duration::from_millis(200)).await;
    let error = reached.unwrap_err();
    assert_eq!(error.code, "power-state-not-reached");
    assert!(error.evidence.as_deref().unwrap().contains("'power on'"), "{error:?}");
    assert_eq!(rig.calls().iter().filter(|call| *call == "power soft").count(), 1);
}

#[tokio::test]
async fn a_node_that_must_stay_on_is_reset_and_nothing_else() {
    let mut rig = Rig::new();
    rig.node.spec.disable_power_off = true;
    std::fs::write(rig.file("power"), "on\n").unwrap();
    assert_eq!(rig.set_power(PowerTarget::Reboot).await.unwrap(), PowerState::On);
    assert_eq!(rig.calls(), ["power status", "power reset", "power status"]);
    for target in [PowerTarget::Off, PowerTarget::SoftOff, PowerTarget::SoftReboot] {
        assert_eq!(rig.set_power(target).await.unwrap_err().code, "invalid-parameter");
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_tried_for_as_long_as_configured_and_wrong_credentials_once() {
    let mut rig = Rig::with(IpmiConfig { retry_timeout_ms: 1, ..IpmiConfig::default() });
    rig.on("power status", "echo 'Error: Unable to establish IPMI v2 / RMCP+ session' >&2; return 1");
    let error = rig.power().get_power_state(&rig.node).await.unwrap_err();
    assert_eq!(error.code, "ipmi-no-session");
    assert!(error.advice.contains("ipmi_password"));
    rig.on("power status", "echo 'RAKP 2 message indicates an error : unauthorized name' >&2; return 1");
    let error = rig.power().get_power_state(&rig.node).await.unwrap_err();
    assert_eq!(error.code, "ipmi-unauthorized");
    assert_eq!(rig.calls().len(), 2);
}

#[tokio::test]
async fn an_unknown_state_is_no_state() {
    let mut rig = Rig::new();
    rig.on("power status", "echo 'Chassis Power is '");
    assert_eq!(rig.power().get_power_state(&rig.node).await.unwrap(), None);
}
