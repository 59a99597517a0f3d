//! Boot from virtual media, against the simulator and against slots with manners of their own.

use crate::support::{Answer, Rig, Seen, Service, Tree, clients, node, quick, task};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::{HardwareError, HardwareErrorKind, TaskView};
use serde_json::{Value, json};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const INSERT: &str = "POST VirtualMedia.InsertMedia";
const SLOT: &str = "/redfish/v1/slot";

/// Serves an image to the simulated BMC, which really reads it.
async fn images() -> Service {
    Service::start(|_| Answer::status(200, vec![0; 4096])).await
}

fn boot_url(images: &Service) -> String {
    format!("{}/boot/{TOKEN}", images.url)
}

#[tokio::test]
async fn a_ramdisk_is_inserted_set_for_one_boot_and_taken_away_again() {
    let (mut rig, images) = (Rig::new(), images().await);
    rig.task.boot_url = Some(boot_url(&images));
    let boot = &rig.hardware.boot[0].1;
    for inserts in [1, 2] {
        boot.prepare_ramdisk(&rig.task).await.unwrap();
        let server = rig.server();
        assert_eq!(server.media.len(), 1);
        assert_eq!(server.media[0].image, format!("{}/boot.iso", boot_url(&images)));
        assert_eq!((server.boot.target.as_str(), server.boot.enabled.as_str()), ("Cd", "Once"));
        assert_eq!((server.counters.inserts, server.counters.ejects), (inserts, inserts - 1));
    }
    boot.clean_up_ramdisk(&rig.task).await.unwrap();
    boot.clean_up_ramdisk(&rig.task).await.unwrap();
    assert!(rig.server().media.is_empty());
    assert_eq!(rig.server().counters.ejects, 2);

    boot.prepare_ramdisk(&rig.task).await.unwrap();
    boot.prepare_instance(&rig.task).await.unwrap();
    let server = rig.server();
    assert!(server.media.is_empty());
    assert_eq!((server.boot.target.as_str(), server.boot.enabled.as_str()), ("Hdd", "Continuous"));
    boot.clean_up_instance(&rig.task).await.unwrap();
}

#[tokio::test]
async fn without_a_boot_image_nothing_is_touched() {
    let rig = Rig::new();
    let error = rig.hardware.boot[0].1.prepare_ramdisk(&rig.task).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    let incomplete = node(json!({"redfish_username": "u"}));
    let error = rig.hardware.boot[0].1.validate(&incomplete).unwrap_err();
    assert!(error.summary.contains("redfish_address is missing"), "{error}");
}

#[tokio::test]
async fn a_refused_image_is_told_in_the_words_of_the_bmc_without_the_token() {
    let mut rig = Rig::new();
    rig.task.boot_url = Some(format!("http://10.9.8.7:1/boot/{TOKEN}"));
    let message = format!("cannot read http://10.9.8.7:1/boot/{TOKEN}/boot.iso");
    rig.fault(Fault::new(FaultKind::ImageRejected { status: 400, message }).forever());
    let error = rig.hardware.boot[0].1.prepare_ramdisk(&rig.task).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("vmedia-insert-refused", HardwareErrorKind::Refused));
    assert!(error.evidence.as_ref().unwrap().contains("cannot read"), "{error:?}");
    assert!(error.advice.contains("http://10.9.8.7:1"), "{error:?}");
    assert!(!format!("{error:?}").contains(TOKEN), "{error:?}");
    assert_eq!(rig.server().boot.enabled, "Disabled");
}

#[tokio::test]
async fn an_insert_is_repeated_only_after_a_look_that_shows_an_empty_slot() {
    let images = images().await;
    for (fault, sends) in [
        (Fault::new(FaultKind::Refuse { after: true }).on(INSERT), 1),
        (Fault::new(FaultKind::HtmlAnswer).on(INSERT), 1),
        (Fault::new(FaultKind::Refuse { after: false }).on(INSERT), 1),
        (Fault::new(FaultKind::Status { status: 500, message: "no".into() }).on(INSERT).times(2), 2),
    ] {
        let mut rig = Rig::new();
        rig.task.boot_url = Some(boot_url(&images));
        rig.fault(fault.clone());
        rig.hardware.boot[0].1.prepare_ramdisk(&rig.task).await.unwrap();
        let counters = rig.server().counters;
        assert_eq!((rig.hits(), counters.inserts, counters.ejects), (sends, 1, 0), "{fault:?}");
    }
    let mut rig = Rig::new();
    rig.task.boot_url = Some(boot_url(&images));
    rig.fault(
        Fault::new(FaultKind::Status { status: 500, message: "flash is full".into() }).on(INSERT).forever(),
    );
    let error = rig.hardware.boot[0].1.prepare_ramdisk(&rig.task).await.unwrap_err();
    assert_eq!(error.code, "vmedia-insert-refused");
    assert!(error.evidence.unwrap().contains("flash is full"));
    assert_eq!((rig.hits() % 4, rig.server().counters.inserts), (0, 0));
}

