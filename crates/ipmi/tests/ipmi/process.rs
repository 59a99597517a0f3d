//! How the program is run: without secrets on its command line, one at a time for each BMC, never for ever.

use crate::program::Rig;
use ferric_ipmi::IpmiConfig;
use serde_json::json;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;

/// A pipe that the program holds open for as long as it lives.
struct Lifeline(Option<File>);

impl Lifeline {
    /// `react` for a program that says "begun" and then does nothing.
    const REACT: &str = "exec 3>$dir/lifeline; echo begun >&3; exec sleep 600";

    fn make(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("lifeline");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    /// Waits until the program has begun.
    async fn begun(path: std::path::PathBuf) -> Self {
        tokio::task::spawn_blocking(move || {
            let mut file = File::open(path).unwrap();
            let mut word = [0; 6];
            file.read_exact(&mut word).unwrap();
            assert_eq!(&word, b"begun\n");
            Self(Some(file))
        })
        .await
        .unwrap()
    }

    /// Waits until the program is dead.
    async fn dead(mut self) {
        let mut file = self.0.take().unwrap();
        let read = tokio::task::spawn_blocking(move || file.read_to_end(&mut Vec::new()));
        assert_eq!(read.await.unwrap().unwrap(), 0);
    }
}

#[tokio::test]
async fn secrets_travel_in_the_environment_and_are_never_quoted() {
    let mut rig = Rig::new();
    rig.node.spec.driver_info.insert("ipmi_hex_kg_key".into(), json!("6b67"));
    rig.on("power status", "echo \"refused: $IPMITOOL_PASSWORD $IPMI_KGKEY\" >&2; return 1");
    let error = rig.power().get_power_state(&rig.node).await.unwrap_err();
    assert_eq!(
        error.evidence.as_deref(),
        Some("refused: *** kg"),
        "the test's own key is quoted, the password is not"
    );
    let calls = fs::read_to_string(rig.file("calls")).unwrap();
    assert!(!calls.contains("calvin") && !calls.contains("6b67") && !calls.contains("-P"), "{calls}");
    assert_eq!(fs::read_to_string(rig.file("passwords")).unwrap(), "calvin\n");
}

#[tokio::test]
async fn a_program_that_hangs_is_killed_at_its_deadline() {
    let config = IpmiConfig { command_timeout_ms: 300, retry_timeout_ms: 1, ..IpmiConfig::default() };
    let mut rig = Rig::with(config);
    rig.on("power status", Lifeline::REACT);
    let path = Lifeline::make(rig.path());
    let power = rig.power();
    let (read, lifeline) = tokio::join!(power.get_power_state(&rig.node), Lifeline::begun(path));
    assert_eq!(read.unwrap_err().code, "ipmi-timeout");
    lifeline.dead().await;
}

#[tokio::test]
async fn a_program_that_nobody_waits_for_is_killed() {
    let mut rig = Rig::new();
    rig.on("power status", Lifeline::REACT);
    let path = Lifeline::make(rig.path());
    let (power, node) = (rig.power(), rig.node.clone());
    let waiting = tokio::spawn(async move { power.get_power_state(&node).await });
    let lifeline = Lifeline::begun(path).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    lifeline.dead().await;
}

#[tokio::test]
async fn commands_for_one_bmc_never_overlap() {
    let mut rig = Rig::new();
    for _ in 0..8 {
        rig.on(
            "power status",
            "mkdir $dir/inside || return 1; sleep 0.02; rmdir $dir/inside; echo 'Chassis Power is on'",
        );
    }
    let power = rig.power();
    let reads = (0..8).map(|_| {
        let (power, node) = (std::sync::Arc::clone(&power), rig.node.clone());
        tokio::spawn(async move { power.get_power_state(&node).await })
    });
    for read in reads.collect::<Vec<_>>() {
        assert!(read.await.unwrap().unwrap().is_some());
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let rig = Rig::new();
    fs::remove_file(rig.file("ipmitool")).unwrap();
    let error = rig.power().get_power_state(&rig.node).await.unwrap_err();
    assert_eq!(error.code, "ipmitool-missing");
    assert!(error.summary.contains("ipmitool") && error.advice.contains("ipmi.program"));
}
