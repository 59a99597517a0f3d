//! The boot service over tickets in memory: every file, by token and by card, over TFTP, and what is told of it.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::process::Command;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ferric_boot::{ARTIFACTS, BootConfig, BootService, BootServiceError, Tickets};
use ferric_model::action::Action;
use ferric_model::boot::{BootFetch, BootPurpose, BootTicket};
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use futures::TryStreamExt;
use serde_json::json;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const MAC: &str = "52:54:00:00:00:01";
/// What there is for installers alone.
const OF_INSTALLERS: [&str; 5] =
    ["ks.cfg", "preseed.cfg", ".treeinfo", "LiveOS/squashfs.img", "images/install.img"];
const SECRET: &str = "agent-token-of-43-characters-0123456789-abcd";

/// One ticket, and what was told.
#[derive(Debug)]
struct OneTicket {
    ticket: BootTicket,
    told: Mutex<Vec<BootFetch>>,
}

#[async_trait]
impl Tickets for OneTicket {
    async fn find(&self, token: &str) -> ferric_boot::Result<Option<BootTicket>> {
        Ok((token == self.ticket.token).then(|| self.ticket.clone()))
    }

    async fn find_by_mac(&self, mac: &str) -> ferric_boot::Result<Option<BootTicket>> {
        Ok((mac == MAC).then(|| self.ticket.clone()))
    }

    async fn report(&self, _: &str, fetches: Vec<BootFetch>) -> ferric_boot::Result<()> {
        self.told.lock().unwrap().extend(fetches);
        Ok(())
    }

    async fn log(&self, token: &str, _: &str) -> ferric_boot::Result<bool> {
        Ok(token == self.ticket.token)
    }
}

struct Stage {
    tickets: Arc<OneTicket>,
    boot: BootService,
    _folder: TempDir,
}

fn stage(interface: &str, change: impl FnOnce(&mut BootTicket)) -> Stage {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        format!("file://{}", path.display())
    };
    let config = BootConfig {
        kernel: Some(write("kernel", &[1; 5000])),
        ramdisk: Some(write("ramdisk", &[2; 7001])),
        stub: Some(write("stub", &stub())),
        kernel_append_params: "nofb".to_owned(),
        file_roots: vec![folder.path().to_owned()],
        loader_dir: Some(folder.path().to_owned()),
        ..BootConfig::default()
    };
    write("snponly.efi", b"a loader");
    let image = write("image.raw", b"abc");
    let mut node =
        Node::new(Uuid::from_u128(5), "redfish", ProvisionState::Cleaning, OffsetDateTime::UNIX_EPOCH);
    node.spec.interfaces.insert(InterfaceKind::Boot, interface.to_owned());
    node.spec.network_data.insert("links".to_owned(), json!([]));
    node.spec.instance_info.insert("image_source".to_owned(), json!(image));
    let mut ticket = BootTicket {
        token: "t".repeat(43),
        purpose: BootPurpose::Ramdisk,
        node,
        action: Some(Action::Clean),
        base_url: format!("http://boot:8080/boot/{}", "t".repeat(43)),
        api_url: "http://api".to_owned(),
        agent_token: Some(SECRET.to_owned()),
        boot_interface: Some(MAC.to_owned()),
        inspection_callback_url: None,
        publisher_id: "p".to_owned(),
    };
    change(&mut ticket);
    let tickets = Arc::new(OneTicket { ticket, told: Mutex::default() });
    let boot = BootService::new(tickets.clone(), config).unwrap();
    Stage { tickets, boot, _folder: folder }
}

/// An EFI program with one section.
fn stub() -> Vec<u8> {
    let mut image = vec![0; 0x600];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &0x40u32.to_le_bytes());
    put(0x40, b"PE\0\0\x64\x86\x01\0");
    put(0x54, &240u16.to_le_bytes());
    put(0x58, &0x20bu16.to_le_bytes());
    for (offset, value) in [(32, 0x1000u32), (36, 0x200), (56, 0x2000), (60, 0x400), (108, 16)] {
        put(0x58 + offset, &value.to_le_bytes());
    }
    for (offset, value) in [(8, 0x200u32), (12, 0x1000), (16, 0x200), (20, 0x400), (36, 0x6000_0020)] {
        put(0x148 + offset, &value.to_le_bytes());
    }
    image
}

async fn read(boot: &BootService, path: &str) -> Result<Vec<u8>, BootServiceError> {
    let opened = boot.open(path, false).await?;
    let total_bytes = opened.total_bytes;
    let pieces: Vec<Bytes> = opened.stream(0..total_bytes).try_collect().await?;
    let content = pieces.concat();
    assert_eq!(content.len() as u64, total_bytes, "{path}");
    Ok(content)
}

async fn text(boot: &BootService, path: &str) -> String {
    String::from_utf8(read(boot, path).await.unwrap()).unwrap()
}

