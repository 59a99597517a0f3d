//! What can fail, as data: stable codes with their meaning, what explains what, what makes two failures the same, and what
//! was said between Ferric and a BMC.

mod class;
pub mod code;
mod correlation;
mod exchange;
mod fingerprint;
mod trouble;

pub use class::FailureClass;
pub use code::{CODES, CodeRow, find};
pub use correlation::{Correlation, FactCell, FingerprintCount, correlate, wilson_lower};
pub use exchange::{Exchange, masked_body};
pub use fingerprint::{Fingerprint, template};
pub use trouble::{Trouble, explains, root_cause};
