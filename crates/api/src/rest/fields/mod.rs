//! Fields of resources: from which microversion on they are shown, and how each is written. Visibility is data.
//!
//! Source: `contract: node-fields`.

pub(crate) mod allocation;
pub(crate) mod bios;
pub(crate) mod chassis;
pub(crate) mod conductor;
pub(crate) mod deploy_template;
pub(crate) mod driver;
pub(crate) mod failure;
pub(crate) mod fingerprint;
pub(crate) mod firmware;
pub(crate) mod history;
pub(crate) mod inspection_rule;
pub(crate) mod node;
pub(crate) mod node_view;
pub(crate) mod operation;
pub(crate) mod operation_item;
pub(crate) mod port;
pub(crate) mod portgroup;
pub(crate) mod runbook;
pub(crate) mod shapes;
mod stored_steps;
pub(crate) mod vmedia;
pub(crate) mod volume_connector;
pub(crate) mod volume_target;

use super::args::Args;
use super::error::Fault;
use super::json::{Members, Written};
use super::microversion::Microversion;
use ferric_model::schema::{Schema, literal};

/// One field of a resource, written from a view `V`.
#[derive(Debug)]
pub(crate) struct Field<V: 'static + ?Sized> {
    /// Its name.
    pub name: &'static str,
    /// The first microversion that shows it.
    pub since: u16,
    /// When it is shown.
    pub shown: Shown,
    /// How it is written.
    pub put: fn(&V, &mut Vec<u8>) -> Written,
    /// What its values look like, for readers of the document that describes this API.
    pub shape: &'static Schema,
}

/// When a field is shown, besides its microversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// When all fields are shown, or it is asked for.
    Asked,
    /// Whatever is asked for.
    Always,
    /// When all fields are shown; it cannot be asked for.
    Whole,
}

/// The fields that one answer shows.
pub(crate) type Selection<V> = Vec<&'static Field<V>>;

/// Chooses the fields of an answer: all, or those asked for.
pub(crate) fn select<V: ?Sized>(
    table: &'static [Field<V>],
    version: Microversion,
    asked: Option<&[String]>,
) -> Selection<V> {
    let shown = |field: &&Field<V>| {
        version.0 >= field.since
            && match (asked, field.shown) {
                (None, _) | (Some(_), Shown::Always) => true,
                (Some(_), Shown::Whole) => false,
                (Some(names), Shown::Asked) => names.iter().any(|name| name == field.name),
            }
    };
    table.iter().filter(shown).collect()
}

/// Names of the fields that can be asked for or are always shown, links left out.
pub(crate) fn names_in<V: ?Sized>(table: &[Field<V>]) -> Vec<&'static str> {
    table.iter().map(|field| field.name).filter(|name| *name != "links").collect()
}

/// Refuses names of fields that there are not.
pub(crate) fn check_names<V: ?Sized>(table: &[Field<V>], asked: Option<&[String]>) -> Result<(), Fault> {
    refuse_unknown(asked, |name| table.iter().any(|field| field.name == name))
}

/// The same, in the words of resources whose arguments are checked against a schema.
pub(crate) fn check_listed<V: ?Sized>(table: &[Field<V>], args: &Args) -> Result<(), Fault> {
    let mut known: Vec<&str> = table.iter().map(|field| field.name).collect();
    let asked = args.words("fields").unwrap_or_default();
    let Some(unknown) = asked.into_iter().rfind(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    known.sort_unstable();
    let (unknown, known) = (literal(&unknown.into()), literal(&known.into()));
    Err(Fault::invalid(format!("Schema error: {unknown} is not one of {known}")))
}

/// Refuses names that `known` does not know.
pub(crate) fn refuse_unknown(asked: Option<&[String]>, known: impl Fn(&str) -> bool) -> Result<(), Fault> {
    let unknown: Vec<&str> =
        asked.unwrap_or_default().iter().map(String::as_str).filter(|name| !known(name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Fault::invalid(format!("Field(s) \"{}\" are not valid", unknown.join(", "))))
}

/// Writes the selected fields of one resource as an object.
pub(crate) fn put_resource<V: ?Sized>(out: &mut Vec<u8>, view: &V, selection: &[&Field<V>]) -> Written {
    let mut members = Members::open(out);
    for field in selection {
        members.with(field.name, |out| (field.put)(view, out))?;
    }
    members.close();
    Ok(())
}

impl<V: ?Sized> Field<V> {
    /// A field that is shown when all are, or when it is asked for.
    pub(crate) const fn new(name: &'static str, since: u16, put: fn(&V, &mut Vec<u8>) -> Written) -> Self {
        Self { name, since, shown: Shown::Asked, put, shape: &Schema::ANY }
    }

    /// The same with values of a known shape.
    pub(crate) const fn of(self, shape: &'static Schema) -> Self {
        Self { shape, ..self }
    }

    /// The same, shown at other times.
    pub(crate) const fn shown(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }
}
