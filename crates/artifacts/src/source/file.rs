//! Reads of local files.

use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::{Bytes, BytesMut};
use futures::stream::{BoxStream, StreamExt, try_unfold};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};

use crate::source::SourceFacts;
use crate::source::reference::location_of_path;
use crate::{ArtifactError, Result};

/// Never read from, whatever the configuration allows.
const REFUSED: [&str; 6] = ["/dev", "/sys", "/proc", "/boot", "/etc", "/run"];

/// Bytes read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// The real path behind `path`, if it may be read.
///
/// Errors: `Denied` outside `roots`, through `..`, in a system folder or when it is no regular file.
pub(crate) async fn permitted(path: &Path, roots: &[PathBuf]) -> Result<PathBuf> {
    let denied =
        |reason: &str| ArtifactError::Denied { location: location_of_path(path), reason: reason.to_owned() };
    let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if !path.is_absolute() || !plain {
        return Err(denied("the path is not absolute and plain"));
    }
    // Before the disk is asked, so that the answer does not tell what exists elsewhere.
    if !roots.iter().any(|root| path.starts_with(root)) {
        return Err(denied("it is outside the permitted folders"));
    }
    let real = fs::canonicalize(path).await.map_err(|error| io_error(path, error))?;
    let mut inside = false;
    for root in roots {
        inside |= fs::canonicalize(root).await.is_ok_and(|root| real.starts_with(root));
    }
    if !inside || REFUSED.iter().any(|refused| real.starts_with(refused)) {
        return Err(denied("it leads outside the permitted folders"));
    }
    if !fs::metadata(&real).await.map_err(|error| io_error(path, error))?.is_file() {
        return Err(denied("it is not a regular file"));
    }
    Ok(real)
}

/// Length and modification time of the file.
pub(crate) async fn facts(real: &Path) -> Result<SourceFacts> {
    let metadata = fs::metadata(real).await.map_err(|error| io_error(real, error))?;
    Ok(facts_of(&metadata))
}

/// The bytes of `range`, read piece by piece.
pub(crate) async fn open(
    real: PathBuf,
    facts: SourceFacts,
    range: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    let mut file = File::open(&real).await.map_err(|error| io_error(&real, error))?;
    let metadata = file.metadata().await.map_err(|error| io_error(&real, error))?;
    if let Some(reason) = facts.difference(&facts_of(&metadata)) {
        return Err(ArtifactError::Changed { location: location_of_path(&real), reason });
    }
    file.seek(SeekFrom::Start(range.start)).await.map_err(|error| io_error(&real, error))?;
    let left = range.end.saturating_sub(range.start);
    let pieces = try_unfold((file, left, real), |(mut file, left, real)| async move {
        if left == 0 {
            return Ok(None);
        }
        let wanted = left.min(PIECE_BYTES as u64);
        let mut piece = BytesMut::with_capacity(wanted as usize);
        let mut limited = (&mut file).take(wanted);
        let read = limited.read_buf(&mut piece).await.map_err(|error| io_error(&real, error))?;
        if read == 0 {
            let reason = "it became shorter".to_owned();
            return Err(ArtifactError::Changed { location: location_of_path(&real), reason });
        }
        Ok(Some((piece.freeze(), (file, left - read as u64, real))))
    });
    Ok(pieces.boxed())
}

fn facts_of(metadata: &std::fs::Metadata) -> SourceFacts {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let etag = modified.map(|time| format!("\"{:x}-{:x}\"", metadata.len(), time.as_nanos()));
    SourceFacts { size_bytes: metadata.len(), etag, last_modified: None }
}

fn io_error(path: &Path, error: io::Error) -> ArtifactError {
    let location = location_of_path(path);
    match error.kind() {
        io::ErrorKind::NotFound => ArtifactError::NotFound { location },
        io::ErrorKind::PermissionDenied => {
            ArtifactError::Denied { location, reason: "the system refuses it".to_owned() }
        }
        _ => ArtifactError::Io { location, source: error },
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn only_regular_files_below_the_roots() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::write(at("kernel"), b"k").unwrap();
        std::fs::write(outside.path().join("secret"), b"s").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), at("link")).unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        let roots = [root.path().to_owned(), PathBuf::from("/")];
        let ask = async |path: PathBuf, roots: &[PathBuf]| match permitted(&path, roots).await {
            Ok(_) => "ok",
            Err(error) => error.kind(),
        };
        assert_eq!(ask(at("kernel"), &roots[..1]).await, "ok");
        assert_eq!(ask(at("absent"), &roots[..1]).await, "not_found");
        for bad in [at("link"), at("folder"), at("../x"), PathBuf::from("rel"), outside.path().join("absent")]
        {
            assert_eq!(ask(bad.clone(), &roots[..1]).await, "denied", "{bad:?}");
        }
        for system in ["/etc/passwd", "/proc/self/environ", "/dev/zero"] {
            assert_eq!(ask(PathBuf::from(system), &roots).await, "denied", "{system}");
        }
    }

    #[tokio::test]
    async fn ranges_and_replacement() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("f");
        let content: Vec<u8> = (0..600_000u32).map(|n| n as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let known = facts(&path).await.unwrap();
        let read = async |range: Range<u64>| {
            let pieces: Vec<Bytes> = open(path.clone(), known.clone(), range).await?.try_collect().await?;
            Ok::<_, ArtifactError>(pieces.concat())
        };
        assert_eq!(read(0..600_000).await.unwrap(), content);
        assert_eq!(read(5..300_001).await.unwrap(), content[5..300_001]);
        assert_eq!(read(7..7).await.unwrap(), b"");
        std::fs::write(&path, b"shorter").unwrap();
        assert_eq!(read(0..1).await.unwrap_err().kind(), "changed");
    }
}
