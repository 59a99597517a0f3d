//! The boot service between the control plane, which knows what a node may boot, and the API, which speaks HTTP.

use crate::config::BootSection;
use anyhow::Context;
use async_trait::async_trait;
use ferric_api::{BootAnswer, BootError, BootSource};
use ferric_boot::{BootConfig, BootService, BootServiceError, Opened, Tickets};
use ferric_conductor::ApiClient;
use ferric_control::Control;
use ferric_installer::InstallerConfig;
use ferric_model::boot::{BootFetch, BootTicket};
use ferric_proto::v1::{self, find_ticket_request::By};
use futures::StreamExt;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The boot service over these tickets.
pub fn service(
    tickets: Arc<dyn Tickets>,
    section: &BootSection,
    installer: &InstallerConfig,
) -> anyhow::Result<BootService> {
    BootService::new(tickets, config(section, installer))
        .context("the section 'boot' of the configuration is not usable")
}

/// Serves TFTP where the configuration says so, until told to stop.
pub async fn tftp(boot: &BootService, section: &BootSection, stop: CancellationToken) -> anyhow::Result<()> {
    let Some(listen) = section.tftp_listen else { return Ok(()) };
    let served = boot.serve_tftp(listen, stop.clone()).await;
    stop.cancel();
    served.with_context(|| format!("TFTP could not be served at {listen} (key 'boot.tftp_listen')"))
}

fn config(section: &BootSection, installer: &InstallerConfig) -> BootConfig {
    BootConfig {
        kernel: section.kernel.clone(),
        ramdisk: section.ramdisk.clone(),
        bootloader: section.bootloader.clone(),
        esp: section.esp.clone(),
        stub: section.stub.clone(),
        kernel_append_params: section.kernel_append_params.clone(),
        file_roots: section.file_roots.clone(),
        api_ca: section.api_ca.clone(),
        loader_dir: section.loader_dir.clone(),
        installer: installer.clone(),
    }
}

/// Tickets of the control plane in this process.
#[derive(Debug)]
pub struct LocalTickets(pub Arc<Control>);

/// Tickets of a control plane that is reached over gRPC.
#[derive(Debug)]
pub struct RemoteTickets(pub ApiClient);

impl RemoteTickets {
    async fn ask(&self, by: By) -> ferric_boot::Result<Option<BootTicket>> {
        let answer = self.0.find_ticket(v1::FindTicketRequest { by: Some(by) }).await.map_err(unasked)?;
        match answer.ticket_json.as_str() {
            "" => Ok(None),
            text => serde_json::from_str(text).map(Some).map_err(|error| unreadable(&error)),
        }
    }
}

#[async_trait]
impl Tickets for RemoteTickets {
    async fn find(&self, token: &str) -> ferric_boot::Result<Option<BootTicket>> {
        self.ask(By::Token(token.to_owned())).await
    }

    async fn find_by_mac(&self, mac: &str) -> ferric_boot::Result<Option<BootTicket>> {
        self.ask(By::Mac(mac.to_owned())).await
    }

    async fn report(&self, token: &str, fetches: Vec<BootFetch>) -> ferric_boot::Result<()> {
        let fetches_json = serde_json::to_string(&fetches).map_err(|error| unreadable(&error))?;
        let message = v1::ReportBootRequest { token: token.to_owned(), fetches_json };
        self.0.report_boot(message).await.map(drop).map_err(unasked)
    }

    async fn log(&self, token: &str, lines: &str) -> ferric_boot::Result<bool> {
        let message = v1::LogInstallerRequest { token: token.to_owned(), lines: lines.to_owned() };
        self.0.log_installer(message).await.map(|answer| answer.taken).map_err(unasked)
    }
}

#[async_trait]
impl Tickets for LocalTickets {
    async fn find(&self, token: &str) -> ferric_boot::Result<Option<BootTicket>> {
        self.0.boot_ticket(token).await.map_err(unasked)
    }

    async fn find_by_mac(&self, mac: &str) -> ferric_boot::Result<Option<BootTicket>> {
        self.0.boot_ticket_of_card(mac).await.map_err(unasked)
    }

    async fn report(&self, token: &str, fetches: Vec<BootFetch>) -> ferric_boot::Result<()> {
        self.0.report_boot(token, &fetches).await.map_err(unasked)
    }

    async fn log(&self, token: &str, lines: &str) -> ferric_boot::Result<bool> {
        self.0.append_installer_log(token, lines).await.map_err(unasked)
    }
}

fn unasked(error: impl std::fmt::Display) -> BootServiceError {
    BootServiceError::Tickets(error.to_string())
}

/// What was written by another version; the text may be secret, so that only the place is told.
fn unreadable(error: &serde_json::Error) -> BootServiceError {
    BootServiceError::Tickets(format!("a ticket cannot be read at column {}", error.column()))
}

/// The boot service as the API mounts it.
#[derive(Debug, Clone)]
pub struct Mounted(pub BootService);

#[async_trait]
impl BootSource for Mounted {
    async fn open(&self, path: &str, head: bool) -> Result<BootAnswer, BootError> {
        let opened: Opened = self.0.open(path, head).await.map_err(refused)?;
        Ok(BootAnswer {
            total_bytes: opened.total_bytes,
            content_type: opened.content_type.to_owned(),
            etag: opened.etag.clone(),
            read: Box::new(|range| opened.stream(range).map(|chunk| chunk.map_err(refused)).boxed()),
        })
    }

    async fn take_log(&self, path: &str, lines: &str) -> Result<(), BootError> {
        self.0.take_log(path, lines).await.map_err(refused)
    }
}

fn refused(error: BootServiceError) -> BootError {
    match error {
        BootServiceError::NotFound => BootError::NotFound,
        other => BootError::Upstream(other.to_string()),
    }
}