#[tokio::test]
async fn an_eject_that_is_refused_is_told() {
    let (mut rig, images) = (Rig::new(), images().await);
    rig.task.boot_url = Some(boot_url(&images));
    let boot = &rig.hardware.boot[0].1;
    boot.prepare_ramdisk(&rig.task).await.unwrap();
    rig.fault(
        Fault::new(FaultKind::Status { status: 400, message: "held by a console".into() })
            .on("POST EjectMedia"),
    );
    let error = boot.clean_up_ramdisk(&rig.task).await.unwrap_err();
    assert_eq!(error.code, "vmedia-eject-refused");
    assert!(error.evidence.unwrap().contains("held by a console"));
    boot.clean_up_ramdisk(&rig.task).await.unwrap();
    assert!(rig.server().media.is_empty());
}

fn with_action(types: Value) -> Value {
    json!({
        "MediaTypes": types, "Inserted": false,
        "Actions": {
            "#VirtualMedia.InsertMedia": {"target": format!("{SLOT}/in")},
            "#VirtualMedia.EjectMedia": {"target": format!("{SLOT}/out")},
        },
    })
}

async fn prepare(service: &Service) -> Result<(), HardwareError> {
    let mut task: TaskView = task(node(json!({"redfish_address": service.url})));
    task.boot_url = Some(format!("http://10.0.0.1/boot/{TOKEN}"));
    clients(quick()).boot[0].1.prepare_ramdisk(&task).await.map(drop)
}

fn posts(service: &Service) -> Vec<(String, Value)> {
    let posted = service.seen().into_iter().filter(|seen| seen.method == "POST");
    posted.map(|seen| (seen.path, seen.body)).collect()
}

fn image() -> Value {
    json!(format!("http://10.0.0.1/boot/{TOKEN}/boot.iso"))
}

#[tokio::test]
async fn a_slot_without_actions_is_patched() {
    let mut tree =
        Tree::new().with_slots(&[(SLOT, json!({"MediaTypes": ["CD"], "Inserted": true, "Image": "old"}))]);
    let service = Service::start(move |seen| tree.answer(seen)).await;
    prepare(&service).await.unwrap();
    let patched: Vec<Value> = service
        .seen()
        .into_iter()
        .filter(|seen| seen.line() == format!("PATCH {SLOT}"))
        .map(|seen| seen.body)
        .collect();
    assert_eq!(
        patched,
        [
            json!({"Image": null, "Inserted": false}),
            json!({"Image": image(), "Inserted": true, "WriteProtected": true}),
        ]
    );
}

#[tokio::test]
async fn a_bmc_without_a_cd_slot_is_told_apart_from_one_that_refuses() {
    for slots in [
        vec![],
        vec![(SLOT, with_action(json!(["USBStick", "Floppy"])))],
        vec![(SLOT, json!({"Name": "Floppy", "MediaTypes": null}))],
    ] {
        let mut tree = Tree::new().with_slots(&slots);
        let service = Service::start(move |seen| tree.answer(seen)).await;
        let error = prepare(&service).await.unwrap_err();
        assert_eq!(
            (error.code, error.kind),
            ("vmedia-not-supported", HardwareErrorKind::Unsupported),
            "{slots:?}"
        );
    }
}

