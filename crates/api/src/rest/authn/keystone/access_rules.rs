//! What a token of an application credential may be used for.
//!
//! Source: Identity API v3, "Application Credentials", access rules.

use serde::Deserialize;

/// The type of this service in catalogs.
const SERVICE: &str = "baremetal";

/// One request that a token may make.
///
/// **Shape**: in `path`, `*` and `{name}` stand for one part, `**` for any number of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct AccessRule {
    /// Type of the service.
    service: String,
    /// HTTP method.
    method: String,
    /// Pattern of the path.
    path: String,
}

impl AccessRule {
    /// Whether the rule allows a request.
    pub(super) fn allows(&self, method: &str, path: &str) -> bool {
        self.service == SERVICE && self.method == method && fits(self.path.as_bytes(), path.as_bytes())
    }
}

/// Whether `path` is what `pattern` describes.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|end| fits(rest, &path[end..])),
        [b'*', rest @ ..] => fits_part(rest, path),
        [b'{', inside @ ..] => match inside.iter().position(|byte| *byte == b'}') {
            Some(end) => fits_part(&inside[end + 1..], path),
            None => false,
        },
        [letter, rest @ ..] => path.first() == Some(letter) && fits(rest, &path[1..]),
    }
}

/// Whether `path` begins with one part, at least one letter of it, and goes on as `rest` describes.
fn fits_part(rest: &[u8], path: &[u8]) -> bool {
    let part = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
    (1..=part).any(|end| fits(rest, &path[end..]))
}

#[cfg(test)]
mod tests {
    use super::AccessRule;

    #[test]
    fn a_rule_allows_what_its_pattern_describes() {
        let rows = [
            ("/v1/nodes", "/v1/nodes", true),
            ("/v1/nodes", "/v1/nodes/x", false),
            ("/v1/nodes/*", "/v1/nodes/x", true),
            ("/v1/nodes/*", "/v1/nodes/", false),
            ("/v1/nodes/*", "/v1/nodes/x/states", false),
            ("/v1/nodes/{node}/states", "/v1/nodes/x/states", true),
            ("/v1/nodes/{node}/states", "/v1/nodes//states", false),
            ("/v1/nodes/{node", "/v1/nodes/x", false),
            ("/v1/**", "/v1/nodes/x/states/power", true),
            ("/v1/**/power", "/v1/nodes/x/states/power", true),
            ("/v1/**/power", "/v1/nodes/x/states", false),
            ("**", "/v1", true),
        ];
        for (pattern, path, allowed) in rows {
            let rule = AccessRule { service: "baremetal".into(), method: "GET".into(), path: pattern.into() };
            assert_eq!(rule.allows("GET", path), allowed, "{pattern} {path}");
            assert!(!rule.allows("PUT", path), "{pattern} {path}");
            assert!(!AccessRule { service: "compute".into(), ..rule }.allows("GET", path), "{pattern}");
        }
    }
}
