//! One run of the program.

use super::Command;
use crate::access::Access;
use crate::config::IpmiConfig;
use crate::error::IpmiError;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::Stdio;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::time::timeout;

/// More than this is not read of what the program says.
const LONGEST_OUTPUT: u64 = 64 * 1024;

/// Words that the program says besides its answer whenever a BMC does not list its cipher suites.
const CHATTER: &str = "Unable to Get Channel Cipher Suites";

/// Runs one command and gives what the program wrote to its standard output.
///
/// Secrets travel in the program's environment, which only its own user and root can read. Whoever drops the future kills
/// the program.
pub async fn run(config: &IpmiConfig, access: &Access, command: Command<'_>) -> Result<String, IpmiError> {
    let mut program = tokio::process::Command::new(&config.program);
    program
        .args(&access.arguments)
        .arg("-E")
        .env("LC_ALL", "C")
        .env_remove("IPMI_PASSWORD")
        .env("IPMITOOL_PASSWORD", access.password.expose())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(key) = &access.kg_key {
        program.arg("-K").env("IPMI_KGKEY", OsString::from_vec(key.expose().clone()));
    }
    program.args(command.words);
    let child = program
        .spawn()
        .map_err(|error| IpmiError::Program { program: config.program.clone(), reason: error.to_string() })?;
    let ended = timeout(config.command_timeout(), end(child)).await;
    let (succeeded, out, err) = match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) => {
            return Err(IpmiError::Program { program: config.program.clone(), reason: error.to_string() });
        }
        Err(_) => return Err(IpmiError::Deadline { secs: config.command_timeout().as_secs() }),
    };
    if succeeded {
        return Ok(out);
    }
    let said: Vec<&str> = err
        .lines()
        .chain(out.lines())
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != CHATTER)
        .collect();
    Err(IpmiError::of_output(&command.to_string(), without_secrets(access, said.join("; "))))
}

/// Whether it ended well, and what it wrote.
async fn end(mut child: Child) -> std::io::Result<(bool, String, String)> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err, status) = tokio::join!(read(out), read(err), child.wait());
    Ok((status?.success(), out, err))
}

/// Reads to the end, and keeps the beginning.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let mut kept = Vec::new();
    let mut head = (&mut stream).take(LONGEST_OUTPUT);
    if head.read_to_end(&mut kept).await.is_ok() {
        // What is not read would make the program wait.
        drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn without_secrets(access: &Access, said: String) -> String {
    match access.password.expose().as_str() {
        "" => said,
        password => said.replace(password, "***"),
    }
}
