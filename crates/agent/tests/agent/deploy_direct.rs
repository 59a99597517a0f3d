//! A whole deployment, step by step, and what can go wrong in its own steps.

use crate::fake_agent::{Answer, FakeAgent, serve};
use crate::fake_node::{apply, direct, instance, interfaces, settle, task};
use ferric_hardware::{HardwareError, HardwareErrorKind, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::power::PowerState::{Off, On};
use ferric_model::step::{Step, StepKind};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Serves an image and its checksum file; the returned list is what was asked for.
async fn image_server() -> (String, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    let url = serve(move |request| {
        noted.lock().unwrap().push(format!("{} {}", request.method, request.path));
        match request.path.as_str() {
            "/a.raw" => Answer::Text(200, "test".to_owned()),
            "/SHA256SUMS" => Answer::Text(200, format!("{SHA256}  a.raw\n")),
            _ => Answer::Text(404, String::new()),
        }
    })
    .await;
    (url, asked)
}

fn own_step(name: &str) -> Step {
    let node = task("").node;
    direct().steps(StepKind::Deploy, &node).into_iter().find(|step| step.step == name).unwrap()
}

async fn execute(
    task: &mut TaskView,
    interfaces: &NodeInterfaces,
    name: &str,
) -> Result<&'static str, HardwareError> {
    let outcome = direct().execute(task, interfaces, StepKind::Deploy, &own_step(name)).await?;
    Ok(settle(task, &outcome))
}

async fn resume(
    task: &mut TaskView,
    interfaces: &NodeInterfaces,
    name: &str,
) -> Result<&'static str, HardwareError> {
    let outcome = direct().resume(task, interfaces, StepKind::Deploy, &own_step(name)).await?;
    Ok(settle(task, &outcome))
}

/// An agent, a task for it with an image that needs no server, the interfaces of a node that is on.
async fn deploying() -> (FakeAgent, TaskView, NodeInterfaces) {
    let agent = FakeAgent::start(crate::fake_node::TOKEN).await;
    let mut task = task(&agent.url);
    instance(&mut task, json!({"image_source": "http://images/a.raw", "image_checksum": SHA256}));
    let (interfaces, _) = interfaces(&task.node, &[On]);
    (agent, task, interfaces)
}

