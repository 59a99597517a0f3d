//! Kernel parameters of installers.

use crate::{Flavour, InstallOrder, Result};
use ferric_artifacts::boot::{assignment, words};
use ferric_model::secret::Secret;

/// The kernel line of an installer whose artefacts lie below `boot_url`; secret, because that URL is.
///
/// Operators' parameters come first: where a name occurs twice the installers take the last.
///
/// **Errors**: `Source` for parameters that do not stay in one line.
pub fn kernel_line(
    order: &InstallOrder,
    boot_url: &str,
    append_params: Option<&str>,
    default_append_params: &str,
) -> Result<Secret<String>> {
    let answer_file = format!("{boot_url}/{}", order.flavour.answer_file());
    let mut line = words(append_params, default_append_params)?;
    match order.flavour {
        Flavour::Kickstart => {
            line.push(assignment("inst.ks", &answer_file)?);
            if order.stage2.is_some() {
                line.push(assignment("inst.stage2", boot_url)?);
            }
            if let Some(repository) = order.repository() {
                line.push(assignment("inst.repo", repository.as_str())?);
            }
        }
        Flavour::Preseed => {
            for (name, value) in [("auto", "true"), ("priority", "critical"), ("DEBIAN_FRONTEND", "text")] {
                line.push(assignment(name, value)?);
            }
            line.push(assignment("url", &answer_file)?);
        }
    }
    Ok(Secret::new(line.join(" ")))
}
