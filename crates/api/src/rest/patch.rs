//! Patches as the microversion of a request allows them.

use super::error::Fault;
use super::fields::Field;
use super::microversion::Microversion;
use ferric_model::json_patch::{self, PatchError, PatchOp, PatchOperation};
use serde_json::Value;

/// Reads a patch and refuses members of the root that cannot be patched.
pub(crate) fn read(document: &Value, allowed: &[&str]) -> Result<Vec<PatchOperation>, Fault> {
    let operations = json_patch::parse(document)?;
    json_patch::allow_only(&operations, allowed)?;
    Ok(operations)
}

/// Refuses values for fields that are newer than the request; removing them is harmless.
pub(crate) fn check_versions<V>(
    operations: &[PatchOperation],
    table: &[Field<V>],
    version: Microversion,
) -> Result<(), Fault> {
    let newer = |operation: &&PatchOperation| {
        operation.op != PatchOp::Remove
            && operation.is_root()
            && table.iter().any(|field| field.name == operation.root() && field.since > version.0)
    };
    match operations.iter().find(newer) {
        Some(_) => Err(Fault::too_new()),
        None => Ok(()),
    }
}

/// The values that operations give to a member of the root.
pub(crate) fn values<'a>(operations: &'a [PatchOperation], root: &'a str) -> impl Iterator<Item = &'a Value> {
    operations
        .iter()
        .filter(move |one| one.op != PatchOp::Remove && one.is_root() && one.root() == root)
        .filter_map(|one| one.value.as_ref())
}

impl From<PatchError> for Fault {
    fn from(error: PatchError) -> Self {
        Self::invalid(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::fields::node::FIELDS;
    use serde_json::json;

    #[test]
    fn newer_fields_may_be_removed_but_not_set() {
        let allowed = ["owner", "name"];
        let set = read(&json!([{"op": "replace", "path": "/owner", "value": "z"}]), &allowed).unwrap();
        assert_eq!(check_versions(&set, &FIELDS, Microversion(31)).unwrap_err().status, 406);
        check_versions(&set, &FIELDS, Microversion(50)).unwrap();
        let remove = read(&json!([{"op": "remove", "path": "/owner"}]), &allowed).unwrap();
        check_versions(&remove, &FIELDS, Microversion(31)).unwrap();
        assert_eq!(read(&json!([{"op": "remove", "path": "/uuid"}]), &allowed).unwrap_err().status, 400);
    }
}
