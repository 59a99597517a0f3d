//! `ferric.v1.BootService`: tickets for a boot service in a process of its own, and what it saw.

use super::error::{invalid, status};
use super::use_case::{json, run_to_end};
use ferric_control::Control;
use ferric_model::boot::BootFetch;
use ferric_proto::v1::boot_service_server::BootService;
use ferric_proto::v1::{self, find_ticket_request::By};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service over a control plane.
#[derive(Debug)]
pub(crate) struct Boots {
    control: Arc<Control>,
}

impl Boots {
    /// Serves `control`.
    pub(crate) fn new(control: Arc<Control>) -> Self {
        Self { control }
    }
}

#[tonic::async_trait]
impl BootService for Boots {
    async fn find_ticket(
        &self,
        request: Request<v1::FindTicketRequest>,
    ) -> Result<Response<v1::FindTicketResponse>, Status> {
        let found = match request.into_inner().by {
            Some(By::Token(token)) => self.control.boot_ticket(&token).await,
            Some(By::Mac(mac)) => self.control.boot_ticket_of_card(&mac).await,
            None => return Err(invalid("by", &"it is missing")),
        };
        let ticket = found.map_err(|error| status(&error))?;
        let ticket_json = ticket.as_ref().map(json).transpose()?.unwrap_or_default();
        Ok(Response::new(v1::FindTicketResponse { ticket_json }))
    }

    async fn report_boot(
        &self,
        request: Request<v1::ReportBootRequest>,
    ) -> Result<Response<v1::ReportBootResponse>, Status> {
        let request = request.into_inner();
        let fetches: Vec<BootFetch> =
            serde_json::from_str(&request.fetches_json).map_err(|error| invalid("fetches_json", &error))?;
        run_to_end(
            &self.control,
            |control| async move { control.report_boot(&request.token, &fetches).await },
        )
        .await?;
        Ok(Response::new(v1::ReportBootResponse {}))
    }

    async fn log_installer(
        &self,
        request: Request<v1::LogInstallerRequest>,
    ) -> Result<Response<v1::LogInstallerResponse>, Status> {
        let request = request.into_inner();
        let taken = run_to_end(&self.control, |control| async move {
            control.append_installer_log(&request.token, &request.lines).await
        })
        .await?;
        Ok(Response::new(v1::LogInstallerResponse { taken }))
    }
}
