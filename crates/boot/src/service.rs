//! The boot service: from a path to a file.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ferric_artifacts::boot::MacAddress;
use ferric_artifacts::netboot::{Menu, grub_entry_config, ipxe_entry_script};
use ferric_model::boot::BootTicket;
use futures::StreamExt;
use futures::stream::BoxStream;
use moka::future::Cache;
use tokio_util::sync::CancellationToken;

use crate::address::Address;
use crate::artifact::{Artifact, ArtifactRow, Workshop};
use crate::evidence::{Tracker, Watch};
use crate::loaders::Loaders;
use crate::{BootConfig, BootServiceError, Result, Tickets};

/// How long a ticket is believed: a BMC reads an image in thousands of ranges.
const TICKET_LASTS: Duration = Duration::from_secs(2);
/// Tickets kept.
const TICKETS: u64 = 2_000;

/// Where installers post their log.
const LOG: &str = "log";

const TEXT: &str = "text/plain; charset=utf-8";
const BINARY: &str = "application/octet-stream";

/// Gives out what nodes boot. It keeps nothing that another replica would not make equally: any of them answers for any
/// node.
#[derive(Debug, Clone)]
pub struct BootService {
    tickets: Arc<dyn Tickets>,
    known: Cache<String, Option<Arc<BootTicket>>>,
    workshop: Arc<Workshop>,
    loaders: Loaders,
    tracker: Arc<Tracker>,
}

/// A file that was asked for.
pub struct Opened {
    /// Exact length.
    pub total_bytes: u64,
    /// Media type.
    pub content_type: &'static str,
    /// A strong entity tag with its quotes, where there is one.
    pub etag: Option<String>,
    content: Content,
}

enum Content {
    Memory(Bytes),
    Made { artifact: Artifact, watch: Watch, workshop: Arc<Workshop>, ticket: Arc<BootTicket> },
}

impl BootService {
    /// A service over what `tickets` tells.
    ///
    /// **Errors**: a configuration that cannot be used.
    pub fn new(tickets: Arc<dyn Tickets>, config: BootConfig) -> ferric_artifacts::Result<Self> {
        Ok(Self {
            tickets,
            known: Cache::builder().max_capacity(TICKETS).time_to_live(TICKET_LASTS).build(),
            loaders: Loaders::new(config.loader_dir.clone()),
            workshop: Arc::new(Workshop::new(config)?),
            tracker: Arc::default(),
        })
    }

