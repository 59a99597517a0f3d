//! Templates of answer files.

use crate::{InstallerError, Result};
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

/// Longest template, in bytes.
pub(crate) const MAX_TEMPLATE_BYTES: u64 = 1 << 20;

/// Instructions that a template may take: a loop without end is an error.
const FUEL: u64 = 1_000_000;

/// What templates find under `ks_options`.
///
/// Source: `contract: boot-and-images` section 9; `liveimg_checksum`, `log_url`, `boot_url`, `hostname` are additions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Variables {
    /// What is installed: an archive, or a repository when the next field says so.
    pub liveimg_url: String,
    /// Whether [`Self::liveimg_url`] is a repository.
    pub is_source_a_path: bool,
    /// SHA-256 of the archive, if it is known.
    pub liveimg_checksum: String,
    /// Secret of the callbacks.
    pub agent_token: String,
    /// Where callbacks go.
    pub heartbeat_url: String,
    /// Whether callbacks go to whoever answers there.
    pub insecure_heartbeat: bool,
    /// Sections that write the configdrive; empty without one.
    pub config_drive: String,
    /// Where log lines go.
    pub log_url: String,
    /// Base URL of the artefacts of this installation.
    pub boot_url: String,
    /// Name of the node, or its UUID.
    pub hostname: String,
}

#[derive(Serialize)]
struct Context<'a> {
    ks_options: &'a Variables,
}

/// Renders a template; a variable that is not defined is an error, wherever it stands.
///
/// **Errors**: `Template`, with the line and without values.
pub fn render(template: &str, variables: &Variables) -> Result<String> {
    let unusable = |error: minijinja::Error| {
        let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
        let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        InstallerError::Template(format!("{}{detail}{line}", error.kind()))
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.add_template("answer file", template).map_err(unusable)?;
    let template = environment.get_template("answer file").map_err(unusable)?;
    template.render(Value::from(Serde(Context { ks_options: variables }))).map_err(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        Variables { liveimg_url: "http://h/i.tar".into(), agent_token: "tok".into(), ..Variables::default() }
    }

    #[test]
    fn values_stand_where_they_are_named() {
        let template = "liveimg --url {{ ks_options.liveimg_url }}\n{% if ks_options.insecure_heartbeat %}-k{% endif %}\
                        {% if 'config_drive' in ks_options %}x{% endif %}\n";
        assert_eq!(render(template, &variables()).unwrap(), "liveimg --url http://h/i.tar\nx");
        // Nothing is escaped: an answer file is no HTML.
        let quoted = Variables { hostname: "<a&\"b\">".into(), ..variables() };
        assert_eq!(render("{{ ks_options.hostname }}", &quoted).unwrap(), "<a&\"b\">");
    }

    #[test]
    fn whatever_is_not_defined_is_an_error_with_its_line() {
        for (template, line) in [
            ("a\n{{ ks_options.liveimg }}\n", "line 2"),
            ("{{ liveimg_url }}", "line 1"),
            ("{% if ks_options.nothing %}x{% endif %}", "line 1"),
            ("{{ ks_options.liveimg_url | nothing }}", "line 1"),
            ("\n\n{% for %}", "line 3"),
            ("{{ ks_options.agent_token", "line 1"),
        ] {
            let error = render(template, &variables()).unwrap_err();
            assert_eq!(error.kind(), "template", "{template}");
            assert!(error.to_string().contains(line), "{error}");
            assert!(!error.to_string().contains("tok"), "{error}");
        }
    }

    #[test]
    fn a_template_ends() {
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert_eq!(render(endless, &variables()).unwrap_err().kind(), "template");
    }
}
