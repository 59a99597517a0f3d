//! Ports that are listened on, as the kernel tells.
//!
//! Source: proc(5), `/proc/pid/net/tcp`: the local address, and state 0A for a socket that listens.

use std::fs::read_to_string;

/// Whether some process listens on the port.
pub fn is_listening(port: u16) -> bool {
    let tables =
        ["/proc/self/net/tcp", "/proc/self/net/tcp6"].map(|path| read_to_string(path).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines()).any(|line| listens(line, port))
}

fn listens(line: &str, port: u16) -> bool {
    let mut words = line.split_whitespace().skip(1);
    let local = words.next().and_then(|address| address.rsplit(':').next());
    local.and_then(|digits| u16::from_str_radix(digits, 16).ok()) == Some(port) && words.nth(1) == Some("0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_port_is_listened_on_until_its_listener_is_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_listening(port));
        drop(listener);
        assert!(!is_listening(port));
    }
}
