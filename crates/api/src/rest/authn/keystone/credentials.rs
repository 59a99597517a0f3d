//! Who this service is at Keystone.

use super::client::CallError;
use crate::config::KeystoneConfig;
use ferric_model::secret::Secret;
use serde_json::{Value, json};

/// The document that asks for a token. The file of the password is read each time, so that a new password counts.
///
/// **Errors**: `Setup` when the file cannot be read.
pub(super) async fn document(config: &KeystoneConfig) -> Result<Value, CallError> {
    let secret = secret(config).await?;
    if !config.application_credential_id.is_empty() {
        let credential = json!({"id": config.application_credential_id, "secret": secret.expose()});
        let identity = json!({"methods": ["application_credential"], "application_credential": credential});
        // An application credential has its scope already.
        return Ok(json!({"auth": {"identity": identity}}));
    }
    let domain = |name: &str| json!({ "name": name });
    let user = json!({
        "name": config.username,
        "domain": domain(&config.user_domain),
        "password": secret.expose(),
    });
    let scope = match config.project.as_str() {
        "" => json!({"system": {"all": true}}),
        name => json!({"project": {"name": name, "domain": domain(&config.project_domain)}}),
    };
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    Ok(json!({"auth": {"identity": identity, "scope": scope}}))
}

async fn secret(config: &KeystoneConfig) -> Result<Secret<String>, CallError> {
    if let Some(password) = &config.password {
        return Ok(password.clone());
    }
    let path = config.password_file.clone().unwrap_or_default();
    let text = tokio::fs::read_to_string(&path)
        .await
        .map_err(|error| CallError::Setup(format!("{} cannot be read: {error}", path.display())))?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[actix_web::test]
    async fn a_password_opens_a_project_or_the_system() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "hunter2").unwrap();
        let mut config = KeystoneConfig {
            username: "ferric".to_owned(),
            password_file: Some(file.path().to_owned()),
            ..KeystoneConfig::default()
        };
        let asked = document(&config).await.unwrap();
        assert_eq!(
            asked["auth"]["identity"]["password"]["user"],
            json!({"name": "ferric", "domain": {"name": "Default"}, "password": "hunter2"})
        );
        assert_eq!(
            asked["auth"]["scope"],
            json!({"project": {"name": "service", "domain": {"name": "Default"}}})
        );
        config.project = String::new();
        assert_eq!(document(&config).await.unwrap()["auth"]["scope"], json!({"system": {"all": true}}));
        config.password_file = Some("/nonexistent/file".into());
        assert!(matches!(document(&config).await, Err(CallError::Setup(_))));
    }

    #[actix_web::test]
    async fn an_application_credential_has_its_scope_already() {
        let config = KeystoneConfig {
            application_credential_id: "abc".to_owned(),
            password: Some(Secret::new("hunter2".to_owned())),
            ..KeystoneConfig::default()
        };
        assert_eq!(
            document(&config).await.unwrap(),
            json!({"auth": {"identity": {
                "methods": ["application_credential"],
                "application_credential": {"id": "abc", "secret": "hunter2"},
            }}})
        );
    }
}
