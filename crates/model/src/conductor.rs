//! Conductors: the workers that drive hardware, as the control plane knows them.

use crate::hardware::InterfaceKind;
use crate::vendor::VendorMethods;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A conductor process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conductor {
    /// Row number: the order of first registration.
    #[serde(default)]
    pub id: i64,
    /// Its host name: identity.
    pub hostname: String,
    /// The group whose nodes it serves; lower case, empty for the default group.
    pub conductor_group: String,
    /// Random value of the process that registered last; a late call of an earlier process is refused.
    pub incarnation: String,
    /// What it can drive.
    pub drivers: DriverOffers,
    /// False after it left in good order.
    pub online: bool,
    /// When it first registered.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last heard of.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Hardware types by name, each with the interfaces that the conductor has enabled.
pub type DriverOffers = BTreeMap<String, DriverOffer>;

/// What one conductor offers for one hardware type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DriverOffer {
    /// Enabled implementations by kind of interface, most preferred (the default) first.
    pub interfaces: BTreeMap<InterfaceKind, Vec<String>>,
    /// What each `driver_info` key means, for `GET /v1/drivers/X/properties`.
    pub properties: BTreeMap<String, String>,
    /// What the enabled vendor interfaces can be called for, by implementation.
    #[serde(default)]
    pub vendor: BTreeMap<String, VendorMethods>,
}

impl Conductor {
    /// Whether it was heard of within `timeout` and has not left.
    pub fn is_alive(&self, now: OffsetDateTime, timeout: time::Duration) -> bool {
        self.online && now - self.updated_at <= timeout
    }
}
