//! Power against the simulator: what it costs in Resets, and what each fault leads to.

use crate::support::{Rig, quick, secs};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::HardwareErrorKind;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_redfish::RedfishConfig;
use serde_json::json;
use std::time::Duration;

const RESET: &str = "POST ComputerSystem.Reset";

#[tokio::test]
async fn every_target_is_reached_with_the_resets_it_needs_and_none_if_it_is_reached_already() {
    let rig = Rig::new();
    assert_eq!(rig.power_state().await.unwrap(), Some(PowerState::Off));
    for (target, resets) in [
        (PowerTarget::Off, json!({})),
        (PowerTarget::On, json!({"On": 1})),
        (PowerTarget::On, json!({"On": 1})),
        (PowerTarget::Reboot, json!({"On": 2, "ForceOff": 1})),
        (PowerTarget::SoftReboot, json!({"On": 3, "ForceOff": 1, "GracefulShutdown": 1})),
        (PowerTarget::SoftOff, json!({"On": 3, "ForceOff": 1, "GracefulShutdown": 2})),
        (PowerTarget::SoftOff, json!({"On": 3, "ForceOff": 1, "GracefulShutdown": 2})),
        (PowerTarget::Reboot, json!({"On": 4, "ForceOff": 1, "GracefulShutdown": 2})),
        (PowerTarget::Off, json!({"On": 4, "ForceOff": 2, "GracefulShutdown": 2})),
    ] {
        assert_eq!(rig.power(target, secs(20)).await.unwrap(), target.final_state(), "{target:?}");
        assert_eq!(rig.power_state().await.unwrap(), Some(target.final_state()), "{target:?}");
        assert_eq!(rig.resets(), resets, "{target:?}");
    }
}

#[tokio::test]
async fn a_lost_reset_is_sent_once_more_and_not_oftener() {
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::LostPowerAction).on("On"));
    rig.power(PowerTarget::On, secs(2)).await.unwrap();
    assert_eq!((rig.resets(), rig.server().counters.lost_resets), (json!({"On": 1}), 1));

    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::LostPowerAction).on("On").forever());
    let error = rig.power(PowerTarget::On, secs(1)).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("power-state-not-reached", HardwareErrorKind::Timeout));
    let evidence = error.evidence.unwrap();
    assert!(evidence.contains("the last power state seen is Off"), "{evidence}");
    assert!(evidence.contains("accepted 2 times"), "{evidence}");
    assert!(error.advice.contains("nothing happened"), "{}", error.advice);
    assert_eq!((rig.resets(), rig.server().counters.lost_resets), (json!({}), 2));
}

#[tokio::test]
async fn a_graceful_shutdown_is_never_sent_twice() {
    let rig = Rig::new();
    rig.power(PowerTarget::On, secs(20)).await.unwrap();
    for fault in [
        Fault::new(FaultKind::LostPowerAction).on("GracefulShutdown"),
        Fault::new(FaultKind::Refuse { after: false }).on(RESET),
        Fault::new(FaultKind::Status { status: 500, message: "no".into() }).on(RESET),
    ] {
        rig.simulator.clear_faults(0);
        rig.fault(fault.clone());
        let error = rig.power(PowerTarget::SoftOff, Duration::from_millis(200)).await.unwrap_err();
        assert_eq!(error.code, "power-state-not-reached", "{fault:?}");
        assert_eq!((rig.hits(), rig.resets()), (1, json!({"On": 1})), "{fault:?}");
    }
}

#[tokio::test]
async fn a_reset_whose_answer_is_lost_is_looked_for_before_anything_else_is_done() {
    // Carried out, then the connection broke off.
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::Refuse { after: true }).on(RESET));
    rig.power(PowerTarget::On, secs(20)).await.unwrap();
    assert_eq!((rig.hits(), rig.resets()), (1, json!({"On": 1})));

    // The connection broke off and nothing was carried out.
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::Refuse { after: false }).on(RESET));
    rig.power(PowerTarget::On, secs(2)).await.unwrap();
    assert_eq!((rig.hits(), rig.resets()), (1, json!({"On": 1})));
}

#[tokio::test]
async fn a_reset_that_is_never_answered_is_sent_twice_at_most() {
    let rig = Rig::with(RedfishConfig { answer_timeout_ms: 400, ..quick() });
    rig.fault(Fault::new(FaultKind::Hang).on(RESET).forever());
    let error = rig.power(PowerTarget::On, secs(2)).await.unwrap_err();
    assert_eq!(error.code, "power-state-not-reached");
    assert!(error.evidence.unwrap().contains("was not answered within"));
    assert_eq!((rig.hits(), rig.resets()), (2, json!({})));
}

