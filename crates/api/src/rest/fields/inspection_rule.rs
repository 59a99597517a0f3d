//! Fields of inspection rules.

use super::shapes::{FLAG, INTEGER, LINKS, OBJECTS_OR_NULL, TEXT_OR_NULL, TIME, TIME_OR_NULL, UUID};
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
    F::new("uuid", 96, |v, o| put(o, &v.rule.uuid)).of(&UUID),
    F::new("created_at", 96, |v, o| put(o, &Stamp(v.rule.created_at))).of(&TIME),
    F::new("updated_at", 96, |v, o| put(o, &v.rule.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("description", 96, |v, o| put(o, &v.rule.description)).of(&TEXT_OR_NULL),
    F::new("priority", 96, |v, o| put(o, &v.rule.priority)).of(&INTEGER),
    F::new("sensitive", 96, |v, o| put(o, &v.rule.sensitive)).of(&FLAG),
    F::new("phase", 96, |v, o| put(o, &v.rule.phase)).of(&TEXT_OR_NULL),
    F::new("conditions", 96, |v, o| put(o, &(!v.rule.sensitive).then_some(&v.rule.conditions)))
        .of(&OBJECTS_OR_NULL),
    F::new("actions", 96, |v, o| put(o, &(!v.rule.sensitive).then_some(&v.rule.actions)))
        .of(&OBJECTS_OR_NULL),
    F::new("links", 96, |v, o| link::put_pair(o, &v.base, &format!("inspection/{}", v.rule.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
];
