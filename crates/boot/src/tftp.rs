//! Boot loaders and their configurations by TFTP, for firmware that speaks nothing else.
//!
//! Kernels and ramdisks are not served: loaders fetch them by HTTP, as their configurations say.

use std::net::SocketAddr;
use std::path::Path;

use async_tftp::packet::Error as TftpError;
use async_tftp::server::{Handler, TftpServerBuilder};
use bytes::Bytes;
use futures::TryStreamExt;
use futures::io::{Cursor, Sink};
use tokio_util::sync::CancellationToken;

use crate::address::Address;
use crate::{BootService, BootServiceError, Result};

/// Largest file; longer ones are not for TFTP.
const FILE_BYTES: u64 = 32 * 1024 * 1024;

/// Answers requests to read.
#[derive(Debug)]
struct Reading(BootService);

impl BootService {
    /// Serves TFTP until told to stop.
    ///
    /// **Errors**: the address cannot be bound, or nothing can be received any more.
    pub async fn serve_tftp(&self, listen: SocketAddr, stop: CancellationToken) -> std::io::Result<()> {
        let socket = std::net::UdpSocket::bind(listen)?;
        let server = TftpServerBuilder::with_handler(Reading(self.clone()))
            .std_socket(socket)
            .map_err(std::io::Error::other)?
            .build()
            .await
            .map_err(std::io::Error::other)?;
        tracing::info!(%listen, "TFTP is served");
        match stop.run_until_cancelled(server.serve()).await {
            None | Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(std::io::Error::other(error)),
        }
    }

    /// The whole of a file that is fit for TFTP.
    async fn read_small(&self, path: &str) -> Result<Vec<u8>> {
        if let Some(Address::Artifact { .. }) | None = Address::parse(path) {
            return Err(BootServiceError::NotFound);
        }
        let opened = self.open(path, false).await?;
        if opened.total_bytes > FILE_BYTES {
            return Err(BootServiceError::NotFound);
        }
        let total_bytes = opened.total_bytes;
        let pieces: Vec<Bytes> = opened.stream(0..total_bytes).try_collect().await?;
        Ok(pieces.concat())
    }
}

impl Handler for Reading {
    type Reader = Cursor<Vec<u8>>;
    type Writer = Sink;

    async fn read_req_open(
        &mut self,
        client: &SocketAddr,
        path: &Path,
    ) -> std::result::Result<(Self::Reader, Option<u64>), TftpError> {
        let path = path.to_str().unwrap_or_default().trim_start_matches('/');
        match self.0.read_small(path).await {
            Ok(content) => {
                let size = content.len() as u64;
                tracing::info!(%client, path, size, "a file goes out by TFTP");
                Ok((Cursor::new(content), Some(size)))
            }
            Err(BootServiceError::NotFound) => Err(TftpError::FileNotFound),
            Err(error) => {
                tracing::warn!(%client, path, %error, "a file cannot be served by TFTP");
                Err(TftpError::UnknownError)
            }
        }
    }

    async fn write_req_open(
        &mut self,
        _: &SocketAddr,
        _: &Path,
        _: Option<u64>,
    ) -> std::result::Result<Self::Writer, TftpError> {
        Err(TftpError::PermissionDenied)
    }
}
