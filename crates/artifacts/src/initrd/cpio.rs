//! Archives in the format `newc`, as the kernel unpacks them.
//!
//! Source: Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`.

use std::collections::BTreeSet;

const FOLDER: u32 = 0o040_755;
/// What is embedded may be secret: nobody but root reads it.
const FILE: u32 = 0o100_600;
const ALIGNMENT: usize = 4;

/// An archive of these files; folders are added. Equal files give equal bytes: everything is dated 1970.
pub(super) fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let folders: BTreeSet<&str> = files.iter().flat_map(|(path, _)| folders_of(path)).collect();
    let mut archive = Vec::new();
    let mut inode = 0;
    for folder in folders {
        inode += 1;
        append(&mut archive, inode, folder, FOLDER, &[]);
    }
    for (path, content) in files {
        inode += 1;
        append(&mut archive, inode, path, FILE, content);
    }
    append(&mut archive, 0, "TRAILER!!!", 0, &[]);
    archive
}

/// `a/b` and `a` for `a/b/c`.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn append(archive: &mut Vec<u8>, inode: u32, name: &str, mode: u32, content: &[u8]) {
    let links = if mode == FOLDER { 2 } else { 1 };
    let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let name_size = u32::try_from(name.len() + 1).unwrap_or(u32::MAX);
    archive.extend_from_slice(b"070701");
    // Inode, mode, owner, group, links, time, size, device and its kind twice, length of the name, checksum.
    for field in [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name_size, 0] {
        archive.extend_from_slice(format!("{field:08x}").as_bytes());
    }
    archive.extend_from_slice(name.as_bytes());
    archive.push(0);
    pad(archive);
    archive.extend_from_slice(content);
    pad(archive);
}

fn pad(archive: &mut Vec<u8>) {
    archive.resize(archive.len().next_multiple_of(ALIGNMENT), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpio_lists_what_was_put_in() {
        let files =
            [("etc/x.d/a.conf".to_owned(), b"one\n".to_vec()), ("etc/b".to_owned(), b"second".to_vec())];
        let archive = archive(&files);
        assert_eq!(archive.len() % ALIGNMENT, 0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.cpio");
        std::fs::write(&path, &archive).unwrap();
        let run = |args: &[&str]| {
            std::process::Command::new("cpio")
                .args(args)
                .arg("-F")
                .arg(&path)
                .current_dir(folder.path())
                .output()
        };
        let Ok(listed) = run(&["-t", "--quiet"]) else {
            eprintln!("skipped: there is no cpio here");
            return;
        };
        let names = String::from_utf8(listed.stdout).unwrap();
        assert_eq!(names.lines().collect::<Vec<_>>(), ["etc", "etc/x.d", "etc/x.d/a.conf", "etc/b"]);
        assert!(run(&["-i", "--quiet", "-d"]).unwrap().status.success());
        assert_eq!(std::fs::read(folder.path().join("etc/x.d/a.conf")).unwrap(), b"one\n");
        assert_eq!(std::fs::read(folder.path().join("etc/b")).unwrap(), b"second");
    }
}
