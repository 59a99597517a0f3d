//! Fields of inspection rules.

use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link;
use ferric_model::inspection_rule::InspectionRule;

/// An inspection rule as one request sees it.
#[derive(Debug)]
pub(crate) struct InspectionRuleView {
    /// The rule.
    pub rule: InspectionRule,
    /// Base of links.
    pub base: String,
}

type F = Field<InspectionRuleView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 4] = ["uuid", "priority", "phase", "description"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 2] = ["actions", "conditions"];

/// Every field. Operations of sensitive rules are never shown; links have the path that clients know.
pub(crate) static FIELDS: [F; 10] = [
    F::new("uuid", 96, |v, o| put(o, &v.rule.uuid)),
    F::new("created_at", 96, |v, o| put(o, &Stamp(v.rule.created_at))),
    F::new("updated_at", 96, |v, o| put(o, &v.rule.updated_at.map(Stamp))),
    F::new("description", 96, |v, o| put(o, &v.rule.description)),
    F::new("priority", 96, |v, o| put(o, &v.rule.priority)),
    F::new("sensitive", 96, |v, o| put(o, &v.rule.sensitive)),
    F::new("phase", 96, |v, o| put(o, &v.rule.phase)),
    F::new("conditions", 96, |v, o| put(o, &(!v.rule.sensitive).then_some(&v.rule.conditions))),
    F::new("actions", 96, |v, o| put(o, &(!v.rule.sensitive).then_some(&v.rule.actions))),
    F::new("links", 96, |v, o| link::put_pair(o, &v.base, &format!("inspection/{}", v.rule.uuid)))
        .shown(Shown::Always),
];
