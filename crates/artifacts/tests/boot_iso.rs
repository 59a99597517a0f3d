//! Boot images: what readers of every kind find in them, and that any range is the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

mod iso_reader;
mod origin;

use std::ops::Range;
use std::process::Command;

use bytes::Bytes;
use ferric_artifacts::iso::{BootIso, BootIsoSpec, IsoPlanner};
use ferric_artifacts::source::{Source, SourceConfig};
use ferric_artifacts::{ArtifactError, Result};
use ferric_model::secret::Secret;
use futures::TryStreamExt;
use origin::{Origin, Served, sources};

const CMDLINE: &str = "nofb ipa-api-url=http://127.0.0.1:6385 ipa-agent-token=t BOOTIF=52:54:00:00:00:01";
const PUBLISHER: &str = "3f8a4a3e-9d3b-4c9f-8f3e-0f8a4a3e9d3b";

fn content(size: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..size).map(|_| next()).collect()
}

fn spec(kernel: Source, ramdisk: Source) -> BootIsoSpec {
    BootIsoSpec {
        kernel,
        ramdisk,
        esp: Some(Source::Memory(content(70_000, 3).into())),
        bootloader: None,
        kernel_cmdline: Secret::new(CMDLINE.to_owned()),
        publisher_id: PUBLISHER.to_owned(),
        extra_files: vec![("openstack/latest/network_data.json".to_owned(), b"{\"links\":[]}".to_vec())],
    }
}

fn memory_spec() -> BootIsoSpec {
    let memory = |size, seed| Source::Memory(content(size, seed).into());
    spec(memory(100_001, 1), memory(200_000, 2))
}

async fn read(iso: &BootIso, range: Option<Range<u64>>) -> Result<Vec<u8>> {
    let pieces: Vec<Bytes> = iso.stream(range).try_collect().await?;
    Ok(pieces.concat())
}

async fn plan(spec: BootIsoSpec) -> Result<BootIso> {
    let planner = IsoPlanner::new(sources(SourceConfig::default()));
    // Servers spawn it, so it must be `Send`.
    tokio::spawn(async move { planner.plan(spec).await }).await.unwrap()
}

#[tokio::test]
async fn an_independent_reader_finds_everything() {
    let iso = plan(memory_spec()).await.unwrap();
    let image = read(&iso, None).await.unwrap();
    assert_eq!(image.len() as u64, iso.total_bytes());
    let found = iso_reader::read(&image);
    assert_eq!((found.label.as_str(), found.publisher.as_str()), ("config-2", PUBLISHER));
    assert_eq!(found.files["/vmlinuz"], content(100_001, 1));
    assert_eq!(found.files["/initrd"], content(200_000, 2));
    assert_eq!(found.files["/openstack/latest/network_data.json"], b"{\"links\":[]}");
    let esp = &found.files["/boot/grub/efiboot.img"];
    let (sector, units) = found.boot.unwrap();
    assert_eq!(image[sector as usize * 2048..][..esp.len()], esp[..]);
    assert_eq!(usize::from(units), esp.len().div_ceil(512));
    let config = String::from_utf8(found.files["/EFI/BOOT/grub.cfg"].clone()).unwrap();
    assert!(config.lines().any(|line| line.trim() == format!("linux /vmlinuz {CMDLINE}")), "{config}");
    assert_eq!(found.files["/boot/grub/grub.cfg"], config.as_bytes());
    assert!(found.files.contains_key("/ferric/boot-iso"));
    assert_eq!(found.iso_paths["/EFI/BOOT/grub.cfg"], "/EFI/BOOT/GRUB.CFG;1");
}

#[tokio::test]
async fn many_files_span_directory_sectors() {
    let mut spec = memory_spec();
    for number in 0..300 {
        let path = format!("etc/a-rather-long-name-that-differs-only-at-its-end-{number}.conf");
        spec.extra_files.push((path, vec![number as u8; number]));
    }
    let image = read(&plan(spec).await.unwrap(), None).await.unwrap();
    let found = iso_reader::read(&image);
    for number in 0..300 {
        let path = format!("/etc/a-rather-long-name-that-differs-only-at-its-end-{number}.conf");
        assert_eq!(found.files[&path], vec![number as u8; number], "{path}");
    }
}

