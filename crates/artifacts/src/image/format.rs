//! What an image is, seen from its first bytes, and whether it could make its reader open anything else.
//!
//! Nothing here trusts a name or a declaration: an image that says it is raw and begins as qcow2 would be interpreted by
//! whatever converts it, with the files that it names. Source: `contract: boot-and-images` section 7; the qcow2
//! specification of QEMU (`docs/interop/qcow2.txt`), ECMA-119 section 8, UEFI 2.10 section 5.2.3.

use crate::{ArtifactError, Result};

const WHAT: &str = "image";

/// How much of an image is looked at: up to the end of ISO 9660's first volume descriptor.
pub const INSPECTED_BYTES: u64 = 40 * 1024;

/// Formats that may be deployed.
pub const PERMITTED_FORMATS: [&str; 4] = ["raw", "gpt", "qcow2", "iso"];

/// Format and the signature by which it is known, with its place.
///
/// Formats that are refused are known too, so that they can be named.
const SIGNATURES: [(&str, usize, &[u8]); 11] = [
    ("qcow2", 0, b"QFI\xfb"),
    ("iso", 0x8001, b"CD001"),
    ("vmdk", 0, b"KDMV"),
    ("vmdk", 0, b"COWD"),
    ("vmdk", 0, b"# Disk Des"),
    ("vhdx", 0, b"vhdxfile"),
    ("vhd", 0, b"conectix"),
    ("vdi", 0x40, b"\x7f\x10\xda\xbe"),
    ("qed", 0, b"QED\0"),
    ("luks", 0, b"LUKS\xba\xbe"),
    ("parallels", 0, b"WithoutFreeSpace"),
];

/// The partition table's signature and the type of the partition that protects a GPT.
const MBR_SIGNATURE: (usize, &[u8]) = (510, &[0x55, 0xaa]);
const GPT_PROTECTIVE: u8 = 0xee;

/// Incompatible features of qcow2 that change nothing about where content comes from: dirty, corrupt, compression type,
/// extended entries of the second level.
const QCOW2_KNOWN_FEATURES: u64 = 0b1_1011;
const QCOW2_EXTERNAL_DATA: u64 = 0b100;
const QCOW2_BACKING_NAME: u32 = 0xe279_2aca;
const QCOW2_DATA_NAME: u32 = 0x4441_5441;

/// Every format as which the bytes can be read; none means raw.
pub fn detect(start: &[u8]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    for (format, at, signature) in SIGNATURES {
        if has(start, at, signature) && !found.contains(&format) {
            found.push(format);
        }
    }
    let protected = (0..4).any(|entry| start.get(446 + 16 * entry + 4) == Some(&GPT_PROTECTIVE));
    if has(start, MBR_SIGNATURE.0, MBR_SIGNATURE.1) && protected {
        found.push("gpt");
    }
    found
}

/// Whether an image that begins like this may be deployed as what it was declared to be; gives its format.
///
/// Errors: `Invalid` when it is not what it was declared to be, can be read as two things, or refers to other files;
/// `Unsupported` for a format that is never deployed.
pub fn check(start: &[u8], declared: Option<&str>) -> Result<&'static str> {
    let found = detect(start);
    // An ISO that also boots from a disk has both; anything else that is two things at once is made to deceive.
    let format = match found[..] {
        [] => "raw",
        [one] => one,
        ["iso", "gpt"] if declared == Some("iso") => "iso",
        ["iso", "gpt"] => "gpt",
        _ => {
            return Err(invalid(format!(
                "it can be read as {}, which is never right",
                found.join(" and as ")
            )));
        }
    };
    if !PERMITTED_FORMATS.contains(&format) {
        return Err(ArtifactError::Unsupported {
            what: "image format",
            value: format.to_owned(),
            supported: "raw, gpt, qcow2 and iso",
        });
    }
    // What is written as it is need not be told apart.
    let same = declared.is_none_or(|declared| declared == format || (declared, format) == ("raw", "gpt"));
    if !same {
        let declared = declared.unwrap_or_default();
        return Err(invalid(format!("it was declared as {declared} and is {format}")));
    }
    if format == "qcow2" {
        check_qcow2(start)?;
    }
    Ok(format)
}

/// Refuses a qcow2 that takes content from another file, or has features that nobody here knows.
fn check_qcow2(start: &[u8]) -> Result<()> {
    let cut = || invalid("its qcow2 header is cut off".to_owned());
    let version = number32(start, 4).ok_or_else(cut)?;
    if !matches!(version, 2 | 3) {
        return Err(invalid(format!("its qcow2 version is {version}")));
    }
    if number64(start, 8).ok_or_else(cut)? != 0 {
        return Err(invalid("it has a backing file".to_owned()));
    }
    let mut at = 72;
    if version == 3 {
        let features = number64(start, 72).ok_or_else(cut)?;
        if features & QCOW2_EXTERNAL_DATA != 0 {
            return Err(invalid("it keeps its data in another file".to_owned()));
        }
        if features & !QCOW2_KNOWN_FEATURES != 0 {
            return Err(invalid("it has qcow2 features that are not known".to_owned()));
        }
        at = number32(start, 100).ok_or_else(cut)? as usize;
    }
    // Extensions of the header: type, length, content padded to eight bytes; type 0 ends them.
    while let (Some(kind), Some(length)) = (number32(start, at), number32(start, at.saturating_add(4))) {
        match kind {
            0 => return Ok(()),
            QCOW2_BACKING_NAME => return Err(invalid("it names the format of a backing file".to_owned())),
            QCOW2_DATA_NAME => return Err(invalid("it names a file for its data".to_owned())),
            _ => at = at.saturating_add(8).saturating_add((length as usize).next_multiple_of(8)),
        }
    }
    Ok(())
}

