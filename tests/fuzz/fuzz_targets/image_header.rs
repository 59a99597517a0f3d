//! The first bytes of disk images, by which it is told what they are and whether they lead anywhere else.
#![no_main]

use ferric_artifacts::image::{INSPECTED_BYTES, PERMITTED_FORMATS, check_format, detect_formats};
use libfuzzer_sys::fuzz_target;

/// Where ISO 9660's first volume descriptor begins, which a fuzzer would take long to find.
const DESCRIPTOR: usize = 0x8000;
const DECLARED: [&str; 7] = ["raw", "gpt", "qcow2", "iso", "vmdk", "", "QCOW2"];

fuzz_target!(|data: &[u8]| {
    inspect(data);
    // The same bytes as the descriptor of an ISO image, behind a beginning that is theirs as well.
    let mut image = data.to_vec();
    image.resize(DESCRIPTOR, 0);
    image.extend_from_slice(data);
    inspect(&image);
});

fn inspect(image: &[u8]) {
    let start = &image[..image.len().min(INSPECTED_BYTES as usize)];
    let found = detect_formats(start);
    let plain = check_format(start, None);
    if let Ok(format) = plain {
        assert!(PERMITTED_FORMATS.contains(&format));
        assert!(
            found.is_empty() && format == "raw" || found.contains(&format),
            "{format} is not among {found:?}"
        );
        if format == "qcow2" {
            assert_eq!(start[8..16], [0; 8], "a backing file");
            assert!(start[7] == 2 || start[79] & 0b100 == 0, "data in another file");
        }
    }
    for declared in DECLARED {
        // No declaration makes of an image what it is not; one that is two things may be declared as either.
        if let Ok(format) = check_format(start, Some(declared)) {
            assert!(declared == format || (declared, format) == ("raw", "gpt"), "{declared} is {format}");
            assert!(plain.is_ok() && (found.is_empty() || found.contains(&format)));
        }
    }
}
