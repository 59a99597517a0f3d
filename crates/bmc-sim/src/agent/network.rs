//! Booting over the network: DHCP, a boot loader by TFTP or HTTP, its script, kernel and ramdisk.

use url::Url;

use super::dhcp::{Lease, lease};
use super::loader::{self, Order};
use super::tftp;
use crate::config::DhcpFiles;
use crate::fetch::{self, FetchFailure, Source};
use crate::power::Uptime;

/// Where the first file came from, and so the next.
enum Transport {
    Tftp { server: String },
    Http { base: Url },
}

/// Finds out what to boot, from the first network card that is told anything.
pub(super) async fn find(uptime: &Uptime, http: bool) -> Result<Order, FetchFailure> {
    let Some(files) = &uptime.fleet.config.dhcp else {
        return Err(FetchFailure::new("no DHCP offer on any interface"));
    };
    let macs = &uptime.fleet.servers[uptime.index].identity.macs;
    for mac in macs {
        if let Some(offer) = lease(files, mac, &[]) {
            return follow(uptime, files, mac, &offer, http).await;
        }
    }
    Err(FetchFailure::new("no DHCP offer on any interface"))
}

async fn follow(
    uptime: &Uptime,
    files: &DhcpFiles,
    mac: &str,
    offer: &Lease,
    http: bool,
) -> Result<Order, FetchFailure> {
    let loader = offer.get("67").ok_or_else(|| FetchFailure::new("the DHCP offer names no boot file"))?;
    if http && offer.get("60").is_none_or(|class| class != "HTTPClient") {
        return Err(FetchFailure::new("the DHCP offer is not for HTTP boot"));
    }
    let transport = match Url::parse(loader) {
        Ok(base) => Transport::Http { base },
        Err(_) => {
            let server =
                offer.get("66").ok_or_else(|| FetchFailure::new("the DHCP offer names no server"))?;
            Transport::Tftp { server: server.clone() }
        }
    };
    let name = loader.rsplit('/').next().unwrap_or_default();
    transport.read(uptime, name).await?;
    let second = lease(files, mac, &["ipxe"]).and_then(|lease| lease.get("67").cloned());
    match second.filter(|script| script != loader) {
        Some(script) => ipxe(uptime, mac, &script).await,
        None if name.contains("pxelinux") => {
            let script =
                transport.read(uptime, &format!("pxelinux.cfg/01-{}", mac.replace(':', "-"))).await?;
            loader::pxelinux(&text(&script), mac).ok_or_else(|| FetchFailure::new("pxelinux finds no kernel"))
        }
        None => {
            let script = transport.read(uptime, &format!("grub.cfg-01-{}", mac.replace(':', "-"))).await?;
            loader::grub(&text(&script), mac).ok_or_else(|| FetchFailure::new("grub finds no kernel"))
        }
    }
}

async fn ipxe(uptime: &Uptime, mac: &str, script: &str) -> Result<Order, FetchFailure> {
    let at = Url::parse(script).map_err(|error| FetchFailure::new(format!("the script's URL: {error}")))?;
    let entry = fetch::read_whole(&uptime.fleet.http, &Source::plain(at.as_str())).await?;
    let macs = &uptime.fleet.servers[uptime.index].identity.macs;
    for next in loader::chained(&text(&entry), &at, mac, macs) {
        match fetch::read_whole(&uptime.fleet.http, &Source::plain(next.as_str())).await {
            Ok(script) => {
                let order = loader::ipxe(&text(&script), mac);
                return order.ok_or_else(|| FetchFailure::new("the script boots nothing"));
            }
            Err(failure) if failure.status == Some(404) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(FetchFailure::new("no script for any of the network cards"))
}

impl Transport {
    async fn read(&self, uptime: &Uptime, path: &str) -> Result<Vec<u8>, FetchFailure> {
        match self {
            Self::Tftp { server } => tftp::read(server, path).await,
            Self::Http { base } => {
                let url = base.join(path).map_err(|error| FetchFailure::new(error.to_string()))?;
                fetch::read_whole(&uptime.fleet.http, &Source::plain(url.as_str())).await
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
