//! What a check found.

use anyhow::{Result, bail};

/// Findings of one check; each is one line that names the place and the rule.
#[derive(Debug, Default)]
pub struct Findings(Vec<String>);

impl Findings {
    pub fn add(&mut self, finding: String) {
        self.0.push(finding);
    }

    /// Says "name: ok", or fails with the list.
    pub fn conclude(self, check: &str) -> Result<()> {
        if self.0.is_empty() {
            println!("{check}: ok");
            return Ok(());
        }
        bail!("{check}: {} found\n  {}", self.0.len(), self.0.join("\n  "))
    }

    #[cfg(test)]
    pub fn lines(&self) -> &[String] {
        &self.0
    }
}