fn has(start: &[u8], at: usize, signature: &[u8]) -> bool {
    start.get(at..at + signature.len()) == Some(signature)
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn number64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

fn invalid(reason: String) -> ArtifactError {
    ArtifactError::invalid(WHAT, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(patches: &[(usize, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; INSPECTED_BYTES as usize];
        for (at, content) in patches {
            bytes[*at..*at + content.len()].copy_from_slice(content);
        }
        bytes
    }

    fn qcow2(patches: &[(usize, &[u8])]) -> Vec<u8> {
        let plain: [(usize, &[u8]); 3] = [(0, b"QFI\xfb"), (7, &[3]), (103, &[104])];
        image(&[&plain[..], patches].concat())
    }

    const GPT: [(usize, &[u8]); 2] = [(510, &[0x55, 0xaa]), (450, &[0xee])];

    #[test]
    fn formats_are_told_by_their_bytes() {
        let cases: [(Vec<u8>, &[&str]); 8] = [
            (image(&[]), &[]),
            (Vec::new(), &[]),
            (qcow2(&[]), &["qcow2"]),
            (image(&GPT), &["gpt"]),
            (image(&[(510, &[0x55, 0xaa]), (450, &[0x83])]), &[]),
            (image(&[(0x8001, b"CD001")]), &["iso"]),
            (image(&[(0x8001, b"CD001"), GPT[0], GPT[1]]), &["iso", "gpt"]),
            (image(&[(0, b"# Disk DescriptorFile")]), &["vmdk"]),
        ];
        for (index, (bytes, expected)) in cases.iter().enumerate() {
            assert_eq!(detect(bytes), *expected, "case {index}");
        }
    }

    #[test]
    fn an_image_is_what_it_was_declared_to_be() {
        let iso = image(&[(0x8001, b"CD001")]);
        let hybrid = image(&[(0x8001, b"CD001"), GPT[0], GPT[1]]);
        let cases = [
            (image(&[]), None, Ok("raw")),
            (image(&[]), Some("raw"), Ok("raw")),
            (image(&[]), Some("qcow2"), Err("invalid")),
            (image(&GPT), Some("raw"), Ok("gpt")),
            (image(&GPT), Some("gpt"), Ok("gpt")),
            (qcow2(&[]), Some("qcow2"), Ok("qcow2")),
            (qcow2(&[]), None, Ok("qcow2")),
            (qcow2(&[]), Some("raw"), Err("invalid")),
            (iso.clone(), Some("iso"), Ok("iso")),
            (iso, Some("raw"), Err("invalid")),
            (hybrid.clone(), Some("iso"), Ok("iso")),
            (hybrid, Some("raw"), Ok("gpt")),
            (image(&[(0, b"KDMV")]), None, Err("unsupported")),
            (image(&[(0, b"KDMV")]), Some("raw"), Err("unsupported")),
            (image(&[(0, b"QFI\xfb"), (0x8001, b"CD001")]), Some("iso"), Err("invalid")),
        ];
        for (index, (bytes, declared, expected)) in cases.iter().enumerate() {
            let found = check(bytes, *declared);
            assert_eq!(
                found.as_ref().map_err(|error| error.kind()),
                expected.as_ref().map_err(|kind| *kind),
                "case {index}"
            );
        }
    }

    #[test]
    fn a_qcow2_that_needs_other_files_is_refused() {
        let extension = |kind: u32| [&kind.to_be_bytes()[..], &[0, 0, 0, 1, b'x']].concat();
        let behind_another = [&1u32.to_be_bytes()[..], &[0, 0, 0, 3, 9, 9, 9, 0, 0, 0, 0, 0]].concat();
        let cases: [(Vec<u8>, &str); 8] = [
            (qcow2(&[(15, &[200])]), "backing file"),
            (qcow2(&[(79, &[0b100])]), "another file"),
            (qcow2(&[(78, &[1])]), "not known"),
            (qcow2(&[(7, &[9])]), "version"),
            (qcow2(&[(104, &extension(QCOW2_DATA_NAME))]), "a file for its data"),
            (qcow2(&[(104, &behind_another), (120, &extension(QCOW2_BACKING_NAME))]), "backing file"),
            (qcow2(&[(7, &[2]), (72, &extension(QCOW2_BACKING_NAME))]), "backing file"),
            (b"QFI\xfb\0\0\0\x03".to_vec(), "cut off"),
        ];
        for (index, (bytes, word)) in cases.iter().enumerate() {
            let error = check(bytes, None).unwrap_err().to_string();
            assert!(error.contains(word), "case {index}: {error}");
        }
        assert!(check(&qcow2(&[(79, &[0b1000])]), None).is_ok(), "zstd inside is fine");
    }

    #[test]
    fn no_bytes_panic() {
        let mut state = 11u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for round in 0..2_000 {
            let mut bytes: Vec<u8> = (0..usize::from(next()) * 3).map(|_| next()).collect();
            if round % 2 == 0 && bytes.len() > 8 {
                bytes[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
            }
            // Whatever it says of them, it says it twice.
            assert_eq!(check(&bytes, None).is_ok(), check(&bytes, None).is_ok());
        }
    }
}
