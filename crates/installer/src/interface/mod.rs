//! Interfaces of nodes that an installer installs.

mod deploy_anaconda;

pub use deploy_anaconda::deploy_anaconda;
