//! Checksum files, as `sha256sum` and its BSD cousins write them.

use crate::image::{HashAlgorithm, ImageDigest};

/// The strongest digest listed for `file_name`.
///
/// **Shape** — lines `digest  name`, `digest *name` or `ALGORITHM (name) = digest`; names may have a path before
/// them; a file with a single digest and nothing else stands for any name. Other lines (signatures, comments) are
/// passed over.
pub(crate) fn find_digest(content: &str, file_name: &str) -> Option<ImageDigest> {
    let mut lines = content.lines().map(str::trim).filter(|line| !line.is_empty());
    if let (Some(only), None) = (lines.next(), lines.next())
        && let Some(digest) = ImageDigest::find_by_length(only)
    {
        return Some(digest);
    }
    content
        .lines()
        .filter_map(|line| bsd(line.trim()).or_else(|| gnu(line.trim())))
        .filter(|(name, _)| name.rsplit('/').next() == Some(file_name))
        .map(|(_, digest)| digest)
        .max_by_key(ImageDigest::algorithm)
}

fn gnu(line: &str) -> Option<(&str, ImageDigest)> {
    let (hex, name) = line.split_once(char::is_whitespace)?;
    let name = name.trim_start();
    Some((name.strip_prefix('*').unwrap_or(name), ImageDigest::find_by_length(hex)?))
}

fn bsd(line: &str) -> Option<(&str, ImageDigest)> {
    let (algorithm, rest) = line.split_once(" (")?;
    let (name, hex) = rest.rsplit_once(") = ")?;
    Some((name, ImageDigest::find(HashAlgorithm::find(algorithm)?, hex.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_by_name() {
        let (md5, sha, long) = ("1".repeat(32), "2".repeat(64), "3".repeat(128));
        let find = |content: &str| find_digest(content, "i.img").map(|digest| digest.hex().to_owned());
        let other = format!("{}  other.img\n", "9".repeat(64));
        assert_eq!(find(&format!("{other}{sha}  i.img\n")), Some(sha.clone()));
        assert_eq!(find(&format!("{other}{md5} *i.img\r\n")), Some(md5.clone()));
        assert_eq!(find(&format!("# x\n\n{sha}\t./images/i.img")), Some(sha.clone()));
        assert_eq!(
            find(&format!("MD5 (i.img) = {md5}\nSHA512 (i.img) = {long}\nSHA256 (i.img) = {sha}\n")),
            Some(long)
        );
        assert_eq!(find(&format!("{md5}  i.img\n{sha}  i.img\n")), Some(sha.clone()), "the strongest");
        assert_eq!(find(&format!("\n{sha}\n")), Some(sha.clone()));
        for nothing in [
            "",
            "x",
            &other,
            &format!("{sha}  i.img.asc"),
            &format!("{sha}  xi.img"),
            &format!("{sha}\n{md5}\n"),
        ] {
            assert_eq!(find(nothing), None, "{nothing:?}");
        }
        assert_eq!(find(&format!("SHA512 (i.img) = {sha}")), None, "the length contradicts the name");
    }

    #[test]
    fn no_content_panics() {
        let mut state = 3u32;
        let alphabet: Vec<char> = "0aF (i.img)=*\n\té/".chars().collect();
        for _ in 0..5_000 {
            let mut content = String::new();
            for _ in 0..80 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                content.push(alphabet[(state >> 16) as usize % alphabet.len()]);
            }
            assert_eq!(find_digest(&content, "i.img"), None);
        }
    }
}
