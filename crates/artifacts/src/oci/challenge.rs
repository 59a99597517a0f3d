//! `WWW-Authenticate` of a registry: who gives out its tokens. Pure.

use crate::oci::OciReference;
use url::Url;

/// What a registry asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password.
    Basic,
    /// A token from this address.
    Bearer(Url),
}

impl Challenge {
    /// Reads the header; none for schemes that are not known and for a realm that is no URL.
    pub(super) fn read(header: &str, reference: &OciReference) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut realm = None;
        let mut pairs = Vec::new();
        let own_scope = format!("repository:{}:pull", reference.name);
        for (name, value) in parameters(rest) {
            match name.as_str() {
                "realm" => realm = Url::parse(&value).ok(),
                "service" => pairs.push(("service", value)),
                _ => {}
            }
        }
        let mut url = realm.filter(|url| matches!(url.scheme(), "http" | "https"))?;
        pairs.push(("scope", own_scope));
        url.query_pairs_mut().extend_pairs(pairs);
        Some(Self::Bearer(url))
    }
}

/// `name="value"` pairs separated by commas; commas inside quotes belong to the value.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, behind)) = rest.split_once('=') {
        let (value, next) = match behind.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        let name = name.trim_matches(|c: char| c == ',' || c.is_whitespace()).to_ascii_lowercase();
        found.push((name, value.trim().to_owned()));
        rest = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_name_who_gives_tokens() {
        let reference = OciReference::parse("oci://h/a/b").unwrap();
        let read = |header: &str| Challenge::read(header, &reference);
        let Some(Challenge::Bearer(url)) = read(
            "Bearer realm=\"https://auth.h/token\",service=\"registry, of h\",scope=\"repository:other:push\"",
        ) else {
            panic!("no bearer");
        };
        assert_eq!(
            url.as_str(),
            "https://auth.h/token?service=registry%2C+of+h&scope=repository%3Aa%2Fb%3Apull"
        );
        assert_eq!(read("Basic realm=\"x\""), Some(Challenge::Basic));
        for bad in ["", "Digest realm=\"x\"", "Bearer", "Bearer realm=\"file:///etc\"", "Bearer realm=\""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
