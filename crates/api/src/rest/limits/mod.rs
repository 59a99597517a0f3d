//! Limits on what callers may ask for at once: how often each of them, and how much altogether.

mod admission;
mod buckets;
mod rates;

pub(crate) use admission::Admission;
pub(crate) use rates::Rates;
