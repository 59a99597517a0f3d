//! Steps of deploy templates and runbooks, with the secrets among their arguments masked.

use crate::rest::json::{Masked, Members, Written, put_list};
use ferric_model::step::StoredStep;

/// Writes the steps; `rank` is what their rank is called.
pub(super) fn put_steps(out: &mut Vec<u8>, steps: &[StoredStep], rank: &str) -> Written {
    put_list(out, steps, |out, step| {
        let mut members = Members::open(out);
        members.put("interface", &step.interface)?;
        members.put("step", &step.step)?;
        members.put("args", &Masked { map: &step.args, also: &[] })?;
        members.put(rank, &step.rank)?;
        members.close();
        Ok(())
    })
}