#[tokio::test]
async fn a_refusal_that_passes_is_waited_out_and_one_that_does_not_is_told_at_once() {
    for status in [409, 500, 503] {
        let rig = Rig::new();
        rig.fault(Fault::new(FaultKind::Status { status, message: "not now".into() }).on(RESET).times(2));
        rig.power(PowerTarget::On, secs(20)).await.unwrap();
        assert_eq!((rig.hits(), rig.resets()), (2, json!({"On": 1})), "{status}");
    }
    for (status, sends) in [(400, 1), (403, 1), (409, 6), (500, 6)] {
        let rig = Rig::new();
        rig.fault(
            Fault::new(FaultKind::Status { status, message: "the fan door is open".into() })
                .on(RESET)
                .forever(),
        );
        let error = rig.power(PowerTarget::On, secs(20)).await.unwrap_err();
        assert_eq!((error.code, error.kind), ("redfish-refused", HardwareErrorKind::Refused), "{status}");
        assert!(error.evidence.as_ref().unwrap().contains("the fan door is open"), "{error:?}");
        assert_eq!((rig.hits(), rig.resets()), (sends, json!({})), "{status}");
    }
}

#[tokio::test]
async fn a_reset_that_becomes_a_task_is_followed_to_its_end() {
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::SlowTask { delay: Some(Duration::from_millis(150)) }).on("On"));
    rig.power(PowerTarget::On, secs(20)).await.unwrap();
    assert_eq!((rig.hits(), rig.resets()), (1, json!({"On": 1})));

    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::SlowTask { delay: Some(secs(60)) }).on("On").forever());
    let error = rig.power(PowerTarget::On, Duration::from_millis(200)).await.unwrap_err();
    assert_eq!(error.code, "power-state-not-reached");
    assert!(error.evidence.unwrap().contains("did not end within"));
    assert_eq!((rig.hits(), rig.resets()), (1, json!({})));
}

#[tokio::test]
async fn a_web_page_in_answer_to_an_action_counts_as_success() {
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::HtmlAnswer).on(RESET).forever());
    rig.power(PowerTarget::Reboot, secs(20)).await.unwrap();
    assert_eq!((rig.hits(), rig.resets()), (1, json!({"On": 1})));
}

#[tokio::test]
async fn reads_are_tried_again_and_then_say_what_is_wrong() {
    let cases = [
        (FaultKind::Refuse { after: false }, "redfish-unreachable", HardwareErrorKind::Unreachable),
        (FaultKind::Hang, "redfish-timeout", HardwareErrorKind::Timeout),
        (
            FaultKind::Status { status: 503, message: "starting".into() },
            "redfish-refused",
            HardwareErrorKind::Refused,
        ),
    ];
    for (fault, code, kind) in cases {
        let rig = Rig::with(RedfishConfig { answer_timeout_ms: 400, ..quick() });
        rig.fault(Fault::new(fault.clone()).on("GET /Systems").times(2));
        assert_eq!(rig.power_state().await.unwrap(), Some(PowerState::Off), "{fault:?}");
        rig.simulator.clear_faults(0);
        rig.fault(Fault::new(fault.clone()).on("GET /Systems").forever());
        let error = rig.power_state().await.unwrap_err();
        assert_eq!((error.code, error.kind), (code, kind), "{fault:?}");
        assert!(!error.advice.is_empty());
        assert_eq!(rig.hits(), 3, "{fault:?}");
    }
    let rig = Rig::new();
    rig.fault(
        Fault::new(FaultKind::Status { status: 404, message: "no".into() }).on("GET /Systems").forever(),
    );
    assert_eq!(rig.power_state().await.unwrap_err().code, "redfish-not-found");
    assert_eq!(rig.hits(), 1);
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let mut rig = Rig::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rig.task.node.spec.driver_info.insert("redfish_address".into(), json!(format!("http://{free}")));
    let error = rig.power(PowerTarget::On, secs(20)).await.unwrap_err();
    assert_eq!(error.code, "redfish-unreachable");
    assert!(error.retryable());
}

#[tokio::test]
async fn a_node_that_must_never_be_off_is_restarted_in_one_go() {
    let mut rig = Rig::new();
    rig.task.node.spec.disable_power_off = true;
    rig.power(PowerTarget::Reboot, secs(20)).await.unwrap();
    assert_eq!(rig.resets(), json!({"On": 1}));
    rig.power(PowerTarget::Reboot, secs(20)).await.unwrap();
    rig.power(PowerTarget::SoftReboot, secs(20)).await.unwrap();
    assert_eq!(rig.resets(), json!({"On": 1, "ForceRestart": 1, "GracefulRestart": 1}));
    let error = rig.power(PowerTarget::Off, secs(20)).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    assert_eq!(rig.power_state().await.unwrap(), Some(PowerState::On));
}
