//! Source: ComputerSystem schema, `Boot`.

use crate::client::json;
use serde_json::Value;

/// The boot settings of a system.
#[derive(Debug, Clone, Copy)]
pub struct Boot<'a>(pub(super) &'a Value);

impl<'a> Boot<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        json::text(self.0, &["Boot", key])
    }

    /// What is booted instead of the boot order, for example `Pxe`.
    pub fn target(&self) -> Option<&'a str> {
        self.text("BootSourceOverrideTarget")
    }

    /// `Once`, `Continuous` or `Disabled`.
    pub fn enabled(&self) -> Option<&'a str> {
        self.text("BootSourceOverrideEnabled")
    }

    /// `UEFI` or `Legacy`.
    pub fn mode(&self) -> Option<&'a str> {
        self.text("BootSourceOverrideMode")
    }

    /// Where the firmware fetches what it boots, as far as the BMC tells; empty and absent are the same.
    pub fn http_uri(&self) -> Option<&'a str> {
        self.text("HttpBootUri").filter(|uri| !uri.is_empty())
    }

    /// The targets that the BMC offers; empty when it does not tell.
    pub fn allowable_targets(&self) -> Vec<&'a str> {
        json::texts(self.0, &["Boot", "BootSourceOverrideTarget@Redfish.AllowableValues"])
    }
}
