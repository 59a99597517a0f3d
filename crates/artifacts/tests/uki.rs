//! Unified kernel images, read by the tools of binutils.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use ferric_artifacts::Composite;
use ferric_artifacts::initrd::Overlay;
use ferric_artifacts::source::{Source, SourceConfig, Sources};
use ferric_artifacts::uki::{UkiPlanner, UkiSpec};
use ferric_model::secret::Secret;
use futures::TryStreamExt;

/// Where Debian's package systemd-boot-efi puts the stub.
const DEBIAN_STUB: &str = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";

const LINE: &str = "nofb ipa-api-url=http://10.0.2.2:6385 ipa-agent-token=t";

fn sources() -> Sources {
    drop(rustls::crypto::ring::default_provider().install_default());
    Sources::new(SourceConfig::default()).unwrap()
}

fn pattern(seed: u8, size: usize) -> Bytes {
    (0..size).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed)).collect::<Vec<u8>>().into()
}

/// A small EFI program with one section and no room for the header of a second.
fn tight_stub() -> Vec<u8> {
    let mut image = vec![0; 0x200];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    // So far back that the section table ends where the headers do.
    put(60, &0xd0u32.to_le_bytes());
    put(0xd0, b"PE\0\0");
    put(0xd4, &0x8664u16.to_le_bytes());
    put(0xd6, &1u16.to_le_bytes());
    put(0xe4, &240u16.to_le_bytes());
    put(0xe6, &0x206u16.to_le_bytes());
    let optional = 0xe8;
    put(optional, &0x20bu16.to_le_bytes());
    put(optional + 16, &0x1000u32.to_le_bytes());
    put(optional + 32, &0x1000u32.to_le_bytes());
    put(optional + 36, &0x200u32.to_le_bytes());
    put(optional + 56, &0x2000u32.to_le_bytes());
    put(optional + 60, &0x200u32.to_le_bytes());
    put(optional + 68, &10u16.to_le_bytes());
    put(optional + 108, &16u32.to_le_bytes());
    let section = 0x200 - 40;
    put(section, b".text\0\0\0");
    for (offset, value) in [(8, 0x180u32), (12, 0x1000), (16, 0x200), (20, 0x200), (36, 0x6000_0020)] {
        put(section + offset, &value.to_le_bytes());
    }
    image.extend(pattern(7, 0x200));
    image
}

async fn compose(stub: Vec<u8>, overlay: Overlay) -> (Composite, Bytes, Bytes) {
    let (kernel, ramdisk) = (pattern(1, 70_001), pattern(2, 50_003));
    let image = UkiPlanner::new(sources())
        .plan(UkiSpec {
            stub: Source::Memory(stub.into()),
            kernel: Source::Memory(kernel.clone()),
            ramdisk: Source::Memory(ramdisk.clone()),
            overlay,
            kernel_cmdline: Secret::new(LINE.to_owned()),
        })
        .await
        .unwrap();
    (image, kernel, ramdisk)
}

async fn bytes(image: &Composite, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    image.stream(range).try_collect::<Vec<Bytes>>().await.unwrap().concat()
}

/// A section as objcopy takes it out; none without objcopy.
fn section(folder: &Path, image: &Path, name: &str) -> Option<Vec<u8>> {
    let out: PathBuf = folder.join("section");
    let run = Command::new("objcopy")
        .arg("--dump-section")
        .arg(format!("{name}={}", out.display()))
        .args([image, &folder.join("copy")])
        .output()
        .ok()?;
    assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
    Some(std::fs::read(out).unwrap())
}

/// binutils shows sections in the length they have in the file.
fn begins_with(found: &[u8], expected: &[u8], name: &str) {
    assert_eq!(&found[..expected.len()], expected, "{name}");
    assert!(found[expected.len()..].iter().all(|byte| *byte == 0), "{name} ends with zeros");
}

async fn check_with_binutils(stub: Vec<u8>) {
    let overlay = Overlay::of_agent(Some(b"-----BEGIN CERTIFICATE-----\n"), Some(b"{\"links\": []}"));
    let archive = overlay.archive().unwrap();
    let (image, kernel, ramdisk) = compose(stub, overlay).await;
    let whole = bytes(&image, None).await;
    assert_eq!(whole.len() as u64, image.total_bytes(), "the length told before is exact");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("boot.efi");
    std::fs::write(&path, &whole).unwrap();
    let initrd = [&ramdisk[..], &[0], &archive[..]].concat();
    for (name, expected) in [(".cmdline", LINE.as_bytes()), (".linux", &kernel[..]), (".initrd", &initrd[..])]
    {
        let Some(found) = section(folder.path(), &path, name) else {
            eprintln!("skipped: there is no objcopy here");
            return;
        };
        begins_with(&found, expected, name);
    }
}

#[tokio::test]
async fn sections_are_added_where_there_is_no_room_for_them() {
    check_with_binutils(tight_stub()).await;
}

#[tokio::test]
async fn sections_are_added_to_the_stub_of_systemd() {
    match std::fs::read(DEBIAN_STUB) {
        Ok(stub) => check_with_binutils(stub).await,
        Err(_) => eprintln!("skipped: {DEBIAN_STUB} is not there"),
    }
}

#[tokio::test]
async fn any_range_is_that_part_of_the_whole() {
    let (image, ..) = compose(tight_stub(), Overlay::default()).await;
    let whole = bytes(&image, None).await;
    let total = image.total_bytes();
    for range in [0..1, 0..total, 1000..70_000, total - 5..total, total - 5..total + 5, 600..600] {
        let expected = &whole[range.start as usize..range.end.min(total) as usize];
        assert_eq!(bytes(&image, Some(range.clone())).await, expected, "{range:?}");
    }
    let (again, ..) = compose(tight_stub(), Overlay::default()).await;
    assert_eq!(bytes(&again, None).await, whole, "equal inputs give equal bytes");
    assert_eq!(again.etag(), image.etag());
    assert!(image.etag().is_some());
}

#[tokio::test]
async fn what_is_no_stub_is_refused() {
    let mut cut = tight_stub();
    cut.truncate(0x300);
    for bad in [Vec::new(), b"MZ".to_vec(), vec![b'M'; 5000], cut] {
        let spec = UkiSpec {
            stub: Source::Memory(bad.into()),
            kernel: Source::Memory(pattern(1, 10)),
            ramdisk: Source::Memory(pattern(1, 10)),
            overlay: Overlay::default(),
            kernel_cmdline: Secret::new(LINE.to_owned()),
        };
        assert_eq!(UkiPlanner::new(sources()).plan(spec).await.unwrap_err().kind(), "invalid");
    }
}
