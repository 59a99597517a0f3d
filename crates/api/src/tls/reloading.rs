//! A value made of files, made again when they change.

use crate::error::ApiError;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Makes the value.
///
/// **Errors**: what is wrong with which file.
type Make<T> = fn(&[PathBuf]) -> Result<Arc<T>, String>;

/// The value of the present files, or of the last ones that could be used.
pub(crate) struct Reloading<T: ?Sized> {
    key: &'static str,
    files: Vec<PathBuf>,
    make: Make<T>,
    current: Mutex<Current<T>>,
}

struct Current<T: ?Sized> {
    versions: Vec<Option<Version>>,
    value: Arc<T>,
}

/// Inode, size, seconds and nanoseconds of the last change of a file.
type Version = (u64, u64, i64, i64);

impl<T: ?Sized> Reloading<T> {
    /// Makes the first value.
    ///
    /// **Errors**: `Config` naming `key`.
    pub(crate) fn new(key: &'static str, files: Vec<PathBuf>, make: Make<T>) -> Result<Self, ApiError> {
        let versions = versions(&files);
        let value = make(&files).map_err(|reason| ApiError::Config { key, reason })?;
        Ok(Self { key, files, make, current: Mutex::new(Current { versions, value }) })
    }

    /// The value now. Files that cannot be used, such as a certificate whose key is still to follow, change nothing.
    pub(crate) fn get(&self) -> Arc<T> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = versions(&self.files);
        if versions != current.versions {
            // Remembered even if it fails, so that the same files are complained about once.
            current.versions = versions;
            match (self.make)(&self.files) {
                Ok(value) => {
                    tracing::info!(key = self.key, "TLS files have changed and are used from now on");
                    current.value = value;
                }
                Err(error) => {
                    tracing::error!(key = self.key, %error, "TLS files have changed and cannot be used; the former ones stay in use");
                }
            }
        }
        Arc::clone(&current.value)
    }
}

fn versions(files: &[PathBuf]) -> Vec<Option<Version>> {
    let version = |path: &PathBuf| {
        let meta = fs::metadata(path).ok()?;
        Some((meta.ino(), meta.size(), meta.ctime(), meta.ctime_nsec()))
    };
    files.iter().map(version).collect()
}