#[tokio::test]
async fn every_file_of_an_attempt_can_be_read() {
    let Stage { tickets, boot, _folder } = stage("redfish-https", |_| {});
    let token = tickets.ticket.token.clone();
    for row in ARTIFACTS.iter().filter(|row| !OF_INSTALLERS.contains(&row.file)) {
        let content = read(&boot, &format!("{token}/{}", row.file)).await.unwrap();
        assert!(!content.is_empty(), "{}", row.file);
    }
    let ramdisk = read(&boot, &format!("{token}/ramdisk")).await.unwrap();
    let own = String::from_utf8_lossy(&ramdisk[7001..]).into_owned();
    assert!(ramdisk.starts_with(&[2; 7001]) && own.contains("openstack/latest/network_data.json"));
    for file in OF_INSTALLERS {
        let answer = read(&boot, &format!("{token}/{file}")).await;
        assert!(matches!(answer, Err(BootServiceError::NotFound)), "{file}");
    }
    for path in
        [&format!("{token}/other"), &format!("{}/kernel", "u".repeat(43)), "nowhere/kernel", "../kernel"]
    {
        assert!(matches!(read(&boot, path).await, Err(BootServiceError::NotFound)), "{path}");
    }
}

#[tokio::test]
async fn the_agent_gets_the_image_that_lies_here_and_no_other_file() {
    let Stage { boot, tickets, _folder } = stage("redfish-https", |_| {});
    let token = tickets.ticket.token.clone();
    assert_eq!(read(&boot, &format!("{token}/image")).await.unwrap(), b"abc");
    for _ in 0..2 {
        assert_eq!(
            text(&boot, &format!("{token}/image.sha256")).await,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
        );
    }
    for source in ["http://h/image.raw", "file:///etc/passwd", "file:///proc/self/environ", ""] {
        let Stage { boot, tickets, _folder } = stage("redfish-https", |ticket| {
            ticket.node.spec.instance_info.insert("image_source".to_owned(), json!(source));
        });
        let answer = read(&boot, &format!("{}/image", tickets.ticket.token)).await;
        assert!(answer.is_err(), "{source:?}");
    }
}

#[tokio::test]
async fn an_installer_gets_its_answers_and_its_second_stage() {
    let anaconda = |ticket: &mut BootTicket| {
        ticket.action = Some(Action::Deploy);
        ticket.node.spec.interfaces.insert(InterfaceKind::Deploy, "anaconda".to_owned());
        let info = &mut ticket.node.spec.instance_info;
        let file = info.insert("image_source".to_owned(), json!("http://images/os.tar.gz")).unwrap();
        for key in ["kernel", "ramdisk", "stage2"] {
            info.insert(key.to_owned(), file.clone());
        }
    };
    let Stage { boot, tickets, _folder } = stage("redfish-virtual-media", anaconda);
    let token = tickets.ticket.token.clone();
    let answers = text(&boot, &format!("{token}/ks.cfg")).await;
    for words in ["liveimg --url=http://images/os.tar.gz", "http://api/v1/heartbeat/", SECRET, "%onerror"] {
        assert!(answers.contains(words), "{words}: {answers}");
    }
    let tree = text(&boot, &format!("{token}/.treeinfo")).await;
    assert!(tree.contains("LiveOS/squashfs.img"), "{tree}");
    assert_eq!(read(&boot, &format!("{token}/LiveOS/squashfs.img")).await.unwrap(), b"abc");
    assert!(matches!(read(&boot, &format!("{token}/preseed.cfg")).await, Err(BootServiceError::NotFound)));
    boot.take_log(&format!("{token}/log"), "a line").await.unwrap();
    for path in [format!("{}/log", "u".repeat(43)), format!("{token}/kernel"), "log".to_owned()] {
        assert!(matches!(boot.take_log(&path, "a line").await, Err(BootServiceError::NotFound)), "{path}");
    }
    // The last word of the installer takes its token away, and its answers with it.
    let Stage { boot, tickets, _folder } = stage("redfish-virtual-media", |ticket| {
        anaconda(ticket);
        ticket.agent_token = None;
    });
    let answer = read(&boot, &format!("{}/ks.cfg", tickets.ticket.token)).await;
    assert!(matches!(answer, Err(BootServiceError::NotFound)));
}

#[tokio::test]
async fn a_card_finds_its_script_and_no_secret_in_it() {
    let Stage { boot, tickets, _folder } = stage("ipxe", |_| {});
    let kernel = format!("{}/kernel", tickets.ticket.base_url);
    let hyphens = MAC.replace(':', "-");
    for (path, words) in [
        (format!("pxelinux.cfg/{hyphens}"), kernel.clone()),
        (format!("pxelinux.cfg/01-{hyphens}"), kernel.clone()),
        (format!("grub.cfg-01-{hyphens}"), kernel.replace("http://boot:8080", "(http,boot:8080)")),
        (format!("{MAC}.conf"), kernel.replace("http://boot:8080", "(http,boot:8080)")),
    ] {
        let script = text(&boot, &path).await;
        assert!(script.contains(&words), "{path}: {script}");
        assert!(script.contains("ipa-api-url=http://api") && !script.contains(SECRET), "{path}: {script}");
        assert!(!script.contains("boot_method=vmedia") && !script.contains("ir_pub_id"), "{path}: {script}");
    }
    assert!(text(&boot, "boot.ipxe").await.contains("pxelinux.cfg/${mac:hexhyp}"));
    assert!(text(&boot, "grub/grub.cfg").await.contains("$net_default_mac.conf"));
    assert_eq!(text(&boot, "snponly.efi").await, "a loader");
    for path in ["pxelinux.cfg/52-54-00-00-00-02", "missing.efi", ".hidden"] {
        assert!(matches!(read(&boot, path).await, Err(BootServiceError::NotFound)), "{path}");
    }
}