#[tokio::test]
async fn equal_inputs_give_equal_bytes_and_tags() {
    let (one, two) = (plan(memory_spec()).await.unwrap(), plan(memory_spec()).await.unwrap());
    assert_eq!(read(&one, None).await.unwrap(), read(&two, None).await.unwrap());
    assert!(one.etag().is_some());
    assert_eq!(one.etag(), two.etag());
    let other = BootIsoSpec { kernel_cmdline: Secret::new(CMDLINE.replace("=t", "=u")), ..memory_spec() };
    assert_ne!(plan(other).await.unwrap().etag(), one.etag());
}

#[tokio::test]
async fn without_a_system_partition_there_is_no_boot_entry() {
    let spec = BootIsoSpec { esp: None, extra_files: Vec::new(), ..memory_spec() };
    let found = iso_reader::read(&read(&plan(spec).await.unwrap(), None).await.unwrap());
    assert_eq!((found.boot, found.label.as_str()), (None, "VMEDIA_BOOT_ISO"));
    assert!(!found.files.contains_key("/boot/grub/efiboot.img"));
    assert!(found.files.contains_key("/vmlinuz"));
}

#[tokio::test]
async fn a_boot_loader_becomes_a_system_partition() {
    let mut loader = vec![0u8; 300_000];
    loader[..2].copy_from_slice(b"MZ");
    loader[60] = 128;
    loader[128..134].copy_from_slice(b"PE\0\0\x64\x86");
    let bootloader = Some(Source::Memory(loader.into()));
    let spec = || BootIsoSpec { esp: None, bootloader: bootloader.clone(), ..memory_spec() };
    let image = read(&plan(spec()).await.unwrap(), None).await.unwrap();
    let found = iso_reader::read(&image);
    assert!(found.boot.is_some());
    let esp = &found.files["/boot/grub/efiboot.img"];
    assert_eq!((&esp[510..512], esp.len() % 512), (&[0x55, 0xAA][..], 0));
    assert_eq!(image, read(&plan(spec()).await.unwrap(), None).await.unwrap());
}

#[tokio::test]
async fn any_cut_gives_the_same_bytes() {
    let origin = Origin::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("initrd");
    std::fs::write(&path, content(200_000, 2)).unwrap();
    let config = SourceConfig { file_roots: vec![folder.path().to_owned()], ..SourceConfig::default() };
    let kernel = origin.serve("/kernel", Served::new(content(100_001, 1)));
    let planner = IsoPlanner::new(sources(config));
    let iso = planner.plan(spec(kernel, Source::File(path))).await.unwrap();
    let whole = read(&plan(memory_spec()).await.unwrap(), None).await.unwrap();
    assert_eq!(read(&iso, None).await.unwrap(), whole);
    assert!(iso.etag().is_some());

    let total = iso.total_bytes();
    let mut cuts: Vec<u64> = content(400, 9)
        .chunks(4)
        .map(|word| u64::from(u32::from_le_bytes(word.try_into().unwrap())) % total)
        .collect();
    cuts.extend([0, 1, 2047, 2048, 2049, 32_768, total - 1, total]);
    cuts.sort();
    let mut joined = Vec::new();
    for pair in cuts.windows(2) {
        joined.extend(read(&iso, Some(pair[0]..pair[1])).await.unwrap());
    }
    assert!(joined == whole, "the pieces joined are the whole");
    for pair in cuts.chunks_exact(2) {
        let end = (pair[1] + 50_000).min(total);
        let piece = read(&iso, Some(pair[0]..end)).await.unwrap();
        assert!(piece == whole[pair[0] as usize..end as usize], "{}..{end}", pair[0]);
    }
    assert_eq!(read(&iso, Some(total - 5..total + 5)).await.unwrap(), whole[whole.len() - 5..]);
    assert_eq!(read(&iso, Some(total + 5..total + 9)).await.unwrap(), b"");
}

#[tokio::test]
async fn a_range_of_metadata_reads_no_source_and_lengths_are_remembered() {
    let origin = Origin::start().await;
    let kernel = origin.serve("/kernel", Served::new(content(100_001, 1)));
    let ramdisk = origin.serve("/ramdisk", Served::new(content(200_000, 2)));
    let planner = IsoPlanner::new(sources(SourceConfig::default()));
    for _ in 0..3 {
        let iso = planner.plan(spec(kernel.clone(), ramdisk.clone())).await.unwrap();
        let total = iso.total_bytes();
        assert_eq!(read(&iso, Some(0..40_000)).await.unwrap().len(), 40_000);
        assert_eq!(read(&iso, Some(total - 2048..total)).await.unwrap().len(), 2048);
    }
    let asked = origin.take_asked();
    let heads = asked.iter().filter(|asked| asked.method == "HEAD").count();
    let tail: Vec<_> = asked.iter().filter(|asked| asked.method == "GET").collect();
    assert_eq!((heads, tail.len()), (2, 3), "{asked:?}");
    assert!(
        tail.iter().all(|asked| asked.path == "/ramdisk" && asked.range.unwrap().0 > 190_000),
        "{asked:?}"
    );
}

