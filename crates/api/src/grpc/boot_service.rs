//! `ferric.v1.BootService`: tickets for a boot service in a process of its own, and what it saw.

use super::error::status;
use ferric_control::{Control, ControlError};
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
            None => return Err(Status::invalid_argument("the field 'by' is not valid: it is missing")),
        };
        let ticket = found.map_err(|error| status(&error))?;
        let ticket_json = ticket.as_ref().map(serde_json::to_string).transpose();
        let ticket_json = ticket_json.map_err(|error| status(&ControlError::internal(error)))?;
        Ok(Response::new(v1::FindTicketResponse { ticket_json: ticket_json.unwrap_or_default() }))
    }

    async fn report_boot(
        &self,
        request: Request<v1::ReportBootRequest>,
    ) -> Result<Response<v1::ReportBootResponse>, Status> {
        let request = request.into_inner();
        let fetches: Vec<ferric_model::boot::BootFetch> = serde_json::from_str(&request.fetches_json)
            .map_err(|error| {
                Status::invalid_argument(format!("the field 'fetches_json' is not valid: {error}"))
            })?;
        let control = Arc::clone(&self.control);
        // To its end even if the caller goes away (I-7).
        let told = tokio::spawn(async move { control.report_boot(&request.token, &fetches).await });
        told.await
            .map_err(|error| status(&ControlError::internal(error)))?
            .map_err(|error| status(&error))?;
        Ok(Response::new(v1::ReportBootResponse {}))
    }

    async fn log_installer(
        &self,
        request: Request<v1::LogInstallerRequest>,
    ) -> Result<Response<v1::LogInstallerResponse>, Status> {
        let request = request.into_inner();
        let control = Arc::clone(&self.control);
        let kept =
            tokio::spawn(async move { control.append_installer_log(&request.token, &request.lines).await });
        let kept = kept.await.map_err(|error| status(&ControlError::internal(error)))?;
        let taken = kept.map_err(|error| status(&error))?;
        Ok(Response::new(v1::LogInstallerResponse { taken }))
    }
}
