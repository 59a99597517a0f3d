//! Proxies through which the agent fetches images.

use ferric_model::JsonMap;
use serde_json::{Value, json};
use url::Url;

use crate::{ArtifactError, Result};

/// Scheme of an image and the key of driver_info that names its proxy.
const SCHEMES: [(&str, &str); 2] = [("http", "image_http_proxy"), ("https", "image_https_proxy")];
const NO_PROXY: &str = "image_no_proxy";

/// `image_http_proxy`, `image_https_proxy` and `image_no_proxy` of a driver_info.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageProxies {
    proxies: Vec<(&'static str, String)>,
    no_proxy: Option<String>,
}

impl ImageProxies {
    /// Errors: `Invalid` naming the key whose value is no http(s) URL, or no list of hosts.
    pub fn read(driver_info: &JsonMap) -> Result<Self> {
        let text = |name: &'static str| match driver_info.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(ArtifactError::invalid(name, "expected text")),
        };
        let mut proxies = Vec::new();
        for (scheme, name) in SCHEMES {
            let Some(url) = text(name)? else { continue };
            let fits =
                Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !fits {
                return Err(ArtifactError::invalid(name, "expected an http:// or https:// URL"));
            }
            proxies.push((scheme, url));
        }
        let no_proxy = text(NO_PROXY)?;
        if let Some(list) = &no_proxy
            && !list.split(',').all(|host| is_host_pattern(host.trim()))
        {
            return Err(ArtifactError::invalid(
                NO_PROXY,
                "expected host names and addresses, separated by commas",
            ));
        }
        Ok(Self { proxies, no_proxy })
    }

    /// Whether an image of this URL is fetched through a proxy.
    pub fn apply_to(&self, url: &Url) -> bool {
        self.proxies.iter().any(|(scheme, _)| *scheme == url.scheme())
    }

    pub(super) fn add_to(&self, info: &mut JsonMap) {
        if self.proxies.is_empty() {
            return;
        }
        let proxies: JsonMap =
            self.proxies.iter().map(|(scheme, url)| ((*scheme).to_owned(), json!(url))).collect();
        info.insert("proxies".to_owned(), proxies.into());
        if let Some(list) = &self.no_proxy {
            info.insert("no_proxy".to_owned(), json!(list));
        }
    }
}

fn is_host_pattern(host: &str) -> bool {
    let host = host.trim_start_matches("*.").trim_start_matches('.');
    !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]/".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_urls_by_scheme() {
        let read = |document: Value| ImageProxies::read(document.as_object().unwrap());
        let proxies =
            read(json!({"image_http_proxy": "http://u:p@proxy:3128", "image_no_proxy": ".local, 10.0.0.1"}))
                .unwrap();
        let mut info = JsonMap::new();
        proxies.add_to(&mut info);
        assert_eq!(
            Value::Object(info),
            json!({"proxies": {"http": "http://u:p@proxy:3128"}, "no_proxy": ".local, 10.0.0.1"})
        );
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(proxies.apply_to(&url("http://h/i")) && !proxies.apply_to(&url("https://h/i")));
        assert_eq!(read(json!({})).unwrap(), ImageProxies::default());
        for bad in [
            json!({"image_http_proxy": "proxy:3128"}),
            json!({"image_https_proxy": "ftp://proxy"}),
            json!({"image_https_proxy": 1}),
            json!({"image_no_proxy": "a b"}),
            json!({"image_no_proxy": "a,,b"}),
        ] {
            assert_eq!(read(bad.clone()).unwrap_err().kind(), "invalid", "{bad}");
        }
    }
}
