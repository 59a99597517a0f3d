//! How tokens are validated.

use crate::error::ApiError;
use ferric_model::secret::Secret;
use serde::Deserialize;
use std::path::PathBuf;
use url::Url;

/// Section `auth.keystone` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeystoneConfig {
    /// Where tokens are validated, with or without `/v3`.
    pub url: String,
    /// Where callers are told to get tokens; `url` if empty.
    pub public_url: String,
    /// Authorities one of which must vouch for Keystone's certificate; those of the system if absent.
    pub ca: Option<PathBuf>,
    /// User of this service.
    pub username: String,
    /// Domain of the user, by name.
    pub user_domain: String,
    /// Project of this service's token, by name; its scope is the system if empty.
    pub project: String,
    /// Domain of the project, by name.
    pub project_domain: String,
    /// Application credential that is used instead of user and project.
    pub application_credential_id: String,
    /// Password of the user, or secret of the application credential.
    pub password: Option<Secret<String>>,
    /// File that holds it; read each time it is needed.
    pub password_file: Option<PathBuf>,
    /// How long a valid token is believed without asking again, in seconds.
    pub cache_secs: u32,
    /// The same for one that is not valid.
    pub refused_cache_secs: u32,
    /// How many tokens are remembered.
    pub cached_tokens: u64,
    /// Roles that make a token a service's: names with commas between them.
    pub service_roles: String,
    /// Whether a user's token may have expired when a service shows its own along with it.
    pub allow_expired_with_service_token: bool,
    /// Deadline of a TCP and TLS connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Deadline of one call with its whole answer, in milliseconds.
    pub answer_timeout_ms: u64,
    /// How long a request waits for its token to be validated, repetitions included, in milliseconds.
    pub deadline_ms: u64,
    /// Tries of a call (at least 1).
    pub attempts: u32,
    /// First pause between two tries, in milliseconds; doubles with each failure, with full jitter.
    pub retry_pause_ms: u64,
    /// Calls that may be under way at once.
    pub concurrent_calls: usize,
    /// Calls in a row that end without an answer after which new tokens are refused at once.
    pub unavailable_after: u32,
    /// How long they are, before one call finds out whether Keystone answers again, in seconds.
    pub unavailable_pause_secs: u32,
}

impl Default for KeystoneConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            public_url: String::new(),
            ca: None,
            username: String::new(),
            user_domain: "Default".to_owned(),
            project: "service".to_owned(),
            project_domain: "Default".to_owned(),
            application_credential_id: String::new(),
            password: None,
            password_file: None,
            cache_secs: 300,
            refused_cache_secs: 10,
            cached_tokens: 10_000,
            service_roles: "service".to_owned(),
            allow_expired_with_service_token: true,
            connect_timeout_ms: 2_000,
            answer_timeout_ms: 5_000,
            deadline_ms: 10_000,
            attempts: 3,
            retry_pause_ms: 100,
            concurrent_calls: 32,
            unavailable_after: 5,
            unavailable_pause_secs: 5,
        }
    }
}

impl KeystoneConfig {
    /// Whether tokens can be validated with it.
    ///
    /// **Errors**: `Config` names the key that is missing or wrong.
    pub fn check(&self) -> Result<(), ApiError> {
        self.tokens_url()?;
        let refuse = |key, reason: &str| Err(ApiError::Config { key, reason: reason.to_owned() });
        match (self.username.is_empty(), self.application_credential_id.is_empty()) {
            (true, true) => {
                return refuse(
                    "auth.keystone.username",
                    "it or auth.keystone.application_credential_id is needed",
                );
            }
            (false, false) => {
                return refuse(
                    "auth.keystone.username",
                    "it goes not with auth.keystone.application_credential_id",
                );
            }
            _ => {}
        }
        match (&self.password, &self.password_file) {
            (None, None) => refuse("auth.keystone.password", "it or auth.keystone.password_file is needed"),
            (Some(_), Some(_)) => {
                refuse("auth.keystone.password", "it goes not with auth.keystone.password_file")
            }
            _ => Ok(()),
        }
    }

    /// Where tokens are issued and validated.
    pub(crate) fn tokens_url(&self) -> Result<Url, ApiError> {
        let bad = |reason: &str| ApiError::Config { key: "auth.keystone.url", reason: reason.to_owned() };
        if self.url.is_empty() {
            return Err(bad("it is needed when auth.strategy is keystone"));
        }
        let base = self.url.trim_end_matches('/').trim_end_matches("/v3");
        Url::parse(&format!("{base}/v3/auth/tokens"))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| bad("it is no http or https URL"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_address_leads_to_tokens() {
        for url in ["http://k:5000", "http://k:5000/", "http://k:5000/v3", "http://k:5000/v3/"] {
            let config = KeystoneConfig { url: url.to_owned(), ..KeystoneConfig::default() };
            assert_eq!(config.tokens_url().unwrap().as_str(), "http://k:5000/v3/auth/tokens");
        }
        let below = KeystoneConfig { url: "https://k/identity/v3".to_owned(), ..KeystoneConfig::default() };
        assert_eq!(below.tokens_url().unwrap().as_str(), "https://k/identity/v3/auth/tokens");
    }

    #[test]
    fn the_key_that_is_wrong_is_named() {
        let good = KeystoneConfig {
            url: "https://k".to_owned(),
            username: "ferric".to_owned(),
            password: Some(Secret::new("hunter2".to_owned())),
            ..KeystoneConfig::default()
        };
        good.check().unwrap();
        assert!(!format!("{good:?}").contains("hunter2"));
        let rows = [
            (KeystoneConfig { url: String::new(), ..good.clone() }, "auth.keystone.url: "),
            (KeystoneConfig { url: "ftp://k".to_owned(), ..good.clone() }, "auth.keystone.url: "),
            (KeystoneConfig { username: String::new(), ..good.clone() }, "auth.keystone.username: "),
            (
                KeystoneConfig { application_credential_id: "a".to_owned(), ..good.clone() },
                "auth.keystone.username: ",
            ),
            (KeystoneConfig { password: None, ..good.clone() }, "auth.keystone.password: "),
            (KeystoneConfig { password_file: Some("/p".into()), ..good }, "auth.keystone.password: "),
        ];
        for (config, begins) in rows {
            let text = config.check().unwrap_err().to_string();
            assert!(text.starts_with(begins), "{text}");
        }
    }
}
