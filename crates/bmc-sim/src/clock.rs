//! Timestamps as Redfish and the agent print them; the only place that reads the clock.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The present moment, to the second, in the form `2026-01-31T12:00:00Z`.
pub(crate) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}