#[tokio::test]
async fn a_deployment_from_the_first_step_to_the_last() {
    let (images, asked) = image_server().await;
    let agent = FakeAgent::start(crate::fake_node::TOKEN).await;
    agent.ends_at_once(
        "get_deploy_steps",
        json!({"deploy_steps": {"Generic": []}, "hardware_manager_version": {"Generic": "1.2"}}),
    );
    agent.ends_at_once("sync", Value::Null);
    let mut task = task(&agent.url);
    instance(
        &mut task,
        json!({"image_source": format!("{images}/a.raw"), "image_checksum": format!("{images}/SHA256SUMS"),
            "image_disk_format": "raw", "configdrive": {"user_data": "hunter2"}}),
    );
    task.node.status.driver_internal_info.insert("hardware_manager_version".into(), json!({"Old": "0"}));
    let (interfaces, log) = interfaces(&task.node, &[On, Off]);
    let deploy = direct();
    deploy.validate(&task.node).unwrap();
    let steps = deploy.steps(StepKind::Deploy, &task.node);
    let order: Vec<_> = steps.iter().map(|step| (step.step.as_str(), step.priority)).collect();
    assert_eq!(
        order,
        [
            ("deploy", 100),
            ("write_image", 80),
            ("prepare_instance_boot", 60),
            ("tear_down_agent", 40),
            ("switch_to_tenant_network", 30),
            ("boot_instance", 20)
        ]
    );

    assert_eq!(execute(&mut task, &interfaces, "deploy").await.unwrap(), "boot ramdisk");
    assert_eq!(task.agent_url(), None, "an agent of an earlier ramdisk is forgotten");
    assert!(task.internal_str("agent_secret_token").is_some(), "the token is for the coming ramdisk");
    assert!(asked.lock().unwrap().contains(&"HEAD /a.raw".to_owned()));

    // The ramdisk is up: its heartbeat told where it listens.
    task.node.status.driver_internal_info.insert("agent_url".into(), json!(agent.url));
    assert_eq!(deploy.agent_steps(&task, StepKind::Deploy).await.unwrap(), []);

    assert_eq!(execute(&mut task, &interfaces, "write_image").await.unwrap(), "wait");
    let post = agent.posts().pop().unwrap();
    assert_eq!(post["name"], "deploy.execute_deploy_step");
    assert_eq!(post["params"]["deploy_version"], json!({"Generic": "1.2"}));
    assert_eq!(task.node.status.driver_internal_info["hardware_manager_version"], json!({"Generic": "1.2"}));
    let step = &post["params"]["step"];
    assert_eq!(
        (&step["interface"], &step["step"], &step["priority"]),
        (&json!("deploy"), &json!("write_image"), &json!(80))
    );
    let info = &step["args"]["image_info"];
    assert_eq!(info["urls"], json!([format!("{images}/a.raw")]));
    assert_eq!((&info["os_hash_algo"], &info["os_hash_value"]), (&json!("sha256"), &json!(SHA256)));
    assert!(step["args"]["configdrive"].as_str().unwrap().starts_with("H4sI"), "gzip in base64");
    assert_eq!(resume(&mut task, &interfaces, "write_image").await.unwrap(), "wait");
    agent.succeed();
    assert_eq!(resume(&mut task, &interfaces, "write_image").await.unwrap(), "done");

    assert_eq!(execute(&mut task, &interfaces, "prepare_instance_boot").await.unwrap(), "wait");
    let post = agent.posts().pop().unwrap();
    assert_eq!(post["name"], "image.install_bootloader");
    assert_eq!(
        post["params"],
        json!({"root_uuid": null, "efi_system_part_uuid": null, "prep_boot_part_uuid": null, "target_boot_mode": "uefi"})
    );
    assert_eq!(log.take(), [""; 0], "the BMC boots the disk only once the boot loader is there");
    agent.succeed();
    assert_eq!(resume(&mut task, &interfaces, "prepare_instance_boot").await.unwrap(), "done");
    assert_eq!(log.take(), ["prepare_instance"]);

    assert_eq!(execute(&mut task, &interfaces, "tear_down_agent").await.unwrap(), "done");
    assert_eq!(log.take(), ["read power on", "read power off"], "the agent switched the node off");
    assert_eq!(agent.begun()[3..], ["sync", "power_off"]);
    assert_eq!((task.agent_url(), task.internal_str("agent_secret_token")), (None, None));
    assert_eq!(task.node.power_state, Some(Off));

    assert_eq!(execute(&mut task, &interfaces, "switch_to_tenant_network").await.unwrap(), "done");
    assert_eq!(execute(&mut task, &interfaces, "boot_instance").await.unwrap(), "done");
    assert_eq!(log.take(), ["set power on"]);
    assert_eq!(task.node.power_state, Some(On));
    assert!(!task.node.status.driver_internal_info.contains_key("agent_command"));
}

