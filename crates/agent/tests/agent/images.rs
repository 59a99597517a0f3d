//! What the agent is told of images of every kind, and which of them are refused before a ramdisk boots.

use crate::fake_agent::{Answer, FakeAgent, serve};
use crate::fake_node::{TOKEN, deploy, instance, interfaces, settle, task};
use crate::registry::{PULL_SECRET, Registry, digest, index, manifest};
use ferric_artifacts::configdrive::ConfigDriveParts;
use ferric_artifacts::image::ImageConfig;
use ferric_hardware::{HardwareError, NodeInterfaces, TaskView};
use ferric_model::power::PowerState::On;
use ferric_model::secret::Secret;
use ferric_model::step::{Step, StepKind};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A node with an agent, and the settings of its images.
struct Scene {
    agent: FakeAgent,
    task: TaskView,
    interfaces: NodeInterfaces,
    config: ImageConfig,
    interface: &'static str,
}

impl Scene {
    async fn with(values: Value) -> Self {
        let agent = FakeAgent::start(TOKEN).await;
        let mut task = task(&agent.url);
        instance(&mut task, values);
        let (interfaces, _) = interfaces(&task.node, &[On]);
        Self { agent, task, interfaces, config: ImageConfig::default(), interface: "direct" }
    }

    async fn execute(&mut self, name: &str) -> Result<&'static str, HardwareError> {
        let deploy = deploy(self.interface, self.config.clone());
        let steps = deploy.steps(StepKind::Deploy, &self.task.node);
        let step: Step = steps.into_iter().find(|step| step.step == name).unwrap();
        let outcome = deploy.execute(&self.task, &self.interfaces, StepKind::Deploy, &step).await?;
        Ok(settle(&mut self.task, &outcome))
    }

    /// What the agent is told to write.
    async fn told(&mut self) -> Value {
        self.execute("write_image").await.unwrap();
        self.agent.posts().pop().unwrap()["params"]["step"]["args"]["image_info"].clone()
    }

    async fn refusal(&mut self) -> String {
        self.execute("deploy").await.unwrap_err().summary
    }
}

#[tokio::test]
async fn partition_images_come_with_the_partitions_around_them() {
    let mut scene = Scene::with(json!({
        "image_source": "http://images/root.ext4", "image_checksum": SHA256, "image_type": "partition",
        "root_gb": "20", "swap_mb": 1024, "ephemeral_gb": 5, "kernel": "http://images/k", "ramdisk": "http://images/r",
        "capabilities": {"boot_mode": "bios", "disk_label": "gpt"},
    }))
    .await;
    let told = scene.told().await;
    for (key, expected) in [
        ("image_type", json!("partition")),
        ("root_mb", json!(20480)),
        ("swap_mb", json!(1024)),
        ("ephemeral_mb", json!(5120)),
        ("ephemeral_format", json!("ext4")),
        ("preserve_ephemeral", json!(false)),
        ("disk_label", json!("gpt")),
        ("deploy_boot_mode", json!("bios")),
        ("boot_option", json!("local")),
        ("kernel", json!("http://images/k")),
    ] {
        assert_eq!(told[key], expected, "{key}");
    }
    scene.agent.succeed();

    // The boot loader goes where the agent made the partitions, with legacy firmware too.
    scene.agent.ends_at_once(
        "get_partition_uuids",
        json!({"root uuid": "r-1", "efi system partition uuid": "e-1", "PReP Boot partition uuid": null}),
    );
    assert_eq!(scene.execute("prepare_instance_boot").await.unwrap(), "wait");
    assert_eq!(
        scene.agent.posts().pop().unwrap()["params"],
        json!({"root_uuid": "r-1", "efi_system_part_uuid": "e-1", "prep_boot_part_uuid": null, "target_boot_mode": "bios"})
    );
}

