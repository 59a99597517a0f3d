//! Boot loaders that firmware fetches first: the files of one folder, by name.

use std::path::PathBuf;

use bytes::Bytes;

use crate::{BootServiceError, Result};

/// Largest boot loader.
const LOADER_BYTES: u64 = 32 * 1024 * 1024;

/// A folder of boot loaders, or none.
#[derive(Debug, Clone)]
pub(crate) struct Loaders(Option<PathBuf>);

impl Loaders {
    pub(crate) const fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// A boot loader.
    ///
    /// **Errors**: `NotFound` for whatever is not an ordinary file of the folder.
    pub(crate) async fn read(&self, name: &str) -> Result<Bytes> {
        let folder = self.0.as_ref().ok_or(BootServiceError::NotFound)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(BootServiceError::NotFound);
        }
        let path = folder.join(name);
        let about = tokio::fs::metadata(&path).await.map_err(|_| BootServiceError::NotFound)?;
        if !about.is_file() || about.len() > LOADER_BYTES {
            return Err(BootServiceError::NotFound);
        }
        match tokio::fs::read(&path).await {
            Ok(content) => Ok(content.into()),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a boot loader cannot be read");
                Err(BootServiceError::NotFound)
            }
        }
    }
}
