//! Which microversion a request speaks.
//!
//! Source: `contract: rest-api` section 1; OpenStack API-WG guideline "Microversion Specification".

use actix_web::http::header::HeaderMap;

/// The header that other OpenStack services share.
const STANDARD_HEADER: &str = "openstack-api-version";
/// Ironic's own header.
pub(crate) const HEADER: &str = "X-OpenStack-Ironic-API-Version";
/// Tells the oldest microversion.
pub(crate) const MINIMUM_HEADER: &str = "X-OpenStack-Ironic-API-Minimum-Version";
/// Tells the newest microversion.
pub(crate) const MAXIMUM_HEADER: &str = "X-OpenStack-Ironic-API-Maximum-Version";

/// Minor number of the microversion of a request; the major number is always 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Microversion(pub u16);

/// Why no microversion was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The header cannot be read.
    Unreadable,
    /// The version is not spoken here; the text says what is.
    Unsupported(String),
}

impl Microversion {
    /// What a request without a header speaks.
    pub(crate) const OLDEST: Self = Self(1);
    /// The newest one.
    pub(crate) const NEWEST: Self = Self(115);

    /// Agrees on a microversion: the shared header if it names this service, else Ironic's own, else the oldest.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Result<Self, Refusal> {
        let standard = headers
            .get_all(STANDARD_HEADER)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|item| item.trim().split_once(char::is_whitespace))
            .filter(|(service, _)| service.eq_ignore_ascii_case("baremetal"))
            .map(|(_, version)| version.trim())
            .last();
        let legacy = match headers.get(HEADER) {
            Some(value) => Some(value.to_str().map_err(|_| Refusal::Unreadable)?),
            None => None,
        };
        match standard.or(legacy).map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Self::parse(text),
            None => Ok(Self::OLDEST),
        }
    }

    /// Reads `1.N` or `latest`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.eq_ignore_ascii_case("latest") {
            return Ok(Self::NEWEST);
        }
        let number = |part: &str| part.trim().parse::<u32>().ok();
        let (major, minor) = text
            .split_once('.')
            .and_then(|(major, minor)| Some((number(major)?, number(minor)?)))
            .ok_or(Refusal::Unreadable)?;
        let range = format!("The supported version range is: [{}, {}].", Self::OLDEST, Self::NEWEST);
        if major != 1 {
            return Err(Refusal::Unsupported(format!(
                "Mutually exclusive versions requested. Version {major}.{minor} requested but not supported by this \
                 service. {range}"
            )));
        }
        u16::try_from(minor)
            .map(Self)
            .ok()
            .filter(|version| (Self::OLDEST..=Self::NEWEST).contains(version))
            .ok_or_else(|| {
                Refusal::Unsupported(format!(
                    "Version {major}.{minor} was requested but the minor version is not supported by this service. \
                     {range}"
                ))
            })
    }

    /// The minor number in Ironic's own header, if it can be read: what decides about `.json` at the end of a path.
    pub(crate) fn legacy_minor(headers: &HeaderMap) -> Option<u16> {
        headers
            .get(HEADER)?
            .to_str()
            .ok()
            .and_then(|text| Self::parse(text.trim()).ok())
            .map(|version| version.0)
    }
}

impl std::fmt::Display for Microversion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn negotiated(headers: &[(&str, &str)]) -> Result<u16, Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        Microversion::negotiate(&map).map(|version| version.0)
    }

    #[test]
    fn both_headers_are_understood() {
        assert_eq!(negotiated(&[]), Ok(1));
        assert_eq!(negotiated(&[(HEADER, "")]), Ok(1));
        assert_eq!(negotiated(&[(HEADER, "1.50")]), Ok(50));
        assert_eq!(negotiated(&[(HEADER, "LATEST")]), Ok(115));
        assert_eq!(negotiated(&[("OpenStack-API-Version", "baremetal 1.72")]), Ok(72));
        assert_eq!(negotiated(&[("OpenStack-API-Version", "compute 2.1"), (HEADER, "1.9")]), Ok(9));
        assert_eq!(negotiated(&[("OpenStack-API-Version", "compute 2.1, baremetal latest")]), Ok(115));
        assert_eq!(negotiated(&[("OpenStack-API-Version", "baremetal 1.8"), (HEADER, "1.9")]), Ok(8));
    }

    #[test]
    fn what_is_not_spoken_here_is_refused_in_known_words() {
        for text in ["bogus", "1", "1.x", "x.1", "1.2.3", "-1.5", "1."] {
            assert_eq!(negotiated(&[(HEADER, text)]), Err(Refusal::Unreadable), "{text}");
        }
        for text in ["1.999", "1.0", "1.99999", "2.0", "0.9"] {
            let Err(Refusal::Unsupported(said)) = negotiated(&[(HEADER, text)]) else { panic!("{text}") };
            assert!(said.contains(text) && said.ends_with("[1.1, 1.115]."), "{said}");
        }
    }
}
