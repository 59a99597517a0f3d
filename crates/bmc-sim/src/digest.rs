//! Checksums by name, and bytes as hexadecimal text.

use md5::Md5;
use sha2::digest::DynDigest;
use sha2::{Sha256, Sha512};

type Make = fn() -> Box<dyn DynDigest + Send>;

/// The algorithms images are checked with, by name and length of their hexadecimal text.
const ALGORITHMS: &[(&str, usize, Make)] = &[
    ("md5", 32, || Box::new(Md5::default())),
    ("sha256", 64, || Box::new(Sha256::default())),
    ("sha512", 128, || Box::new(Sha512::default())),
];

/// A running checksum.
pub(crate) struct Checksum(Box<dyn DynDigest + Send>);

impl Checksum {
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        let (_, _, make) = ALGORITHMS.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known))?;
        Some(Self(make()))
    }

    /// The algorithm whose results are as long as this text.
    pub(crate) fn by_result(text: &str) -> Option<Self> {
        let (_, _, make) = ALGORITHMS.iter().find(|(_, length, _)| *length == text.len())?;
        Some(Self(make()))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// SHA-256 of some bytes, as text.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let mut checksum = Sha256::default();
    DynDigest::update(&mut checksum, bytes);
    hex(&Box::new(checksum).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_found_by_name_and_by_length() {
        let empty = [
            ("MD5", "d41d8cd98f00b204e9800998ecf8427e"),
            ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ];
        for (name, result) in empty {
            assert_eq!(Checksum::by_name(name).unwrap().finish(), result);
            assert_eq!(Checksum::by_result(result).unwrap().finish(), result);
        }
        assert!(Checksum::by_name("crc32").is_none());
        assert!(Checksum::by_result("abc").is_none());
    }
}
