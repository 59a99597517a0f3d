//! The one error of this crate.

use crate::Problem;
use ferric_artifacts::ArtifactError;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, InstallerError>;

/// Why an installation cannot begin; variants are named for who must do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallerError {
    /// What the node's `instance_info` asks for is incomplete or contradicts itself.
    #[error("{0}")]
    Order(String),
    /// The template cannot be rendered: a variable is missing, or it is no template.
    #[error("the template of the answer file cannot be rendered: {0}")]
    Template(String),
    /// The rendered answer file must not be given to an installer.
    #[error("the answer file is refused: {}", listed(.0))]
    Refused(Vec<Problem>),
    /// The storage that it describes does not fit the node.
    #[error("the storage layout cannot be made on this node: {}", listed(.0))]
    DoesNotFit(Vec<Problem>),
    /// A part that lies elsewhere cannot be had.
    #[error(transparent)]
    Source(#[from] ArtifactError),
}

impl InstallerError {
    /// Metric label of the variant.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Template(_) => "template",
            Self::Refused(_) => "refused",
            Self::DoesNotFit(_) => "does_not_fit",
            Self::Source(error) => error.kind(),
        }
    }

    /// Whether the same request can succeed later without anyone changing anything.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Source(error) if error.retryable())
    }
}

/// How many problems a message names.
const NAMED: usize = 5;

fn listed(problems: &[Problem]) -> String {
    let mut text: Vec<String> = problems.iter().take(NAMED).map(Problem::to_string).collect();
    if problems.len() > NAMED {
        text.push(format!("and {} more", problems.len() - NAMED));
    }
    text.join("; ")
}
