//! Why a policy cannot be used.

use std::path::{Path, PathBuf};

/// A policy that cannot be used, and the place to look at.
#[derive(Debug, thiserror::Error)]
#[error("{}{}{reason}", self.file_words(), self.rule_words())]
pub struct PolicyError {
    /// The operator's file; none for the built-in rules.
    pub file: Option<PathBuf>,
    /// The rule that is wrong, where it is one of them.
    pub rule: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl PolicyError {
    pub(super) fn of_file(reason: impl Into<String>) -> Self {
        Self { file: None, rule: None, reason: reason.into() }
    }

    pub(super) fn of_rule(rule: &str, reason: impl Into<String>) -> Self {
        Self { rule: Some(rule.to_owned()), ..Self::of_file(reason) }
    }

    /// The same, said of a file.
    pub(super) fn in_file(self, path: &Path) -> Self {
        Self { file: Some(path.to_owned()), ..self }
    }

    fn file_words(&self) -> String {
        self.file.as_ref().map_or_else(String::new, |path| format!("policy file {}: ", path.display()))
    }

    fn rule_words(&self) -> String {
        self.rule.as_ref().map_or_else(String::new, |rule| format!("rule '{rule}': "))
    }
}
