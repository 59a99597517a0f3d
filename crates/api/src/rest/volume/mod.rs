//! Volumes: what there is below `volume`.

pub(crate) mod connectors;
mod show;
pub(crate) mod targets;

pub(crate) use show::ROUTES;

use super::call::Call;
use super::error::Fault;

/// The fields that a list of volumes shows. They knew `detail` from the beginning, before other lists did.
///
/// **Errors**: 400 for `fields` and `detail` at once.
fn shown_fields(call: &Call, summary: &[&str]) -> Result<Option<Vec<String>>, Fault> {
    match (call.args.words("fields"), call.args.bool("detail")) {
        (Some(_), Some(true)) => Err(Fault::invalid("Can't fetch a subset of fields with 'detail' set")),
        (Some(asked), _) => Ok(Some(asked)),
        (None, Some(true)) => Ok(None),
        (None, _) => Ok(Some(summary.iter().map(|name| (*name).to_owned()).collect())),
    }
}