#[tokio::test]
async fn an_image_that_is_not_there_stops_the_deployment_before_the_ramdisk_boots() {
    let (images, _) = image_server().await;
    let mut task = task("");
    let (interfaces, _) = interfaces(&task.node, &[On]);
    let rows = [
        (
            json!({"image_source": format!("{images}/b.raw?sig=s3cret"), "image_checksum": SHA256}),
            "image-not-found",
        ),
        (
            json!({"image_source": format!("{images}/a.raw"), "image_checksum": format!("{images}/MD5SUMS")}),
            "image-not-found",
        ),
    ];
    for (values, code) in rows {
        instance(&mut task, values);
        let error = execute(&mut task, &interfaces, "deploy").await.unwrap_err();
        assert_eq!(error.code, code);
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
async fn what_instance_info_must_hold_is_named() {
    let rows = [
        (json!({}), "missing image_source"),
        (json!({"image_source": "http://h/a.raw"}), "image_checksum"),
        (json!({"image_source": "http://h/a.raw", "image_checksum": "12"}), "image_checksum"),
        (json!({"image_source": "http://h/a.raw", "image_os_hash_algo": "sha256"}), "image_os_hash_value"),
        (json!({"image_source": "http://h/", "image_checksum": SHA256}), "file name"),
        (json!({"image_source": "a.raw", "image_checksum": SHA256}), "image_source"),
        (json!({"image_source": "oci://h/A"}), "oci"),
        (json!({"image_source": "file://h/var/a.raw"}), "file://"),
        (
            json!({"image_source": "http://h/a", "image_checksum": SHA256, "image_type": "partition"}),
            "root_gb",
        ),
        (
            json!({"image_source": "http://h/a", "image_checksum": SHA256, "image_disk_format": "vmdk"}),
            "vmdk",
        ),
        (
            json!({"image_source": "http://h/a", "image_checksum": SHA256, "configdrive": "a b"}),
            "configdrive",
        ),
        (json!({"image_source": "http://h/a", "image_checksum": SHA256, "image_type": "x"}), "image_type"),
        (
            json!({"image_source": "http://h/a", "image_checksum": SHA256, "kernel": "k", "ramdisk": "r"}),
            "root_gb",
        ),
    ];
    for (values, word) in rows {
        let mut task = task("");
        instance(&mut task, values);
        let error = direct().validate(&task.node).unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter, "{error}");
        assert!(error.summary.contains(word), "{error}");
    }
}

#[tokio::test]
async fn the_agent_sees_no_secret() {
    let (agent, mut task, interfaces) = deploying().await;
    instance(&mut task, json!({"configdrive": "QUFBQQ==", "image_pull_secret": "hunter2"}));
    execute(&mut task, &interfaces, "write_image").await.unwrap();
    let params = agent.posts().pop().unwrap()["params"].clone();
    assert_eq!(params["step"]["args"]["configdrive"], "QUFBQQ==");
    assert_eq!(params["node"]["properties"]["root_device"]["name"], "/dev/sda");
    assert_eq!(params["node"]["provision_state"], "deploying");
    assert_eq!(params["node"]["driver_info"]["redfish_password"], "******");
    assert_eq!(params["ports"][0]["address"], "52:54:00:00:00:01");
    let text = params["node"].to_string();
    for secret in [crate::fake_node::TOKEN, "calvin", "hunter2", "QUFBQQ=="] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_step_that_failed_brings_what_the_agent_said() {
    let (agent, mut task, interfaces) = deploying().await;
    execute(&mut task, &interfaces, "write_image").await.unwrap();
    agent.end(
        "FAILED",
        json!({"type": "ImageDownloadError", "code": 500, "message": "Error downloading image",
            "details": "404 for http://me:pw@images/a.raw?sig=1"}),
    );
    let error = resume(&mut task, &interfaces, "write_image").await.unwrap_err();
    assert_eq!((error.code, error.kind), ("agent-command-failed", HardwareErrorKind::AgentFailed));
    assert_eq!(error.summary, "the agent reported that 'deploy.write_image' failed");
    assert_eq!(error.evidence.as_deref(), Some("Error downloading image: 404 for http://images/a.raw?…"));

    agent.reboot();
    execute(&mut task, &interfaces, "prepare_instance_boot").await.unwrap();
    agent.end("FAILED", json!("no EFI system partition"));
    let error = resume(&mut task, &interfaces, "prepare_instance_boot").await.unwrap_err();
    assert_eq!(error.evidence.as_deref(), Some("no EFI system partition"));
}

#[tokio::test]
async fn a_restart_in_the_middle_of_writing_is_a_failure() {
    let (agent, mut task, interfaces) = deploying().await;
    execute(&mut task, &interfaces, "write_image").await.unwrap();
    agent.reboot();
    for _ in 0..2 {
        let error = resume(&mut task, &interfaces, "write_image").await.unwrap_err();
        assert_eq!((error.code, error.kind), ("agent-rebooted", HardwareErrorKind::AgentFailed));
        // The new ramdisk being asked for its steps does not hide it.
        agent.put_command(
            json!({"id": "n", "command_name": "get_deploy_steps", "command_status": "SUCCEEDED"}),
        );
    }
    assert_eq!(agent.posts().len(), 1);
}

#[tokio::test]
async fn a_bios_boot_needs_no_boot_loader_from_the_agent() {
    let (agent, mut task, _) = deploying().await;
    let (interfaces, log) = interfaces(&task.node, &[On]);
    instance(&mut task, json!({"capabilities": {"boot_mode": "bios"}}));
    assert_eq!(execute(&mut task, &interfaces, "prepare_instance_boot").await.unwrap(), "done");
    assert_eq!((agent.posts().len(), log.take()), (0, vec!["prepare_instance".to_owned()]));
}

#[tokio::test]
async fn a_node_that_does_not_switch_itself_off_is_switched_off() {
    let (agent, mut task, _) = deploying().await;
    agent.ends_at_once("sync", Value::Null);
    let (interfaces, log) = interfaces(&task.node, &[On]);
    assert_eq!(execute(&mut task, &interfaces, "tear_down_agent").await.unwrap(), "done");
    assert_eq!(log.take(), ["read power on", "read power on", "read power on", "set power off"]);

    // A take-over that finds the node on does the same again, one that finds it off does nothing.
    task.node.status.driver_internal_info.insert("agent_url".into(), json!("http://127.0.0.1:1"));
    assert_eq!(resume(&mut task, &interfaces, "tear_down_agent").await.unwrap(), "done");
    assert_eq!(log.take(), ["read power on", "set power off"], "nobody is left to do it softly");
    let (off, log) = crate::fake_node::interfaces(&task.node, &[Off]);
    assert_eq!(resume(&mut task, &off, "tear_down_agent").await.unwrap(), "done");
    assert_eq!(log.take(), ["read power off"]);
}

#[tokio::test]
async fn a_node_that_must_stay_on_is_locked_down_and_restarted() {
    let (agent, mut task, _) = deploying().await;
    agent.ends_at_once("sync", Value::Null);
    agent.ends_at_once("lockdown", Value::Null);
    task.node.spec.disable_power_off = true;
    let (interfaces, log) = interfaces(&task.node, &[On]);
    let error = execute(&mut task, &interfaces, "tear_down_agent").await.unwrap_err();
    assert_eq!(error.evidence.as_deref(), Some("the agent still answers"));
    agent.leave_after("lockdown");
    assert_eq!(execute(&mut task, &interfaces, "tear_down_agent").await.unwrap(), "done");
    assert_eq!(execute(&mut task, &interfaces, "boot_instance").await.unwrap(), "done");
    assert_eq!(log.take(), ["set rebooting"]);
    let observed = direct().tear_down(&task, &interfaces).await.unwrap();
    assert_eq!((observed.power_state, log.take()), (None, vec!["clean_up_instance".to_owned()]));
}

#[tokio::test]
async fn tearing_down_switches_off_before_it_cleans_up() {
    let (_, task, _) = deploying().await;
    let (interfaces, log) = interfaces(&task.node, &[On]);
    let observed = direct().tear_down(&task, &interfaces).await.unwrap();
    assert_eq!(observed.power_state, Some(Off));
    assert_eq!(log.take(), ["set power off", "clean_up_instance"]);
}

#[tokio::test]
async fn the_inspection_boots_the_ramdisk_once_the_boot_interface_agrees() {
    let mut task = task("http://127.0.0.1:1");
    let (interfaces, _) = interfaces(&task.node, &[On]);
    let inspect = ferric_agent::inspect_agent();
    let outcome = inspect.inspect(&task, &interfaces).await.unwrap();
    let ferric_hardware::InspectOutcome::BootRamdisk(observed) = outcome else { panic!("{outcome:?}") };
    apply(&mut task, &observed);
    assert_eq!(task.agent_url(), None);
    task.node.spec.driver_info.insert("deploy_iso".into(), json!("broken"));
    assert_eq!(inspect.inspect(&task, &interfaces).await.unwrap_err().summary, "no such ISO");
}

#[tokio::test]
async fn steps_that_nobody_has_are_refused() {
    let (_, task, interfaces) = deploying().await;
    let step = Step::new(ferric_model::hardware::InterfaceKind::Bios, "factory_reset", 1);
    for outcome in [
        direct().execute(&task, &interfaces, StepKind::Deploy, &step).await,
        direct().resume(&task, &interfaces, StepKind::Deploy, &step).await,
    ] {
        let error = outcome.map(|outcome: StepOutcome| panic!("{outcome:?}")).unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::Unsupported);
        assert!(error.summary.contains("bios.factory_reset"));
    }
}
