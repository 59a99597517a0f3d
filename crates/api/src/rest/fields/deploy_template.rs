//! Fields of deploy templates.

use super::shapes::{LINKS, OBJECT, OBJECTS, TEXT, TIME, TIME_OR_NULL, UUID};
use super::stored_steps::put_steps;
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link;
use ferric_model::deploy_template::DeployTemplate;

/// A deploy template as one request sees it.
#[derive(Debug)]
pub(crate) struct TemplateView {
    /// The deploy template.
    pub template: DeployTemplate,
    /// Base of links.
    pub base: String,
}

type F = Field<TemplateView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 2] = ["uuid", "name"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 2] = ["extra", "steps"];

/// Every field.
pub(crate) static FIELDS: [F; 7] = [
    F::new("uuid", 55, |v, o| put(o, &v.template.uuid)).of(&UUID),
    F::new("created_at", 55, |v, o| put(o, &Stamp(v.template.created_at))).of(&TIME),
    F::new("updated_at", 55, |v, o| put(o, &v.template.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("name", 55, |v, o| put(o, &v.template.name)).of(&TEXT),
    F::new("extra", 55, |v, o| put(o, &v.template.extra)).of(&OBJECT),
    F::new("links", 55, |v, o| link::put_pair(o, &v.base, &format!("deploy_templates/{}", v.template.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("steps", 55, |v, o| put_steps(o, &v.template.steps, "priority")).of(&OBJECTS),
];
