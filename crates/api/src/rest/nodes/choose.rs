//! Choosing the fields of what was read of a node's hardware.

use crate::rest::call::Call;
use crate::rest::error::Fault;

/// The fields that a list shows: those asked for among `known`, `whole` with `detail`, or the summary.
///
/// **Errors**: 400 for names that there are not, and for both at once.
pub(super) fn choose(
    call: &Call,
    known: &[&str],
    summary: &[&str],
    whole: &[&str],
) -> Result<Vec<String>, Fault> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let detail = call.args.bool("detail") == Some(true);
    let Some(asked) = call.args.words("fields") else {
        return Ok(owned(if detail { whole } else { summary }));
    };
    if let Some(stranger) = asked.iter().find(|name| !known.contains(&name.as_str())) {
        let known: Vec<String> = known.iter().map(|name| format!("'{name}'")).collect();
        let text = format!("Schema error: '{stranger}' is not one of [{}]", known.join(", "));
        return Err(Fault::invalid(text));
    }
    if detail {
        return Err(Fault::invalid("Can not specify ?detail=True and fields in the same request."));
    }
    Ok(asked)
}

/// Refuses arguments that the microversion of the request does not have yet.
pub(super) fn refuse_unexpected(call: &Call, names: &[&str]) -> Result<(), Fault> {
    match names.iter().find(|name| call.args.get(name).is_some()) {
        Some(name) => Err(Fault::invalid(format!(
            "Schema error: Additional properties are not allowed ('{name}' was unexpected)"
        ))),
        None => Ok(()),
    }
}
