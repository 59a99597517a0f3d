//! Asking a prompter on this computer what a fake node is to do.
//!
//! **Shape**: a connection for each question, one line each way. The question is
//! `{"node": "<uuid>", "point": "deploy.deploy", "moment": "before"}`; its answer is a word: `go` or nothing in particular,
//! `fail`; of a step also `wait`, `boot` and `reboot`, its outcome; of a probe `done` or `not done`. A prompter that keeps the
//! answer back keeps the node where it is, which is what it is for.

use crate::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use ferric_model::node::Node;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How long an answer may be kept back.
const PATIENCE: Duration = Duration::from_secs(300);

/// When the prompter is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing has happened yet.
    Before,
    /// Now it happens.
    Act,
    /// It has happened, and nobody was told yet.
    After,
    /// Somebody wants to know whether it happened.
    Probe,
}

impl Moment {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Act => "act",
            Self::After => "after",
            Self::Probe => "probe",
        }
    }
}

/// Asks; the answer is a word.
///
/// **Errors**: `InvalidParameter` when the prompter is not on this computer, `Unreachable` when it does not answer.
pub async fn ask(prompter: &str, node: &Node, point: &str, moment: Moment) -> Result<String, HardwareError> {
    let address: SocketAddr =
        prompter.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback()).ok_or_else(|| {
            HardwareError::invalid(
                "fake_script is no address of this computer",
                "set it to 127.0.0.1:PORT, or remove it from the node's driver_info",
            )
        })?;
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        let question = json!({"node": node.uuid, "point": point, "moment": moment.as_str()});
        stream.write_all(format!("{question}\n").as_bytes()).await?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.trim().to_owned())
    };
    let silent = |reason: String| {
        HardwareError::new(
            HardwareErrorKind::Unreachable,
            code::FAKE_SCRIPT_UNREACHABLE,
            format!("the prompter of the fake node does not answer: {reason}"),
            "start it, or remove fake_script from the node's driver_info",
        )
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(silent(error.to_string())),
        Err(_) => Err(silent("it was waited for long enough".to_owned())),
    }
}
