//! What a handler is given.

use super::app::App;
use super::args::{Args, Kind};
use super::error::Fault;
use super::link;
use super::microversion::Microversion;
use super::route::Method;
use ferric_control::{Control, ControlError, RequestContext, Rule};
use ferric_model::resource_name::is_hostname_safe;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// One request, checked as far as its route says.
#[derive(Debug)]
pub(crate) struct Call {
    /// What all requests share.
    pub app: Arc<App>,
    /// HTTP method of its route.
    pub method: Method,
    /// The microversion it speaks.
    pub version: Microversion,
    /// Who makes it.
    pub context: RequestContext,
    /// Base of links in the answer, without a slash at the end.
    pub base: String,
    /// Named parts of the path.
    pub params: Vec<(&'static str, String)>,
    /// Arguments.
    pub args: Args,
    /// The body of a route that reads a document.
    pub document: Value,
    /// Whether `.json` was cut off the end of the path.
    pub json_suffix: bool,
}

impl Call {
    /// The control plane.
    pub(crate) fn control(&self) -> &Control {
        &self.app.control
    }

    /// A named part of the path.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|row| row.0 == name).map_or("", |row| &row.1)
    }

    /// A named part of the path that must be a UUID; refusals call it `name`.
    pub(crate) fn uuid(&self, part: &str, name: &str) -> Result<Uuid, Fault> {
        let text = self.param(part);
        Kind::Uuid.read(name, &text.into())?;
        Uuid::try_parse(text).map_err(Fault::internal)
    }

    /// Whether the request speaks at least `1.minor`.
    pub(crate) fn speaks(&self, minor: u16) -> bool {
        self.version.0 >= minor
    }

    /// The URL of a resource.
    pub(crate) fn url(&self, path: &str) -> String {
        link::url(&self.base, path)
    }

    /// The node that the path names.
    ///
    /// **Errors**: 404 for a name before names existed, 400 for what was no name then.
    pub(crate) fn node_ident(&self) -> Result<&str, Fault> {
        let ident = self.param("node");
        self.check_node_ident(ident)?;
        Ok(ident)
    }

    /// Whether `ident` may name a node in the microversion of the request.
    pub(crate) fn check_node_ident(&self, ident: &str) -> Result<(), Fault> {
        if Uuid::try_parse(ident).is_ok() {
            return Ok(());
        }
        if !self.speaks(5) {
            return Err(ControlError::node_not_found(ident).into());
        }
        if !self.speaks(10) && !is_hostname_safe(ident) {
            let text = format!("Expected a logical name or UUID but received {ident}.");
            return Err(Fault::invalid(text));
        }
        Ok(())
    }

    /// The node that the path names, with the `.json` back that was cut off if only that name exists.
    pub(crate) async fn node_ident_with_suffix(&self) -> Result<String, Fault> {
        let ident = self.node_ident()?;
        if !self.json_suffix {
            return Ok(ident.to_owned());
        }
        match self.control().node_for(&self.context, ident, Rule::NodeGet).await {
            Ok(_) => Ok(ident.to_owned()),
            Err(ControlError::NotFound(_)) => Ok(format!("{ident}.json")),
            Err(error) => Err(error.into()),
        }
    }
}
