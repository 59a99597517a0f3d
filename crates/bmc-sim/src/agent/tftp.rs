//! A reader of files by TFTP (RFC 1350).

use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::fetch::FetchFailure;

const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 4;
const BLOCK: usize = 512;
const READ: u16 = 1;
const DATA: u16 = 3;
const ACKNOWLEDGE: u16 = 4;
const ERROR: u16 = 5;
/// The usual port.
const PORT: u16 = 69;

/// Reads a file; `server` may name a port.
pub(super) async fn read(server: &str, path: &str) -> Result<Vec<u8>, FetchFailure> {
    let failed = |error: std::io::Error| FetchFailure::new(format!("TFTP failed: {error}"));
    let address = if server.contains(':') { server.to_owned() } else { format!("{server}:{PORT}") };
    let socket = UdpSocket::bind("0.0.0.0:0").await.map_err(failed)?;
    let request = [&READ.to_be_bytes()[..], path.as_bytes(), b"\0octet\0"].concat();
    let mut peer = tokio::net::lookup_host(&address).await.map_err(failed)?.next();
    let mut said = request;
    let mut content = Vec::new();
    let mut expected: u16 = 1;
    let mut buffer = [0; BLOCK + 4];
    let mut attempt = 0;
    loop {
        let Some(to) = peer else { return Err(FetchFailure::new("the TFTP server has no address")) };
        socket.send_to(&said, to).await.map_err(failed)?;
        let Ok(received) = timeout(PATIENCE, socket.recv_from(&mut buffer)).await else {
            attempt += 1;
            if attempt == ATTEMPTS {
                return Err(FetchFailure::new("the TFTP server does not answer"));
            }
            continue;
        };
        let (length, from) = received.map_err(failed)?;
        let packet = &buffer[..length];
        let number = |at: usize| packet.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        match (number(0), number(2)) {
            (Some(DATA), Some(block)) if block == expected => {
                attempt = 0;
                peer = Some(from);
                content.extend_from_slice(&packet[4..]);
                said = [ACKNOWLEDGE.to_be_bytes(), block.to_be_bytes()].concat();
                expected = expected.wrapping_add(1);
                if length < BLOCK + 4 {
                    socket.send_to(&said, from).await.map_err(failed)?;
                    return Ok(content);
                }
            }
            (Some(DATA), _) => {}
            (Some(ERROR), Some(code)) => {
                let status = if code == 1 { Some(404) } else { None };
                return Err(FetchFailure { status, reason: format!("TFTP error {code}") });
            }
            _ => return Err(FetchFailure::new("the TFTP server answered nonsense")),
        }
    }
}
