//! Whole-disk and partition images.

use crate::{ArtifactError, Result};

/// Whether the image is written over the whole disk.
///
/// `image_type` decides when it is given; otherwise an image that brings its own kernel and ramdisk is a partition.
///
/// Errors: `Invalid` for an `image_type` other than `whole-disk` and `partition`.
pub fn is_whole_disk_image(
    image_type: Option<&str>,
    kernel: Option<&str>,
    ramdisk: Option<&str>,
) -> Result<bool> {
    match image_type {
        Some("whole-disk") => Ok(true),
        Some("partition") => Ok(false),
        Some(_) => Err(ArtifactError::invalid("image_type", "expected whole-disk or partition")),
        None => Ok(kernel.is_none() && ramdisk.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_before_the_kernel() {
        let whole = |image_type, kernel, ramdisk| is_whole_disk_image(image_type, kernel, ramdisk).unwrap();
        assert!(whole(None, None, None) && whole(Some("whole-disk"), Some("k"), Some("r")));
        assert!(
            !whole(Some("partition"), None, None)
                && !whole(None, Some("k"), None)
                && !whole(None, None, Some("r"))
        );
        assert_eq!(is_whole_disk_image(Some("disk"), None, None).unwrap_err().kind(), "invalid");
    }
}
