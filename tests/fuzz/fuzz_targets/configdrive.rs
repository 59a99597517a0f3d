//! Configdrives as they come with a request: JSON in any of its forms, and ISO images that others made.
#![no_main]

use bytes::Bytes;
use ferric_artifacts::configdrive::{GivenConfigDrive, encoded_files, image_files};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Volume descriptors begin at 32 KiB, which a fuzzer would take long to find.
    let mut image = vec![0; 16 * 2048];
    image.extend_from_slice(data);
    for image in [image, data.to_vec()] {
        if let Ok(files) = image_files(Bytes::from(image)) {
            assert!(files.iter().all(|(path, _)| !path.starts_with('/') && !path.contains("..")));
        }
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    drop(encoded_files(text));
    if let Ok(value) = serde_json::from_str(text)
        && let Ok(Some(GivenConfigDrive::Parts(parts))) = GivenConfigDrive::from_json(&value)
    {
        let built =
            parts.build("2c6f1f2a-0000-0000-0000-000000000000", Some("node")).expect("small parts fit");
        let read = encoded_files(&built).expect("what was built can be read");
        assert!(read.iter().any(|(path, _)| path == "openstack/latest/meta_data.json"));
    }
});
