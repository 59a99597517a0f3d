//! Where things are in the checkout, and which files a check has to read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout that this program was built from.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

/// One hand-written Rust file.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the root, with forward slashes.
    pub path: String,
    pub text: String,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.ancestors().nth(2).context("xtask does not sit in crates/xtask")?;
        Ok(Self { root: root.canonicalize().with_context(|| format!("no checkout at {}", root.display()))? })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Build output, honouring `CARGO_TARGET_DIR`.
    pub fn target_dir(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => self.root.join(dir),
            None => self.root.join("target"),
        }
    }

    /// A number that differs between checkouts on one computer and stays the same for each of them.
    pub fn fingerprint(&self) -> u64 {
        // FNV-1a: std's hasher may change between toolchains, and this ends up in names on disk.
        self.root.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// Every Rust file below `crates/` and `tests/`, sorted by path.
    pub fn rust_files(&self) -> Result<Vec<SourceFile>> {
        let mut files = Vec::new();
        for top in ["crates", "tests"] {
            self.collect(&self.root.join(top), &mut files)?;
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn collect(&self, dir: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
        let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    self.collect(&path, files)?;
                }
            } else if name.ends_with(".rs") {
                let text =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let relative = path.strip_prefix(&self.root).unwrap_or(&path);
                files.push(SourceFile { path: relative.to_string_lossy().replace('\\', "/"), text });
            }
        }
        Ok(())
    }
}

impl SourceFile {
    /// Lines with their numbers (from 1), without inline `#[cfg(test)]` items.
    ///
    /// Relies on rustfmt: the item ends at the first closing brace with the indentation of its attribute.
    pub fn product_lines(&self) -> Vec<(usize, &str)> {
        let mut kept = Vec::new();
        let mut lines = (1..).zip(self.text.lines()).peekable();
        while let Some((number, line)) = lines.next() {
            if line.trim() != "#[cfg(test)]" {
                kept.push((number, line));
                continue;
            }
            let indent = &line[..line.len() - line.trim_start().len()];
            let close = format!("{indent}}}");
            for (_, body) in lines.by_ref() {
                let one_liner = body.starts_with(indent)
                    && !body[indent.len()..].starts_with([' ', '#'])
                    && (body.ends_with(';') || body.ends_with('}'));
                if body == close || one_liner {
                    break;
                }
            }
        }
        kept
    }

    /// Whether the whole file holds tests: an integration test, a member of the test harness, or `tests.rs`.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

#[cfg(test)]
mod tests {
    use super::SourceFile;

    #[test]
    fn product_lines_leave_out_test_modules_and_keep_what_follows() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod more {\n    fn t() {\n    }\n}\nfn c() {}\n";
        let file = SourceFile { path: "crates/x/src/y.rs".into(), text: text.into() };
        let kept: Vec<_> = file.product_lines().into_iter().map(|(n, _)| n).collect();
        assert_eq!(kept, [1, 4, 10]);
    }
}
