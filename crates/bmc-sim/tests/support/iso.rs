//! Boot images written by hand, with a large hole where a kernel would be.

const SECTOR: usize = 2048;
/// Bytes nobody should download to find a configuration file.
const HOLE: usize = 4 << 20;

#[derive(Clone, Copy)]
pub enum Names {
    /// Upper case with a version, as ECMA-119 wants.
    Plain,
    /// Meaningless plain names, the real ones in Rock Ridge entries.
    RockRidge,
}

/// An image with one file at this path of three segments.
pub fn build(path: [&str; 3], content: &str, names: Names) -> Vec<u8> {
    let file_at = 20 + HOLE / SECTOR;
    let mut image = vec![0; (file_at + 1) * SECTOR + content.len().next_multiple_of(SECTOR)];
    let mut put =
        |sector: usize, bytes: &[u8]| image[sector * SECTOR..][..bytes.len()].copy_from_slice(bytes);

    let mut descriptor = vec![0_u8; SECTOR];
    descriptor[0] = 1;
    descriptor[1..6].copy_from_slice(b"CD001");
    descriptor[6] = 1;
    let root = record(&[0], None, 18, SECTOR, true);
    descriptor[156..156 + root.len()].copy_from_slice(&root);
    put(16, &descriptor);
    put(17, b"\xffCD001\x01");

    put(18, &directory(18, 18, &[entry(path[0], 19, SECTOR, true, names)]));
    put(19, &directory(19, 18, &[entry(path[1], file_at, SECTOR, true, names)]));
    put(file_at, &directory(file_at, 19, &[entry(path[2], file_at + 1, content.len(), false, names)]));
    put(file_at + 1, content.as_bytes());
    image
}

/// A configuration for the agent with these kernel parameters.
pub fn grub(parameters: &str) -> String {
    format!(
        "set default=0\nmenuentry 'boot' {{\n    linux /vmlinuz nofb {parameters} ---\n    initrd /initrd\n}}\n"
    )
}

fn entry(name: &str, sector: usize, length: usize, is_directory: bool, names: Names) -> Vec<u8> {
    match names {
        Names::Plain => {
            let suffix = if is_directory { "" } else { ";1" };
            let name = format!("{}{suffix}", name.to_uppercase());
            record(name.as_bytes(), None, sector, length, is_directory)
        }
        Names::RockRidge => record(b"F0000001.;1", Some(name), sector, length, is_directory),
    }
}

fn directory(own: usize, parent: usize, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = record(&[0], None, own, SECTOR, true);
    bytes.extend(record(&[1], None, parent, SECTOR, true));
    // The last entry of a sector leaves room that a reader has to skip.
    bytes.extend(entries.concat());
    bytes
}

fn record(
    name: &[u8],
    rock_ridge: Option<&str>,
    sector: usize,
    length: usize,
    is_directory: bool,
) -> Vec<u8> {
    let mut bytes = vec![0_u8; 33];
    bytes[2..6].copy_from_slice(&u32::try_from(sector).unwrap().to_le_bytes());
    bytes[10..14].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
    bytes[25] = u8::from(is_directory) * 2;
    bytes[32] = u8::try_from(name.len()).unwrap();
    bytes.extend_from_slice(name);
    if name.len().is_multiple_of(2) {
        bytes.push(0);
    }
    if let Some(real) = rock_ridge {
        // The name in two pieces, as long ones come.
        let (first, second) = real.split_at(real.len() / 2);
        for (continues, piece) in [(1, first), (0, second)] {
            bytes.extend_from_slice(b"NM");
            bytes.extend_from_slice(&[u8::try_from(piece.len() + 5).unwrap(), 1, continues]);
            bytes.extend_from_slice(piece.as_bytes());
        }
    }
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes[0] = u8::try_from(bytes.len()).unwrap();
    bytes
}
