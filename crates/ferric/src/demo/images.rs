//! Kernel, ramdisk and image of the demo: small files, the image served over HTTP as agents fetch it.

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use rand::RngExt;
use sha2::{Digest, Sha256};
use std::net::Ipv4Addr;
use std::path::Path;
use tokio::net::TcpListener;

/// What is deployed.
#[derive(Debug)]
pub struct Images {
    /// Where agents fetch it.
    pub url: String,
    /// Its SHA-256, in hexadecimal digits.
    pub checksum: String,
}

/// Size of each file, in bytes. There is no boot loader: the simulated firmware looks for the kernel itself.
const FILES: [(&str, usize); 2] = [("kernel", 2 << 20), ("ramdisk", 6 << 20)];

/// Size of the image, in bytes.
const IMAGE_BYTES: usize = 16 << 20;

impl Images {
    /// Makes the files in `folder` and serves the image on a free port until the process ends.
    pub async fn serve(folder: &Path) -> anyhow::Result<Self> {
        for (name, size) in FILES {
            std::fs::write(folder.join(name), noise(size))
                .context("the demo's boot files cannot be written")?;
        }
        let image = Bytes::from(noise(IMAGE_BYTES));
        let checksum = Sha256::digest(&image).iter().map(|byte| format!("{byte:02x}")).collect();
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port for images")?;
        let url = format!("http://{}/images/demo.img", listener.local_addr()?);
        let app = Router::new().route("/images/demo.img", get(move || std::future::ready(image.clone())));
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::error!(%error, "the demo's image server ended");
            }
        });
        Ok(Self { url, checksum })
    }
}

fn noise(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    rand::rng().fill(&mut bytes[..]);
    bytes
}
