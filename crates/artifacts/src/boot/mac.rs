//! Hardware addresses as boot files spell them.

use std::fmt;
use std::str::FromStr;

use crate::{ArtifactError, Result};

/// An Ethernet address; `Display` writes `52:54:00:12:34:56`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacAddress([u8; 6]);

impl MacAddress {
    /// The address with hyphens, as PXE files are named.
    pub fn hyphenated(self) -> String {
        self.to_string().replace(':', "-")
    }
}

impl FromStr for MacAddress {
    type Err = ArtifactError;

    /// Takes colons or hyphens and either case.
    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || ArtifactError::invalid("MAC address", format!("{text:?} is not six hexadecimal pairs"));
        let separator = if text.contains('-') { '-' } else { ':' };
        let mut pairs = text.split(separator);
        let mut octets = [0; 6];
        for octet in &mut octets {
            let pair = pairs.next().ok_or_else(wrong)?;
            if pair.len() != 2 || !pair.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(wrong());
            }
            *octet = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        if pairs.next().is_some() { Err(wrong()) } else { Ok(Self(octets)) }
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for text in ["52:54:00:AB:cd:0e", "52-54-00-ab-CD-0E"] {
            let mac: MacAddress = text.parse().unwrap();
            assert_eq!(
                (mac.to_string().as_str(), mac.hyphenated().as_str()),
                ("52:54:00:ab:cd:0e", "52-54-00-ab-cd-0e")
            );
        }
        let bad = [
            "",
            "52:54:00:ab:cd",
            "52:54:00:ab:cd:0e:0f",
            "52:54:00:ab:cd:+e",
            "52-54:00:ab:cd:0e",
            "52:54:00:ab:cd:0e\n",
        ];
        for text in bad {
            assert_eq!(text.parse::<MacAddress>().unwrap_err().kind(), "invalid", "{text:?}");
        }
    }
}
