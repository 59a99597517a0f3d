//! The program itself.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn it_prints_its_urls_and_stops_when_told_to() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ferric-bmc-sim"))
        .args(["--servers", "2", "--listen", "127.0.0.1:0", "--power-delay-ms", "10..20"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let printed: Vec<String> = lines.by_ref().take(4).collect();
    assert!(printed[0].starts_with("redfish http://127.0.0.1:") && printed[0].ends_with("/redfish/v1/"));
    assert!(
        printed[3].starts_with("server 1 /redfish/v1/Systems/") && printed[3].ends_with("52:54:00:00:00:03")
    );
    let stopped = Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(program.wait().unwrap().success());
    assert_eq!(lines.next(), None);
}

#[test]
fn wrong_settings_are_named() {
    for (arguments, word) in
        [(["--power-delay-ms", "9..x"], "number"), (["--power-delay-ms", "9..3"], "power_delay_ms")]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_ferric-bmc-sim"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains(word));
    }
}
