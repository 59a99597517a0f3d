//! The launcher by itself: what it refuses, and what it is confined to.

use crate::bmc::{Bmc, is_installed};
use serde_json::{Value, json};
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Starts the launcher as another user where this test runs as root, and hands it a request.
fn launch(request: &str) -> (Child, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("launcher");
    std::fs::copy(env!("CARGO_BIN_EXE_ferric-console-launcher"), &path).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("/usr/bin/setpriv");
    if is_root() {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    command.arg("--").arg(path).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(request.as_bytes()).unwrap();
    (child, folder)
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
}

fn request(bmc: &Bmc) -> Value {
    let target = bmc.target();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    json!({
        "node": uuid::Uuid::nil(), "host": target.host, "port": target.port, "username": target.username,
        "password": "calvin", "kg_key": null, "privilege": "ADMINISTRATOR", "cipher_suite": 3,
        "listen": "127.0.0.1", "listen_port": port, "idle_timeout_secs": 0,
    })
}

#[test]
fn it_gives_up_every_privilege_and_ends_with_its_standard_input() {
    if !is_installed() {
        return;
    }
    let bmc = Bmc::start();
    let (mut child, _folder) = launch(&format!("{}\n", request(&bmc)));
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");

    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}:")))
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    assert_eq!((line("NoNewPrivs").as_str(), line("Threads").as_str()), ("1", "1"));
    for set in ["CapEff", "CapPrm", "CapInh"] {
        assert_eq!(line(set), "0000000000000000", "{set}");
    }
    assert_ne!(line("Uid").split_whitespace().next(), Some("0"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(limit("Max core file size").split_whitespace().nth(4) == Some("0"), "{limits}");
    assert!(limit("Max file size").split_whitespace().nth(3) == Some("0"), "{limits}");
    let arguments = std::fs::read_to_string(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(!arguments.contains("calvin"));

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let mut audit = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut audit).unwrap();
    let lines: Vec<&str> = audit.lines().collect();
    assert!(
        lines[0].starts_with("console starts node=00000000") && lines[1].starts_with("console ends"),
        "{audit}"
    );
    assert!(!audit.contains("calvin"));
}

#[test]
fn what_it_does_not_know_it_refuses() {
    if !is_installed() {
        return;
    }
    let bmc = Bmc::start();
    let mut with_program = request(&bmc);
    with_program["program"] = json!("/bin/sh");
    let mut with_option = request(&bmc);
    with_option["host"] = json!("-oProxyCommand=id");
    for text in [
        String::new(),
        "{}\n".to_owned(),
        "calvin\n".to_owned(),
        format!("{with_program}\n"),
        format!("{with_option}\n"),
        format!("{{\"password\": \"calvin{}\n", "x".repeat(9000)),
    ] {
        let (child, _folder) = launch(&text);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with("console refused: ") && !said.contains("calvin"), "{said}");
        assert!(output.stdout.is_empty());
    }
}
