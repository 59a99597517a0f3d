//! What Keystone tells of a token.

use super::access_rules::AccessRule;
use ferric_control::Actor;
use serde::Deserialize;
use time::OffsetDateTime;

/// The answer to a question for a token.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Answer {
    /// The token.
    pub token: Token,
}

/// Whose token it is and what for.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Token {
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    user: Named,
    #[serde(default)]
    project: Option<Named>,
    #[serde(default)]
    system: Option<System>,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default)]
    application_credential: Option<ApplicationCredential>,
}

/// A user or project.
#[derive(Debug, Clone, Deserialize)]
struct Named {
    id: String,
}

#[derive(Debug, Clone, Deserialize)]
struct System {
    #[serde(default)]
    all: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Role {
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
struct ApplicationCredential {
    #[serde(default)]
    access_rules: Option<Vec<AccessRule>>,
}

impl Token {
    /// The caller.
    pub(super) fn actor(&self) -> Actor {
        Actor {
            user: Some(self.user.id.clone()),
            project: self.project.as_ref().map(|project| project.id.clone()),
            roles: self.roles.iter().map(|role| role.name.to_lowercase()).collect(),
            system_scope: self.system.as_ref().is_some_and(|system| system.all),
            ..Actor::default()
        }
    }

    /// Whether it has one of `roles`, which are lower case.
    pub(super) fn has_any_role(&self, roles: &[String]) -> bool {
        self.roles.iter().any(|role| roles.contains(&role.name.to_lowercase()))
    }

    /// Whether it may be used for a request.
    pub(super) fn allows(&self, method: &str, path: &str) -> bool {
        let rules = self.application_credential.as_ref().and_then(|one| one.access_rules.as_ref());
        rules.is_none_or(|rules| rules.iter().any(|rule| rule.allows(method, path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn token(more: Value) -> Token {
        let mut token = json!({
            "expires_at": "2026-11-22T08:00:00.000000Z",
            "user": {"id": "u1", "name": "ann", "domain": {"id": "default", "name": "Default"}},
        });
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<Answer>(json!({ "token": token })).unwrap().token
    }

    #[test]
    fn a_scope_makes_an_actor() {
        let roles = json!([{"id": "1", "name": "Admin"}, {"id": "2", "name": "reader"}]);
        let project = json!({"id": "p1", "name": "service", "domain": {"id": "default", "name": "Default"}});
        let of_project = token(json!({"project": project, "roles": roles}));
        assert_eq!(
            of_project.actor(),
            Actor {
                user: Some("u1".to_owned()),
                project: Some("p1".to_owned()),
                roles: vec!["admin".to_owned(), "reader".to_owned()],
                ..Actor::default()
            }
        );
        assert!(of_project.has_any_role(&["admin".to_owned()]));
        assert!(!of_project.has_any_role(&["service".to_owned()]));

        let of_system = token(json!({"system": {"all": true}, "roles": roles})).actor();
        assert!(of_system.system_scope && of_system.project.is_none() && !of_system.unrestricted);

        let unscoped = token(json!({})).actor();
        assert_eq!(unscoped, Actor { user: Some("u1".to_owned()), ..Actor::default() });
    }

    #[test]
    fn access_rules_bound_what_a_token_opens() {
        assert!(token(json!({})).allows("GET", "/v1/nodes"));
        let rules = json!([{"service": "baremetal", "method": "GET", "path": "/v1/nodes"}]);
        let bounded = token(json!({"application_credential": {"id": "a", "access_rules": rules}}));
        assert!(bounded.allows("GET", "/v1/nodes"));
        assert!(!bounded.allows("POST", "/v1/nodes"));
    }
}
