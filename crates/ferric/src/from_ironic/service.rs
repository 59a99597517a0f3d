//! Where a service is, and who asks it: options of the command.

use clap::Args;
use std::path::PathBuf;

/// Options of `migrate-from-ironic`.
#[derive(Debug, Clone, Args)]
pub struct FromIronicArgs {
    #[command(flatten)]
    pub from: FromArgs,
    #[command(flatten)]
    pub into: IntoArgs,
    /// Report as JSON.
    #[arg(long)]
    pub json: bool,
    /// Write the requests that create everything here to this file, one JSON document a line; nobody else may read it.
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Use another hardware type or interface: driver:OLD=NEW, or KIND:OLD=NEW as in deploy:iscsi=direct. May be repeated.
    #[arg(long, value_name = "WHAT:OLD=NEW")]
    pub replace: Vec<String>,
    /// JSON file with what the Ironic masks: {"node": {"driver_info": {"redfish_password": "…"}}}.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
}

/// An Ironic, or a Ferric.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// Base URL.
    pub url: String,
    /// A token of Keystone.
    pub token: Option<String>,
    /// `user:password`.
    pub user: Option<String>,
}

/// The Ironic that is read.
#[derive(Debug, Clone, Args)]
pub struct FromArgs {
    /// URL of the Ironic.
    #[arg(id = "from_url", long = "from", value_name = "URL")]
    pub url: String,
    /// A token of Keystone for it.
    #[arg(id = "from_token", long = "from-token", env = "IRONIC_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// User and password for it, as `user:password`.
    #[arg(id = "from_user", long = "from-user", env = "IRONIC_USER", hide_env_values = true)]
    pub user: Option<String>,
}

/// The Ferric that is filled.
#[derive(Debug, Clone, Args)]
pub struct IntoArgs {
    /// Send the requests to the Ferric at this URL.
    #[arg(id = "into_url", long = "into", value_name = "URL")]
    pub url: Option<String>,
    /// A token of Keystone for it.
    #[arg(id = "into_token", long = "into-token", env = "FERRIC_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// User and password for it, as `user:password`.
    #[arg(id = "into_user", long = "into-user", env = "FERRIC_USER", hide_env_values = true)]
    pub user: Option<String>,
}

impl IntoArgs {
    /// As an endpoint, if there is one.
    pub fn endpoint(&self) -> Option<Endpoint> {
        Some(Endpoint { url: self.url.clone()?, token: self.token.clone(), user: self.user.clone() })
    }
}

impl FromArgs {
    /// As an endpoint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint { url: self.url.clone(), token: self.token.clone(), user: self.user.clone() }
    }
}
