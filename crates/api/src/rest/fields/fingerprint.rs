//! Fields of fingerprints of failures.

use super::shapes::{INTEGER, LINKS, OBJECTS, TEXT, TEXT_OR_NULL, TIME};
use super::{Field, Shown};
use crate::rest::json::{Members, Stamp, Written, put, put_list};
use crate::rest::link;
use ferric_model::failure::{Correlation, FingerprintCount, find};

/// A fingerprint as one request sees it.
#[derive(Debug)]
pub(crate) struct FingerprintView {
    /// The fingerprint with its counts.
    pub count: FingerprintCount,
    /// Base of links.
    pub base: String,
}

/// A fingerprint with what its nodes have in common.
#[derive(Debug)]
pub(crate) struct CommonView {
    /// The fingerprint.
    pub shown: FingerprintView,
    /// Facts that are more frequent among its nodes than in the fleet.
    pub correlations: Vec<Correlation>,
}

type F = Field<FingerprintView>;
type C = Field<CommonView>;

/// Every field of a list.
pub(crate) static FIELDS: [F; 12] = [
    F::new("fingerprint", 1, |v, o| put(o, &v.count.fingerprint)).of(&TEXT),
    F::new("code", 1, |v, o| put(o, &v.count.code)).of(&TEXT),
    F::new("class", 1, |v, o| put(o, &class(&v.count))).of(&TEXT_OR_NULL),
    F::new("step", 1, |v, o| put(o, &v.count.step)).of(&TEXT_OR_NULL),
    F::new("message_id", 1, |v, o| put(o, &v.count.message_id)).of(&TEXT_OR_NULL),
    F::new("template", 1, |v, o| put(o, &v.count.template)).of(&TEXT),
    F::new("remedy", 1, |v, o| put(o, &find(&v.count.code).map(|row| row.remedy))).of(&TEXT_OR_NULL),
    F::new("count", 1, |v, o| put(o, &v.count.seen)).of(&INTEGER),
    F::new("nodes", 1, |v, o| put(o, &v.count.nodes)).of(&INTEGER),
    F::new("first_seen", 1, |v, o| put(o, &Stamp(v.count.first_seen))).of(&TIME),
    F::new("last_seen", 1, |v, o| put(o, &Stamp(v.count.last_seen))).of(&TIME),
    F::new("links", 1, put_links).of(&LINKS).shown(Shown::Always),
];

/// Every field of one fingerprint.
pub(crate) static COMMON: [C; 13] = [
    C::new("fingerprint", 1, |v, o| put(o, &v.shown.count.fingerprint)).of(&TEXT),
    C::new("code", 1, |v, o| put(o, &v.shown.count.code)).of(&TEXT),
    C::new("class", 1, |v, o| put(o, &class(&v.shown.count))).of(&TEXT_OR_NULL),
    C::new("step", 1, |v, o| put(o, &v.shown.count.step)).of(&TEXT_OR_NULL),
    C::new("message_id", 1, |v, o| put(o, &v.shown.count.message_id)).of(&TEXT_OR_NULL),
    C::new("template", 1, |v, o| put(o, &v.shown.count.template)).of(&TEXT),
    C::new("remedy", 1, |v, o| put(o, &find(&v.shown.count.code).map(|row| row.remedy))).of(&TEXT_OR_NULL),
    C::new("count", 1, |v, o| put(o, &v.shown.count.seen)).of(&INTEGER),
    C::new("nodes", 1, |v, o| put(o, &v.shown.count.nodes)).of(&INTEGER),
    C::new("first_seen", 1, |v, o| put(o, &Stamp(v.shown.count.first_seen))).of(&TIME),
    C::new("last_seen", 1, |v, o| put(o, &Stamp(v.shown.count.last_seen))).of(&TIME),
    C::new("correlations", 1, |v, o| put_list(o, &v.correlations, put_correlation)).of(&OBJECTS),
    C::new("links", 1, |v, o| put_links(&v.shown, o)).of(&LINKS).shown(Shown::Always),
];

fn class(count: &FingerprintCount) -> Option<&'static str> {
    find(&count.code).map(|row| row.class.as_str())
}

fn put_links(view: &FingerprintView, out: &mut Vec<u8>) -> Written {
    link::put_pair(out, &view.base, &format!("history/fingerprints/{}", view.count.fingerprint))
}

fn put_correlation(out: &mut Vec<u8>, found: &Correlation) -> Written {
    let mut members = Members::open(out);
    members.put("fact", found.fact)?;
    members.put("value", &found.value)?;
    members.put("failed", &found.failed)?;
    members.put("share_of_failed", &rounded(found.share_of_failed))?;
    members.put("share_of_fleet", &rounded(found.share_of_fleet))?;
    members.put("lift", &rounded(found.lift))?;
    members.put("lift_at_least", &rounded(found.lift_at_least))?;
    members.close();
    Ok(())
}

/// Nobody reads more than three places.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