#[tokio::test]
async fn the_manager_is_asked_where_the_system_has_no_slots_and_the_next_slot_where_one_refuses() {
    let mut tree = Tree::new();
    tree.system()["Links"] = json!({"ManagedBy": [{"@odata.id": "/m"}, {"@odata.id": "/gone"}, null]});
    tree.put("/m", json!({"VirtualMedia": {"@odata.id": "/m/vm"}}));
    tree.put(
        "/m/vm",
        json!({"Members": [{"@odata.id": "/dvd"}, {"@odata.id": "/bad"}, {"@odata.id": "/cd"}],
        "Members@odata.count": "3"}),
    );
    tree.put("/dvd", json!({"MediaTypes": ["DVD"], "Inserted": false}));
    tree.put("/bad", with_action(json!(["CD"])));
    tree.put("/cd", json!({"Id": "VirtualCD", "MediaTypes": [], "Inserted": false}));
    let service =
        Service::start(
            move |seen| {
                if seen.method == "POST" { Answer::status(405, "") } else { tree.answer(seen) }
            },
        )
        .await;
    prepare(&service).await.unwrap();
    let changed: Vec<String> =
        service.seen().iter().filter(|seen| seen.method != "GET").map(Seen::line).collect();
    // The slot that names CD refuses; of those that may take one the next is patched.
    assert_eq!(
        changed,
        [format!("POST {SLOT}/in"), "PATCH /dvd".to_owned(), "PATCH /redfish/v1/Systems/1".to_owned()]
    );
}

#[tokio::test]
async fn a_refusal_of_the_form_is_answered_with_another_form() {
    for (message, accepted) in [
        ("Base.1.5.ActionParameterNotSupported", json!({"Image": image()})),
        (
            "Base.1.5.ActionParameterMissing",
            json!({"Image": image(), "Inserted": true, "WriteProtected": true, "TransferProtocolType": "HTTP",
                "TransferMethod": "Stream"}),
        ),
    ] {
        let mut tree = Tree::new().with_slots(&[(SLOT, with_action(json!(["CD"])))]);
        let wanted = accepted.clone();
        let service = Service::start(move |seen| {
            if seen.path.ends_with("/in") {
                if seen.body != wanted {
                    let body = json!({"error": {"@Message.ExtendedInfo": [{"MessageId": message}]}});
                    return Answer::status(400, body.to_string());
                }
                tree.0.get_mut(SLOT).unwrap()["Inserted"] = json!(true);
            }
            tree.answer(seen)
        })
        .await;
        prepare(&service).await.unwrap();
        let posted = posts(&service);
        assert_eq!(posted.len(), 2, "{posted:?}");
        assert_eq!(posted[1], (format!("{SLOT}/in"), accepted));
    }
}

#[tokio::test]
async fn an_image_that_never_appears_is_told() {
    let mut tree = Tree::new().with_slots(&[(SLOT, with_action(json!(["CD"])))]);
    let service = Service::start(move |seen| tree.answer(seen)).await;
    let error = prepare(&service).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("vmedia-not-inserted", HardwareErrorKind::Timeout));
    assert!(error.advice.contains("http://10.0.0.1") && !error.advice.contains(TOKEN), "{error:?}");
    assert_eq!(posts(&service).len(), 1);
}

#[tokio::test]
async fn an_insert_that_becomes_a_task_is_followed_and_its_failure_told() {
    let answer = |state: &'static str| {
        let mut tree = Tree::new().with_slots(&[(SLOT, with_action(json!(["CD"])))]);
        let mut looks = 0;
        move |seen: &Seen| match seen.path.as_str() {
            "/redfish/v1/slot/in" => Answer::status(202, "").with("location", "http://bmc.local/task/7"),
            "/task/7" => {
                looks += 1;
                if looks < 3 {
                    return Answer::json(&json!({"TaskState": "Running"}));
                }
                tree.0.get_mut(SLOT).unwrap()["Inserted"] = json!(state == "Completed");
                Answer::json(
                    &json!({"TaskState": state, "Messages": [{"MessageId": "V.1.NoRoute", "Message": "no route"}]}),
                )
            }
            _ => tree.answer(seen),
        }
    };
    let service = Service::start(answer("Completed")).await;
    prepare(&service).await.unwrap();
    assert_eq!(posts(&service).len(), 1);

    let service = Service::start(answer("Exception")).await;
    let error = prepare(&service).await.unwrap_err();
    assert_eq!(error.code, "vmedia-insert-refused");
    assert_eq!(error.evidence.as_deref(), Some("V.1.NoRoute: no route"));
    assert_eq!(posts(&service).len(), 1);
}