    /// Tells the control plane what goes out, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        self.tracker.run(&*self.tickets, stop).await;
    }

    /// Opens the file behind a path; with `head` only its description is wanted.
    ///
    /// **Errors**: `NotFound`; `Source` when it cannot be made; `Tickets` when nobody can be asked.
    pub async fn open(&self, path: &str, head: bool) -> Result<Opened> {
        match Address::parse(path).ok_or(BootServiceError::NotFound)? {
            Address::Artifact { token, file } => {
                let row = ArtifactRow::find(file).ok_or(BootServiceError::NotFound)?;
                let found = match row.secret {
                    true => self.tickets.find(token).await?.map(Arc::new),
                    false => self.ticket(token).await?,
                };
                let ticket = found.ok_or(BootServiceError::NotFound)?;
                self.make(row, ticket, head).await
            }
            Address::Card(card) => {
                let ticket = self.ticket_of(card.mac).await?.ok_or(BootServiceError::NotFound)?;
                let row = ArtifactRow::find(script_of(card.menu)).ok_or(BootServiceError::NotFound)?;
                self.make(row, ticket, head).await
            }
            Address::Entry(menu) => Ok(Opened::in_memory(entry_of(menu)?.into(), TEXT)),
            Address::Loader(name) => Ok(Opened::in_memory(self.loaders.read(name).await?, BINARY)),
        }
    }

    /// Takes what an installer logs; `path` as for [`Self::open`].
    ///
    /// **Errors**: `NotFound` for whatever is no log of an installation under way; `Tickets` when nobody can be told.
    pub async fn take_log(&self, path: &str, lines: &str) -> Result<()> {
        match Address::parse(path) {
            Some(Address::Artifact { token, file: LOG }) => match self.tickets.log(token, lines).await? {
                true => Ok(()),
                false => Err(BootServiceError::NotFound),
            },
            _ => Err(BootServiceError::NotFound),
        }
    }

    async fn make(&self, row: &'static ArtifactRow, ticket: Arc<BootTicket>, head: bool) -> Result<Opened> {
        let made = (row.make)(&self.workshop, &ticket).await;
        let artifact = made.inspect_err(|error| {
            tracing::warn!(node.uuid = %ticket.node.uuid, file = row.file, %error, "a boot file cannot be made");
            if let BootServiceError::Source { .. } | BootServiceError::Answers(_) = error {
                self.tracker.failed(&ticket.token, row.file, head, &error.to_string());
            }
        })?;
        let total_bytes = artifact.total_bytes();
        let watch = self.tracker.asked(&ticket.token, row.file, head, artifact.essential());
        Ok(Opened {
            total_bytes,
            content_type: row.content_type,
            etag: artifact.etag(),
            content: Content::Made { artifact, watch, workshop: Arc::clone(&self.workshop), ticket },
        })
    }

    async fn ticket(&self, token: &str) -> Result<Option<Arc<BootTicket>>> {
        let find = async {
            let found = self.tickets.find(token).await?;
            Ok(found.map(Arc::new))
        };
        self.known.try_get_with(token.to_owned(), find).await.map_err(|error| unasked(&error))
    }

    /// What the node with this card boots. Boot loaders ask once, so that nothing is remembered.
    async fn ticket_of(&self, mac: MacAddress) -> Result<Option<Arc<BootTicket>>> {
        Ok(self.tickets.find_by_mac(&mac.to_string()).await?.map(Arc::new))
    }
}

impl Opened {
    fn in_memory(content: Bytes, content_type: &'static str) -> Self {
        Self {
            total_bytes: content.len() as u64,
            content_type,
            etag: None,
            content: Content::Memory(content),
        }
    }

    /// The bytes of a range, which is cut to the file.
    ///
    /// **Errors** (in the stream): `Source`.
    pub fn stream(self, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
        let range = range.start.min(self.total_bytes)..range.end.min(self.total_bytes);
        match self.content {
            Content::Memory(bytes) => {
                let part = bytes.slice(range.start as usize..range.end as usize);
                futures::stream::once(async move { Ok(part) }).boxed()
            }
            Content::Made { artifact, watch, workshop, ticket } => {
                let mut at = range.start;
                artifact
                    .stream(range)
                    .map(move |chunk| match chunk {
                        Ok(bytes) => {
                            let end = at + bytes.len() as u64;
                            watch.sent(at..end);
                            at = end;
                            Ok(bytes)
                        }
                        Err(error) => {
                            let error = workshop.failed(&ticket, error);
                            watch.broken(&error.to_string());
                            Err(error)
                        }
                    })
                    .boxed()
            }
        }
    }
}

/// The file of an attempt that is a script in this language.
fn script_of(menu: Menu) -> &'static str {
    match menu {
        Menu::Ipxe => "boot.ipxe",
        Menu::Grub => "grub.cfg",
        Menu::Pxelinux => "pxelinux.cfg",
    }
}

fn entry_of(menu: Menu) -> Result<String> {
    match menu {
        Menu::Ipxe => Ok(ipxe_entry_script()),
        Menu::Grub => Ok(grub_entry_config()),
        Menu::Pxelinux => Err(BootServiceError::NotFound),
    }
}

fn unasked(error: &BootServiceError) -> BootServiceError {
    match error {
        BootServiceError::Tickets(reason) => BootServiceError::Tickets(reason.clone()),
        other => BootServiceError::Tickets(other.to_string()),
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("total_bytes", &self.total_bytes)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