#[tokio::test]
async fn a_configdrive_of_parts_has_the_network_data_of_the_node_unless_it_brings_its_own() {
    let built = async |own: Option<Value>| {
        let mut drive = json!({"meta_data": {"a": 1}});
        if let Some(data) = own {
            drive["network_data"] = data;
        }
        let mut scene = Scene::with(
            json!({"image_source": "http://h/a", "image_checksum": SHA256, "configdrive": drive}),
        )
        .await;
        scene.task.node.spec.network_data.insert("links".into(), json!(["of the node"]));
        scene.told().await;
        scene.agent.posts().pop().unwrap()["params"]["step"]["args"]["configdrive"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let wanted = |network_data: Value| {
        let parts = json!({"meta_data": {"a": 1}, "network_data": network_data});
        let parts = ConfigDriveParts::from_json(parts.as_object().unwrap()).unwrap();
        parts.build("00000000-0000-0000-0000-000000000007", Some("n7")).unwrap()
    };
    assert_eq!(built(None).await, wanted(json!({"links": ["of the node"]})));
    assert_eq!(built(Some(json!({"links": []}))).await, wanted(json!({"links": []})));
}

#[tokio::test]
async fn without_a_root_partition_no_boot_loader_is_installed() {
    let mut scene =
        Scene::with(json!({"image_source": "http://h/a", "image_checksum": SHA256, "image_type": "partition", "root_gb": 1})).await;
    scene.agent.ends_at_once("get_partition_uuids", json!({}));
    let error = scene.execute("prepare_instance_boot").await.unwrap_err();
    assert_eq!(error.code, "agent-nonsense");
}

#[tokio::test]
async fn credentials_and_proxies_go_where_they_are_meant_to_go() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    let server = serve(move |request| {
        noted.lock().unwrap().push((request.path.clone(), request.authorization.clone()));
        match request.authorization.as_str() {
            "" => Answer::Text(401, String::new()),
            _ if request.path == "/sums" => Answer::Text(200, format!("{SHA256}  a.raw\n")),
            _ => Answer::Text(200, "test".to_owned()),
        }
    })
    .await;
    let host = server.trim_start_matches("http://").to_owned();
    let values =
        json!({"image_source": format!("{server}/a.raw"), "image_checksum": format!("{server}/sums")});

    // User and password of the configuration, for servers that are named there.
    let mut scene = Scene::with(values.clone()).await;
    scene.config.server_user = Some("reader".to_owned());
    scene.config.server_password = Some(Secret::new("s3cret".to_owned()));
    let error = scene.execute("deploy").await.unwrap_err();
    assert_eq!(error.code, "image-denied", "a server that is not named sees nothing: {error}");
    assert!(asked.lock().unwrap().iter().all(|(_, authorization)| authorization.is_empty()));
    scene.config.server_hosts = vec![host];
    scene.execute("deploy").await.unwrap();
    scene.task.node.status.driver_internal_info.insert("agent_url".into(), json!(scene.agent.url));
    let told = scene.told().await;
    assert_eq!(
        (&told["image_server_auth_strategy"], &told["image_server_user"], &told["image_server_password"]),
        (&json!("http_basic"), &json!("reader"), &json!("s3cret"))
    );
    assert_eq!(told["os_hash_value"], json!(SHA256));

    // What the instance brings goes before it.
    let mut scene = Scene::with(values).await;
    instance(&mut scene.task, json!({"image_request_authorization_secret": "Bearer abc"}));
    scene.execute("deploy").await.unwrap();
    assert!(asked.lock().unwrap().contains(&("/a.raw".to_owned(), "Bearer abc".to_owned())));
    scene.task.node.status.driver_internal_info.insert("agent_url".into(), json!(scene.agent.url));
    let told = scene.told().await;
    assert_eq!(
        (&told["image_request_authorization"], &told["image_server_user"]),
        (&json!("QmVhcmVyIGFiYw=="), &Value::Null)
    );

    // Behind a proxy only the agent can look.
    let mut scene =
        Scene::with(json!({"image_source": "http://nowhere.invalid/a.raw", "image_checksum": SHA256})).await;
    scene.task.node.spec.driver_info.insert("image_http_proxy".into(), json!("http://proxy:3128"));
    scene.task.node.spec.driver_info.insert("image_no_proxy".into(), json!("10.0.0.1"));
    scene.execute("deploy").await.unwrap();
    scene.task.node.status.driver_internal_info.insert("agent_url".into(), json!(scene.agent.url));
    let told = scene.told().await;
    assert_eq!(
        (&told["proxies"], &told["no_proxy"]),
        (&json!({"http": "http://proxy:3128"}), &json!("10.0.0.1"))
    );
}

#[tokio::test]
async fn an_image_that_is_not_what_it_is_said_to_be_boots_no_ramdisk() {
    let sent = Arc::new(Mutex::new(0));
    let counted = sent.clone();
    let server = serve(move |request| {
        let mut image = vec![0; 4 << 20];
        match request.path.as_str() {
            "/backed.qcow2" => image[..16].copy_from_slice(b"QFI\xfb\0\0\0\x02\0\0\0\0\0\0\0\x60"),
            "/a.vmdk" => image[..4].copy_from_slice(b"KDMV"),
            _ => {}
        }
        if request.method == "GET" {
            *counted.lock().unwrap() += 1;
        }
        Answer::Bytes(200, image)
    })
    .await;
    for (name, format, word) in [
        ("backed.qcow2", Some("qcow2"), "backing file"),
        ("backed.qcow2", Some("raw"), "declared as raw and is qcow2"),
        ("plain.img", Some("qcow2"), "declared as qcow2 and is raw"),
        ("a.vmdk", None, "vmdk"),
    ] {
        let source = format!("{server}/{name}");
        let mut scene = Scene::with(
            json!({"image_source": source, "image_checksum": SHA256, "image_disk_format": format}),
        )
        .await;
        let refusal = scene.refusal().await;
        assert!(refusal.contains(word), "{name}: {refusal}");
    }
    assert_eq!(*sent.lock().unwrap(), 4, "each is looked at once");
    let mut scene =
        Scene::with(json!({"image_source": format!("{server}/plain.img"), "image_checksum": SHA256})).await;
    scene.task.node.spec.properties.insert("memory_mb".into(), json!(3));
    let refusal = scene.refusal().await;
    assert!(refusal.contains("need 4 MiB of memory"), "{refusal}");
    instance(&mut scene.task, json!({"image_disk_format": "raw"}));
    assert_eq!(scene.execute("deploy").await.unwrap(), "boot ramdisk", "what is streamed needs no memory");
}

#[tokio::test]
async fn a_file_is_fetched_from_the_boot_service_under_the_tasks_token() {
    let server = serve(|request| match request.path.as_str() {
        "/boot/t0ken/image" => Answer::Text(200, "test".to_owned()),
        "/boot/t0ken/image.sha256" => Answer::Text(200, format!("{SHA256}\n")),
        _ => Answer::Text(404, String::new()),
    })
    .await;
    let mut scene =
        Scene::with(json!({"image_source": "file:///var/lib/ferric/a.raw", "image_disk_format": "raw"}))
            .await;
    assert!(scene.refusal().await.contains("serves no artefacts"));
    scene.task.boot_url = Some(format!("{server}/boot/t0ken"));
    assert_eq!(scene.execute("deploy").await.unwrap(), "boot ramdisk");
    scene.task.node.status.driver_internal_info.insert("agent_url".into(), json!(scene.agent.url));
    let told = scene.told().await;
    assert_eq!(told["id"], json!("a.raw"));
    assert_eq!(told["urls"], json!([format!("{server}/boot/t0ken/image")]));
    assert_eq!(told["checksum"], json!(format!("{server}/boot/t0ken/image.sha256")));
    assert_eq!(told["os_hash_algo"], Value::Null);
}

#[tokio::test]
async fn an_image_in_a_registry_is_found_by_architecture_and_kind() {
    let (raw, qcow2, arm) = (vec![0; 100], b"QFI\xfb".to_vec(), vec![1; 100]);
    let manifests = [manifest(Some("a"), &raw), manifest(Some("b"), &qcow2), manifest(Some("c.qcow2"), &arm)];
    let tag = index(&[
        ("amd64", Some("qemu"), &manifests[1]),
        ("amd64", Some("applehv"), &manifests[0]),
        ("arm64", None, &manifests[2]),
    ]);
    let registry =
        Registry::start(vec![("v1", tag)], manifests.to_vec(), vec![raw.clone(), arm.clone()]).await;
    let mut scene =
        Scene::with(json!({"image_source": registry.image("v1"), "image_pull_secret": PULL_SECRET})).await;
    scene.config.plain_http_registries = vec![registry.host.clone()];
    scene.task.node.spec.properties.insert("cpu_arch".into(), json!("x86_64"));
    assert_eq!(scene.execute("deploy").await.unwrap(), "boot ramdisk");
    scene.task.node.status.driver_internal_info.insert("agent_url".into(), json!(scene.agent.url));
    let told = scene.told().await;
    let blob = format!("http://{}/v2/images/disk/blobs/{}", registry.host, digest(&raw));
    assert_eq!((&told["urls"], &told["disk_format"]), (&json!([blob]), &json!("raw")));
    assert_eq!(told["os_hash_value"], json!(digest(&raw).trim_start_matches("sha256:")));
    assert_eq!(
        told["image_request_authorization"],
        json!("QmVhcmVyIHJlZ2lzdHJ5LXRva2Vu"),
        "Bearer registry-token"
    );
    let token_asked = registry.asked.lock().unwrap().iter().any(|line| {
        line.starts_with("GET /token?")
            && line.contains("scope=repository%3Aimages%2Fdisk%3Apull")
            && line.contains("service=small")
    });
    assert!(token_asked, "{:?}", registry.asked.lock().unwrap());

    // By digest, and what cannot be had.
    let by_digest = registry.image(&digest(manifests[2].to_string().as_bytes()));
    instance(&mut scene.task, json!({"image_source": by_digest}));
    assert_eq!(scene.told().await["disk_format"], json!("qcow2"));
    let qcow2_that_is_none = scene.refusal().await;
    assert!(qcow2_that_is_none.contains("declared as qcow2 and is raw"), "{qcow2_that_is_none}");
    instance(&mut scene.task, json!({"image_source": registry.image("v2")}));
    assert_eq!(scene.execute("deploy").await.unwrap_err().code, "image-not-found");
    instance(
        &mut scene.task,
        json!({"image_source": registry.image("v1"), "image_pull_secret": "puller:wrong"}),
    );
    let error = scene.execute("deploy").await.unwrap_err();
    assert_eq!(error.code, "image-denied");
    assert!(!format!("{error:?}").contains("wrong"), "{error:?}");
    scene.task.node.spec.properties.insert("cpu_arch".into(), json!("ppc64le"));
    instance(&mut scene.task, json!({"image_pull_secret": PULL_SECRET}));
    assert!(scene.refusal().await.contains("no image for the architecture ppc64le"));
}

#[tokio::test]
async fn containers_are_installed_by_bootc_and_autodetect_knows_them() {
    let (container, disk) = (manifest(None, b"layer"), manifest(Some("d.raw"), &[0; 100]));
    let registry =
        Registry::start(vec![("os", container), ("disk", disk)], Vec::new(), vec![vec![0; 100]]).await;
    let mut scene =
        Scene::with(json!({"image_source": registry.image("os"), "image_pull_secret": PULL_SECRET,
        "configdrive": "QUFBQQ=="}))
        .await;
    scene.config.plain_http_registries = vec![registry.host.clone()];
    let error = scene.execute("deploy").await.unwrap_err();
    assert!(error.summary.contains("is a container"), "{error}");

    scene.interface = "autodetect";
    assert_eq!(scene.execute("deploy").await.unwrap(), "boot ramdisk");
    let detected = scene.task.node.status.driver_internal_info["detected_deploy_interface"].clone();
    assert_eq!(detected["interface"], json!("bootc"));
    scene.task.node.status.driver_internal_info.insert("agent_url".into(), json!(scene.agent.url));
    assert_eq!(scene.execute("execute_bootc_install").await.unwrap(), "wait");
    let post = scene.agent.posts().pop().unwrap();
    assert_eq!(
        post["params"]["step"]["args"],
        json!({"image_source": registry.image("os"), "configdrive": "QUFBQQ==",
            "oci_pull_secret": "Y0hWc2JHVnlPbk16WTNKbGRBPT0="})
    );
    let text = post["params"]["node"].to_string();
    assert!(!text.contains(PULL_SECRET) && !text.contains("QUFBQQ=="), "{text}");

    // Another image is another deployment.
    instance(&mut scene.task, json!({"image_source": registry.image("disk")}));
    let names = |scene: &Scene| -> Vec<String> {
        let steps = deploy("autodetect", ImageConfig::default()).steps(StepKind::Deploy, &scene.task.node);
        steps.into_iter().map(|step| step.step).collect()
    };
    assert!(names(&scene).contains(&"write_image".to_owned()));
    scene.execute("deploy").await.unwrap();
    let detected = &scene.task.node.status.driver_internal_info["detected_deploy_interface"];
    assert_eq!(detected["interface"], json!("direct"));
    instance(
        &mut scene.task,
        json!({"boot_iso": "http://h/a.iso", "ironic_ramdisk_deploy": true, "image_source": null}),
    );
    assert_eq!(names(&scene), ["deploy"], "ramdisk");
}