#[tokio::test]
async fn bad_specs_are_refused() {
    let refused = async |change: fn(&mut BootIsoSpec)| -> ArtifactError {
        let mut spec = memory_spec();
        change(&mut spec);
        plan(spec).await.unwrap_err()
    };
    for change in [
        (|spec| spec.kernel_cmdline = Secret::new("a\nlinux /evil".to_owned())) as fn(&mut BootIsoSpec),
        |spec| spec.publisher_id = "p".repeat(129),
        |spec| spec.publisher_id = "a\nb".to_owned(),
        |spec| spec.extra_files = vec![("../x".to_owned(), Vec::new())],
        |spec| spec.extra_files = vec![("vmlinuz".to_owned(), Vec::new())],
        |spec| spec.extra_files = vec![("EFI".to_owned(), Vec::new())],
        |spec| spec.kernel = Source::Memory(Bytes::new()),
    ] {
        assert_eq!(refused(change).await.kind(), "invalid");
    }
    let denied = refused(|spec| spec.kernel = Source::parse("k", "file:///etc/passwd").unwrap()).await;
    assert_eq!(denied.kind(), "denied");
    let debug = format!("{:?}", memory_spec());
    assert!(!debug.contains("ipa-agent-token") && debug.contains("network_data.json"), "{debug}");
}

#[tokio::test]
async fn xorriso_isoinfo_and_pycdlib_agree() {
    let image = read(&plan(memory_spec()).await.unwrap(), None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("boot.iso");
    std::fs::write(&path, &image).unwrap();
    let path = path.to_str().unwrap();

    let xorriso =
        ["-indev", path, "-report_el_torito", "plain", "-find", "/", "-type", "f", "-exec", "report_lba"];
    if let Some(output) = tool("xorriso", &xorriso) {
        for expected in ["config-2", "/boot/grub/efiboot.img", "'/vmlinuz'", "UEFI"] {
            assert!(output.contains(expected), "{expected} in {output}");
        }
        assert!(!output.contains("FAILURE") && !output.contains("SORRY"), "{output}");
    }
    if let Some(output) = tool("isoinfo", &["-R", "-l", "-i", path]) {
        for expected in ["vmlinuz", "initrd", "efiboot.img", "network_data.json"] {
            assert!(
                output.lines().any(|line| line.ends_with(&format!("{expected} "))),
                "{expected} in {output}"
            );
        }
    }
    if let Some(output) = tool("isoinfo", &["-d", "-i", path]) {
        for expected in ["config-2", PUBLISHER, "Rock Ridge signatures version 1 found", "El Torito"] {
            assert!(output.contains(expected), "{expected} in {output}");
        }
    }
    let python = std::env::var("FERRIC_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if tool(&python, &["-c", "import pycdlib"]).is_some() {
        let script = "import io, sys, pycdlib\n\
                      iso = pycdlib.PyCdlib(); iso.open(sys.argv[1])\n\
                      out = io.BytesIO(); iso.get_file_from_iso_fp(out, rr_path='/EFI/BOOT/grub.cfg')\n\
                      sys.stdout.write(out.getvalue().decode())\n\
                      out = io.BytesIO(); iso.get_file_from_iso_fp(out, rr_path='/initrd')\n\
                      print(len(out.getvalue())); iso.close()\n";
        let output = tool(&python, &["-W", "error", "-c", script, path]).expect("pycdlib reads the image");
        assert!(
            output.contains(&format!("linux /vmlinuz {CMDLINE}")) && output.ends_with("200000\n"),
            "{output}"
        );
    }
}

/// The output of a tool that is installed; says so and answers `None` otherwise.
fn tool(name: &str, arguments: &[&str]) -> Option<String> {
    let output = match Command::new(name).args(arguments).env("LC_ALL", "C").output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: {name} is not usable here ({error})");
            return None;
        }
    };
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if !output.status.success() {
        assert!(text.contains("No module named"), "{name} failed: {text}");
        println!("skipped: {name} lacks a module");
        return None;
    }
    Some(text)
}
