//! Parameters of the ramdisk's kernel.

use ferric_model::secret::Secret;
use url::Url;

use crate::boot::MacAddress;
use crate::boot::append::{assignment, words};
use crate::{ArtifactError, Result};

/// What the agent must know from its first moment.
///
/// **Shape** — of the line: `kernel_append_params`, then `ipa-api-url`, `ipa-agent-token`, `BOOTIF`, `boot_method`,
/// `ipa-inspection-callback-url`, `ipa-debug`, `extra` in its order, `ir_pub_id`. Where a name occurs twice the
/// agent takes the last, so operators' parameters cannot displace these.
#[derive(Debug, Clone, Default)]
pub struct BootParameters {
    /// `kernel_append_params` of instance_info or driver_info; `%default%` in it stands for the next field.
    pub kernel_append_params: Option<String>,
    /// The configured parameters, used as they are without an override.
    pub default_append_params: String,
    /// Where the agent finds the API; several URLs are separated by commas.
    pub ipa_api_url: String,
    /// The token made before the boot, where the medium is the node's own.
    pub agent_token: Option<Secret<String>>,
    /// Address of the port to boot from (`BOOTIF`).
    pub boot_mac: Option<MacAddress>,
    /// Whether the agent comes from virtual media (`boot_method=vmedia`).
    pub virtual_media: bool,
    /// Where inspection data go, when the node is being inspected.
    pub inspection_callback_url: Option<String>,
    /// Whether the agent logs at debug level.
    pub debug: bool,
    /// Further parameters (`ipa-inspection-collectors`, `ipa-global-request-id`, …).
    pub extra: Vec<(String, String)>,
    /// Publisher of the boot ISO, by which the agent knows its medium (`ir_pub_id`).
    pub publisher_id: Option<String>,
}

impl BootParameters {
    /// The kernel command line; secret, because it carries the agent's token.
    ///
    /// Errors: `Invalid` for line breaks, control characters, stray quotes, and URLs that are not http(s).
    pub fn kernel_line(&self) -> Result<Secret<String>> {
        for url in self.ipa_api_url.split(',') {
            check_url("ipa-api-url", url)?;
        }
        if let Some(url) = &self.inspection_callback_url {
            check_url("ipa-inspection-callback-url", url)?;
        }
        let token = self.agent_token.as_ref().map(|token| token.expose().clone());
        let ours = [
            ("ipa-api-url", Some(self.ipa_api_url.clone())),
            ("ipa-agent-token", token),
            ("BOOTIF", self.boot_mac.map(|mac| mac.to_string())),
            ("boot_method", self.virtual_media.then(|| "vmedia".to_owned())),
            ("ipa-inspection-callback-url", self.inspection_callback_url.clone()),
            ("ipa-debug", self.debug.then(|| "1".to_owned())),
        ];
        let mut line = words(self.kernel_append_params.as_deref(), &self.default_append_params)?;
        for (name, value) in ours {
            line.extend(value.map(|value| assignment(name, &value)).transpose()?);
        }
        for (name, value) in &self.extra {
            line.push(assignment(name, value)?);
        }
        line.extend(self.publisher_id.as_deref().map(|id| assignment("ir_pub_id", id)).transpose()?);
        Ok(Secret::new(line.join(" ")))
    }
}

fn check_url(what: &'static str, text: &str) -> Result<()> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && !text.contains(char::is_whitespace) => Ok(()),
        _ => Err(ArtifactError::invalid(what, "expected http:// or https:// URLs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> BootParameters {
        BootParameters {
            kernel_append_params: Some("%default% console=ttyS0,115200n8".to_owned()),
            default_append_params: "nofb".to_owned(),
            ipa_api_url: "http://a:6385,https://[::1]:6385".to_owned(),
            agent_token: Some(Secret::new("t-0_k".to_owned())),
            boot_mac: Some("52:54:00:AB:00:01".parse().unwrap()),
            virtual_media: true,
            inspection_callback_url: Some("http://a:6385/v1/continue_inspection".to_owned()),
            debug: true,
            extra: vec![("ipa-inspection-collectors".to_owned(), "default,logs".to_owned())],
            publisher_id: Some("3f8a".to_owned()),
        }
    }

    #[test]
    fn the_line_has_its_order() {
        assert_eq!(
            full().kernel_line().unwrap().expose(),
            "nofb console=ttyS0,115200n8 ipa-api-url=http://a:6385,https://[::1]:6385 ipa-agent-token=t-0_k \
             BOOTIF=52:54:00:ab:00:01 boot_method=vmedia \
             ipa-inspection-callback-url=http://a:6385/v1/continue_inspection ipa-debug=1 \
             ipa-inspection-collectors=default,logs ir_pub_id=3f8a"
        );
        let least = BootParameters { ipa_api_url: "http://a".to_owned(), ..BootParameters::default() };
        assert_eq!(least.kernel_line().unwrap().expose(), "ipa-api-url=http://a");
    }

    #[test]
    fn nothing_breaks_out_of_the_line() {
        type Change = fn(&mut BootParameters, String);
        let fields: [Change; 6] = [
            |p, text| p.kernel_append_params = Some(text),
            |p, text| p.ipa_api_url = format!("http://a/{text}"),
            |p, text| p.agent_token = Some(Secret::new(text)),
            |p, text| p.inspection_callback_url = Some(format!("http://a/{text}")),
            |p, text| p.extra = vec![("x".to_owned(), text)],
            |p, text| p.publisher_id = Some(text),
        ];
        for (number, change) in fields.into_iter().enumerate() {
            for evil in ["x\ninit=/bin/sh", "x\rx", "x\0x", "x\"x"] {
                let mut parameters = full();
                change(&mut parameters, evil.to_owned());
                let error = parameters.kernel_line().unwrap_err();
                assert_eq!(error.kind(), "invalid", "{number} {evil:?}");
                assert!(!error.to_string().contains("init=/bin/sh"), "{error}");
            }
        }
        for url in ["", "ftp://a", "http://a, http://b", "a"] {
            let parameters = BootParameters { ipa_api_url: url.to_owned(), ..full() };
            assert_eq!(parameters.kernel_line().unwrap_err().kind(), "invalid", "{url:?}");
        }
        assert!(!format!("{:?}", full()).contains("t-0_k"));
    }
}
