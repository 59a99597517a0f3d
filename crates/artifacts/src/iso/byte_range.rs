//! The `Range` header of readers.

use std::ops::Range;

/// What a `Range` header asks of a resource of known length.
///
/// **Source**: RFC 9110 14.1.2 and 14.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByteRange {
    /// Answer 200 with everything: no header, another unit, several ranges, or a malformed header.
    Whole,
    /// Answer 206 with these bytes and `Content-Range: bytes start-(end-1)/total`.
    Part(Range<u64>),
    /// Answer 416 with `Content-Range: bytes */total`.
    Unsatisfiable,
}

impl ByteRange {
    /// Reads the header's value for a resource of `total_bytes`.
    pub fn parse(header: Option<&str>, total_bytes: u64) -> Self {
        let Some((first, last)) = header.and_then(single) else { return Self::Whole };
        let range = match (first, last) {
            (None, None) => return Self::Whole,
            (None, Some(suffix)) => total_bytes.saturating_sub(suffix)..total_bytes,
            (Some(first), None) => first..total_bytes,
            (Some(first), Some(last)) if last < first => return Self::Whole,
            (Some(first), Some(last)) => first..last.saturating_add(1).min(total_bytes),
        };
        if range.start < range.end { Self::Part(range) } else { Self::Unsatisfiable }
    }
}

fn single(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    Some((position(first)?, position(last)?))
}

fn position(text: &str) -> Option<Option<u64>> {
    match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More digits than fit mean "beyond the end".
            Some(Some(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_the_rfc_says() {
        use ByteRange::{Part, Unsatisfiable, Whole};
        let cases = [
            (None, Whole),
            (Some("bytes=0-0"), Part(0..1)),
            (Some("bytes=0-"), Part(0..100)),
            (Some("Bytes = 5-9"), Part(5..10)),
            (Some("bytes=90-1000"), Part(90..100)),
            (Some("bytes=-10"), Part(90..100)),
            (Some("bytes=-1000"), Part(0..100)),
            (Some("bytes=0-99999999999999999999999"), Part(0..100)),
            (Some("bytes=100-"), Unsatisfiable),
            (Some("bytes=-0"), Unsatisfiable),
            (Some("bytes=99999999999999999999999-"), Unsatisfiable),
            (Some("bytes=9-5"), Whole),
            (Some("bytes=0-1,5-6"), Whole),
            (Some("bytes=-"), Whole),
            (Some("bytes=a-b"), Whole),
            (Some("bytes=+1-2"), Whole),
            (Some("items=0-1"), Whole),
            (Some(""), Whole),
        ];
        for (header, expected) in cases {
            assert_eq!(ByteRange::parse(header, 100), expected, "{header:?}");
        }
        assert_eq!(ByteRange::parse(Some("bytes=0-"), 0), Unsatisfiable);
    }
}