#[tokio::test]
async fn media_of_the_node_alone_carry_its_token() {
    let Stage { boot, tickets, _folder } = stage("redfish-https", |_| {});
    let uki = read(&boot, &format!("{}/boot.efi", tickets.ticket.token)).await.unwrap();
    let line = format!("ipa-agent-token={SECRET} BOOTIF={MAC} boot_method=vmedia ir_pub_id=p");
    assert!(String::from_utf8_lossy(&uki).contains(&line));
}

#[tokio::test]
async fn instances_boot_what_they_name() {
    let iso = tempfile::tempdir().unwrap();
    let Stage { boot, tickets, _folder } = stage("ipxe", |ticket| {
        ticket.purpose = BootPurpose::Instance;
        ticket.action = None;
        let info = &mut ticket.node.spec.instance_info;
        info.insert("kernel".to_owned(), json!("http://images/vmlinuz"));
        info.insert("ramdisk".to_owned(), json!("http://images/initrd"));
        info.insert("ramdisk_kernel_arguments".to_owned(), json!("a=1"));
    });
    let script = text(&boot, &format!("pxelinux.cfg/{}", MAC.replace(':', "-"))).await;
    assert!(script.contains("/kernel root=/dev/ram0 text a=1 BOOTIF"), "{script}");

    let Stage { boot, _folder, .. } = stage("ipxe", |ticket| {
        ticket.purpose = BootPurpose::Instance;
        let url = format!("file://{}/live.iso", iso.path().display());
        ticket.node.spec.instance_info.insert("boot_iso".to_owned(), json!(url));
    });
    let script = text(&boot, &format!("pxelinux.cfg/{}", MAC.replace(':', "-"))).await;
    assert!(
        script.contains(&format!(
            "sanboot --no-describe http://boot:8080/boot/{}/boot.iso",
            tickets.ticket.token
        )),
        "{script}"
    );
}

#[tokio::test]
async fn what_goes_out_is_told_and_what_fails_too() {
    let Stage { boot, tickets, _folder } = stage("redfish-virtual-media", |ticket| {
        let info = &mut ticket.node.spec.driver_info;
        info.insert("deploy_ramdisk".to_owned(), json!("file:///nowhere/ramdisk"));
    });
    let token = tickets.ticket.token.clone();
    boot.open(&format!("{token}/kernel"), true).await.unwrap();
    read(&boot, &format!("{token}/kernel")).await.unwrap();
    let error = read(&boot, &format!("{token}/boot.iso")).await.unwrap_err();
    assert!(error.to_string().starts_with("the origin of the ramdisk: "), "{error}");
    let stop = CancellationToken::new();
    stop.cancel();
    boot.run(stop).await;
    let told = tickets.told.lock().unwrap();
    let of = |file: &str| told.iter().find(|fetch| fetch.file == file).unwrap();
    let kernel = of("kernel");
    assert_eq!((kernel.head, kernel.get, kernel.more_bytes, kernel.total_bytes), (true, true, 5000, 5000));
    assert_eq!(of("boot.iso").error.as_deref(), Some(error.to_string().as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn tftp_has_loaders_and_scripts_and_nothing_else() {
    let curl = Command::new("curl").arg("--version").output();
    if !curl.is_ok_and(|about| String::from_utf8_lossy(&about.stdout).contains("tftp")) {
        eprintln!("skipped: there is no curl here that speaks TFTP");
        return;
    }
    let Stage { boot, tickets, _folder } = stage("pxe", |_| {});
    let listen = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn({
        let (boot, stop) = (boot.clone(), stop.clone());
        async move { boot.serve_tftp(listen, stop).await }
    });
    let fetch = async |path: &str| {
        let url = format!("tftp://{listen}/{path}");
        let fetched = tokio::task::spawn_blocking(move || {
            Command::new("curl")
                .args(["--silent", "--path-as-is", "--max-time", "20", "--retry", "3", &url])
                .output()
                .unwrap()
        });
        fetched.await.unwrap()
    };
    assert_eq!(fetch("snponly.efi").await.stdout, b"a loader");
    let config = fetch(&format!("pxelinux.cfg/01-{}", MAC.replace(':', "-"))).await.stdout;
    assert!(String::from_utf8_lossy(&config).contains("ipappend 2"));
    for path in
        [format!("{}/kernel", tickets.ticket.token), "ramdisk/../kernel".to_owned(), "missing".to_owned()]
    {
        assert!(!fetch(&path).await.status.success(), "{path}");
    }
    stop.cancel();
    server.await.unwrap().unwrap();
}
