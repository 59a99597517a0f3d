//! Vendor methods: subscriptions to events, and emptying virtual media.

use crate::support::{Answer, Rig, Service};
use ferric_hardware::interface::VendorCall;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::task::params::AttachVirtualMedia;
use serde_json::{Value, json};

async fn call(rig: &Rig, method: &str, args: Value) -> Result<Value, HardwareError> {
    let vendor = &rig.hardware.vendor[0].1;
    let known = &vendor.methods().node[method];
    let call = VendorCall {
        method: method.to_owned(),
        http_method: known.http_methods[0].clone(),
        args: args.as_object().cloned().unwrap(),
    };
    vendor.call_method(&rig.task, &call).await.map(|answer| answer.value)
}

#[tokio::test]
async fn subscriptions_are_made_listed_shown_and_ended() {
    let rig = Rig::new();
    let args = json!({
        "Destination": "https://events.example/redfish",
        "Context": "rack 7",
        "HttpHeaders": [{"Authorization": "Basic c2VjcmV0"}],
    });
    let made = call(&rig, "create_subscription", args).await.unwrap();
    assert_eq!(made["Destination"], "https://events.example/redfish");
    assert_eq!((&made["Protocol"], &made["EventTypes"]), (&json!("Redfish"), &json!(["Alert"])));
    assert!(made.get("HttpHeaders").is_none() && made.get("@odata.etag").is_none(), "{made}");

    let all = call(&rig, "get_all_subscriptions", json!({})).await.unwrap();
    assert_eq!((&all["Members@odata.count"], all["Members"].as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(call(&rig, "get_subscription", json!({"id": made["Id"]})).await.unwrap(), made);
    call(&rig, "delete_subscription", json!({"id": made["Id"]})).await.unwrap();
    let all = call(&rig, "get_all_subscriptions", json!({})).await.unwrap();
    assert_eq!(all["Members@odata.count"], 0);
}

#[tokio::test]
async fn arguments_that_make_no_sense_are_the_callers_mistake() {
    let rig = Rig::new();
    for (method, args) in [
        ("create_subscription", json!({"Destination": "nowhere"})),
        ("create_subscription", json!({"Destination": "http://a", "EventTypes": []})),
        ("create_subscription", json!({"Destination": "http://a", "EventTypes": ["Nothing"]})),
        ("create_subscription", json!({"Destination": "http://a", "HttpHeaders": "x: y"})),
        ("create_subscription", json!({"Destination": "http://a", "Protocol": 1})),
        ("create_subscription", json!({"Destination": "http://a", "Oem": {}})),
        ("get_subscription", json!({"id": "../../Systems"})),
        ("get_subscription", json!({"id": 17})),
        ("delete_subscription", json!({"id": []})),
        ("eject_vmedia", json!({"boot_device": "tape"})),
    ] {
        let error = call(&rig, method, args.clone()).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter, "{method} {args}: {error}");
    }
    let secret =
        json!({"Destination": "http://a", "Protocol": "SNMPv2c", "HttpHeaders": [{"X-Key": "SNMPv2c"}]});
    let error = call(&rig, "create_subscription", secret).await.unwrap_err();
    assert!(!error.to_string().contains("SNMPv2c"), "what headers hold is not repeated: {error}");
}

#[tokio::test]
async fn media_are_ejected() {
    let rig = Rig::new();
    let images = Service::start(|_| Answer::status(200, vec![0; 4096])).await;
    let media = AttachVirtualMedia {
        device_type: "cdrom".to_owned(),
        image_url: format!("{}/cd.iso", images.url),
        image_download_source: "http".to_owned(),
    };
    rig.hardware.management[0].1.attach_virtual_media(&rig.task, &media).await.unwrap();
    call(&rig, "eject_vmedia", json!({"boot_device": "disk"})).await.unwrap();
    assert_eq!(rig.server().media.len(), 1);
    call(&rig, "eject_vmedia", json!({})).await.unwrap();
    assert!(rig.server().media.is_empty());
}
