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
    user: User,
    #[serde(default)]
    project: Option<Project>,
    #[serde(default)]
    domain: Option<Domain>,
    #[serde(default)]
    system: Option<System>,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default = "yes")]
    is_admin_project: bool,
    #[serde(default)]
    application_credential: Option<ApplicationCredential>,
}

#[derive(Debug, Clone, Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    domain: Option<Domain>,
}

#[derive(Debug, Clone, Deserialize)]
struct Project {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    domain: Option<Domain>,
}

#[derive(Debug, Clone, Deserialize)]
struct Domain {
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
    /// The caller, whose request a service with `service_roles` may have passed on.
    pub(super) fn actor(&self, service_roles: Vec<String>) -> Actor {
        let project = self.project.as_ref();
        Actor {
            user: Some(self.user.id.clone()),
            user_domain: id_of(self.user.domain.as_ref()),
            project: project.map(|project| project.id.clone()),
            project_name: project.and_then(|project| project.name.clone()),
            project_domain: id_of(project.and_then(|project| project.domain.as_ref())),
            domain: id_of(self.domain.as_ref()),
            roles: self.roles(),
            system_scope: self.system.as_ref().is_some_and(|system| system.all),
            is_admin_project: self.is_admin_project,
            service_roles,
            ..Actor::default()
        }
    }

    /// Names of its roles.
    pub(super) fn roles(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.name.clone()).collect()
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

fn id_of(domain: Option<&Domain>) -> Option<String> {
    domain.map(|domain| domain.id.clone())
}

const fn yes() -> bool {
    true
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
        let project = json!({"id": "p1", "name": "service", "domain": {"id": "d1", "name": "D"}});
        let of_project = token(json!({"project": project, "roles": roles}));
        assert_eq!(
            of_project.actor(vec!["service".to_owned()]),
            Actor {
                user: Some("u1".to_owned()),
                user_domain: Some("default".to_owned()),
                project: Some("p1".to_owned()),
                project_name: Some("service".to_owned()),
                project_domain: Some("d1".to_owned()),
                roles: vec!["Admin".to_owned(), "reader".to_owned()],
                is_admin_project: true,
                service_roles: vec!["service".to_owned()],
                ..Actor::default()
            }
        );
        assert!(of_project.has_any_role(&["admin".to_owned()]));
        assert!(!of_project.has_any_role(&["service".to_owned()]));

        let of_system = token(json!({"system": {"all": true}, "roles": roles})).actor(Vec::new());
        assert!(of_system.system_scope && of_system.project.is_none() && !of_system.unrestricted);

        let of_domain = token(json!({"domain": {"id": "d1"}, "is_admin_project": false})).actor(Vec::new());
        assert_eq!((of_domain.domain.as_deref(), of_domain.is_admin_project), (Some("d1"), false));

        let unscoped = token(json!({})).actor(Vec::new());
        assert!(unscoped.roles.is_empty() && unscoped.project.is_none() && !unscoped.system_scope);
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
