//! A look at the privileges of this process: every role works without any.

use rustix::process::geteuid;
use rustix::thread::{capabilities, no_new_privs};
use serde::Deserialize;

/// What to do about privileges that are not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnPrivileges {
    /// Say so and start.
    Warn,
    /// Do not start.
    Refuse,
    /// Start.
    Ignore,
}

/// Looks, and does what was decided.
///
/// **Errors**: there are privileges, and they are refused.
pub fn check(decided: OnPrivileges) -> anyhow::Result<()> {
    if decided == OnPrivileges::Ignore {
        return Ok(());
    }
    let needless = needless(geteuid().is_root(), capabilities_held(), no_new_privs().unwrap_or(false));
    if needless.is_empty() {
        return Ok(());
    }
    let needless = needless.join(", ");
    if decided == OnPrivileges::Refuse {
        anyhow::bail!(
            "this process has more privileges than it needs ({needless}), and 'process.privileges' says to refuse them"
        );
    }
    tracing::warn!(needless, "this process has more privileges than it needs");
    Ok(())
}

/// Whether the process can use any capability; one whose capabilities cannot be told has none that matter.
fn capabilities_held() -> bool {
    capabilities(None).is_ok_and(|sets| !sets.effective.is_empty() || !sets.permitted.is_empty())
}

fn needless(is_root: bool, has_capabilities: bool, cannot_gain: bool) -> Vec<&'static str> {
    let rows = [
        (is_root, "it runs as root"),
        (has_capabilities, "it has capabilities"),
        // Of no use to a process that has none to begin with but for programs that are set-user-id.
        ((is_root || has_capabilities) && !cannot_gain, "it can gain new ones"),
    ];
    rows.into_iter().filter(|row| row.0).map(|row| row.1).collect()
}

#[cfg(test)]
mod tests {
    use super::{OnPrivileges, check, needless};

    #[test]
    fn an_ordinary_process_has_nothing_needless() {
        assert!(needless(false, false, true).is_empty());
        assert!(needless(false, false, false).is_empty());
        assert_eq!(needless(true, true, true), ["it runs as root", "it has capabilities"]);
        assert_eq!(needless(false, true, false), ["it has capabilities", "it can gain new ones"]);
        check(OnPrivileges::Ignore).unwrap();
        check(OnPrivileges::Warn).unwrap();
    }

    #[test]
    fn refusing_says_which_key_refuses() {
        let is_root = rustix::process::geteuid().is_root();
        let refused = check(OnPrivileges::Refuse);
        assert_eq!(refused.is_err(), is_root || super::capabilities_held());
        if let Err(error) = refused {
            assert!(error.to_string().contains("process.privileges"));
        }
    }
}
