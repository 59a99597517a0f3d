//! An image that lies on the disk of the boot service: from `file://` in `instance_info` to the disk of a server.

use std::fmt::Write;

use anyhow::{Context, ensure};
use ferric_bmc_sim::Running;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use serde_json::json;
use sha2::{Digest, Sha256};

on_both_kinds!(file_image);

/// The server whose user gives the checksum, and the one whose user leaves it to the boot service.
const GIVEN: usize = 0;
const SERVED: usize = 1;

async fn file_image(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(3)).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let path = cluster.folder().join("disk.img");
        let content = "not much of a disk".repeat(10_000);
        std::fs::write(&path, &content)?;
        let mut checksum = String::new();
        for byte in Sha256::digest(&content) {
            write!(checksum, "{byte:02x}")?;
        }
        let source = format!("file://{}", path.display());
        tokio::try_join!(
            deployed(&rest, &fleet, GIVEN, &source, Some(&checksum), &checksum),
            deployed(&rest, &fleet, SERVED, &source, None, &checksum),
            refused(&rest, &fleet, 2),
        )
        .map(drop)
    })
    .await
}

async fn deployed(
    rest: &Rest,
    fleet: &Fleet,
    index: usize,
    source: &str,
    told: Option<&str>,
    checksum: &str,
) -> anyhow::Result<()> {
    let uuid = fleet.enroll_quick(rest, index).await?;
    let mut info = json!({"image_source": source, "image_disk_format": "raw", "image_type": "whole-disk"});
    if let Some(told) = told {
        info["image_checksum"] = told.into();
    }
    rest.set(&uuid, "/instance_info", &info).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;
    rest.lead(&uuid, "active", "active").await?;
    let runs = |server: &ferric_bmc_sim::ServerView| server.running == Running::Instance;
    let disk =
        fleet.simulator.wait_until(index, DEADLINE, runs).await?.disk.context("nothing was written")?;
    ensure!(disk.checksum == checksum, "{disk:?} is not {checksum}");
    ensure!(
        disk.url.starts_with("http://") && disk.url.ends_with("/image"),
        "the boot service gave it: {disk:?}"
    );
    Ok(())
}

/// What lies outside of the folders that the operator has named is given to nobody.
async fn refused(rest: &Rest, fleet: &Fleet, index: usize) -> anyhow::Result<()> {
    let uuid = fleet.enroll_quick(rest, index).await?;
    let info =
        json!({"image_source": "file:///etc/passwd", "image_disk_format": "raw", "image_type": "whole-disk"});
    rest.set(&uuid, "/instance_info", &info).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;
    let node = rest.lead(&uuid, "active", "deploy failed").await?;
    let told = node["last_error"].as_str().unwrap_or_default();
    ensure!(told.contains("[image-"), "{told}");
    ensure!(fleet.simulator.server(index).disk.is_none(), "nothing was written");
    Ok(())
}
