//! Nodes that an installer installs: over every way to boot, with everything that can go wrong on the way, and without
//! anybody who needs to be there while the installer works.

use crate::boot_interfaces::with_network_boot;
use anyhow::{Context, ensure};
use ferric_bmc_sim::{Fault, FaultKind, Running};
use ferric_tests::cluster::{ClusterSpec, Kind, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use futures::future::try_join_all;
use serde_json::{Value, json};

on_both_kinds!(installations, conductors_that_die);

/// Every way to boot.
const INTERFACES: [&str; 6] = ["redfish-virtual-media", "redfish-https", "http", "http-ipxe", "ipxe", "pxe"];

/// From nothing to a node that runs what its installer unpacked.
async fn installations(spec: ClusterSpec) -> anyhow::Result<()> {
    let dhcp = tempfile::tempdir()?;
    let (spec, told) = with_network_boot(settings(spec), &dhcp)?;
    let mut simulator = quick_simulator(INTERFACES.len());
    simulator.dhcp = Some(told);
    let fleet = Fleet::start(simulator).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        try_join_all(INTERFACES.iter().enumerate().map(async |(index, interface)| {
            installation(&rest, &fleet, index, interface).await.with_context(|| (*interface).to_owned())
        }))
        .await?;
        Ok(())
    })
    .await
}

async fn installation(rest: &Rest, fleet: &Fleet, index: usize, interface: &str) -> anyhow::Result<()> {
    let uuid = prepare(rest, fleet, index, interface).await?;
    let configdrive = json!({"meta_data": {"role": "web"}, "user_data": "#!/bin/sh\n"});
    let request = json!({"target": "active", "configdrive": configdrive});
    rest.put(&format!("/v1/nodes/{uuid}/states/provision"), &request).await?;
    let node = rest.wait_for_state(&uuid, "active", DEADLINE).await?;
    let server =
        fleet.simulator.wait_until(index, DEADLINE, |server| server.running == Running::Instance).await?;
    let disk = server.disk.context("nothing was installed")?;
    assert_eq!((disk.url.as_str(), disk.size_bytes), (fleet.images.url(), fleet.images.size_bytes()));
    assert!(disk.configdrive_bytes.is_some_and(|bytes| bytes > 0), "{disk:?}");
    assert_eq!(server.boot.target, "Hdd");
    for key in ["installer", "agent_secret_token", "agent_status", "agent_url"] {
        assert_eq!(node["driver_internal_info"].get(key), None, "{key} is left over");
    }
    rest.set(&uuid, "/automated_clean", &json!(true)).await?;
    rest.lead(&uuid, "deleted", "available").await?;
    assert_eq!(fleet.simulator.server(index).disk, None, "the node is cleaned as any other");
    Ok(())
}

/// While the installer works nobody needs to be there: every conductor dies, and whoever comes back finishes.
async fn conductors_that_die(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(1)).await?;
    run(settings(spec), async |cluster| {
        let rest = cluster.rest.clone();
        let uuid = prepare(&rest, &fleet, 0, INTERFACES[0]).await?;
        fleet.images.hold();
        rest.provision(&uuid, "active").await?;
        wait_for_phase(&rest, &uuid, "started").await?;
        let conductors = cluster.conductors();
        for host in &conductors {
            cluster.process(host)?.kill().await?;
        }
        for host in &conductors {
            cluster.start_again(host).await?;
        }
        fleet.images.release();
        rest.wait_for_state(&uuid, "active", DEADLINE).await?;
        let server =
            fleet.simulator.wait_until(0, DEADLINE, |server| server.running == Running::Instance).await?;
        assert_eq!(server.counters.boots, 3, "inspection, installer and disk, each once: {server:?}");
        Ok(())
    })
    .await
}

/// An installer that says that it failed, and one that falls silent.
#[tokio::test(flavor = "multi_thread")]
async fn failures_are_explained() -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(3)).await?;
    let spec = settings(ClusterSpec::new(Kind::AllInOne))
        .with("CONTROL__INSTALLER__FETCHED_KERNEL_SECS", 3)
        .with("CONTROL__INSTALLER__FETCHED_STAGE2_SECS", 3);
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let message = "no space left on device".to_owned();
        let faults = [
            Fault::new(FaultKind::AgentStepFails { message: message.clone() }).on("install"),
            Fault::new(FaultKind::AgentNeverBoots).on("anaconda"),
            Fault::new(FaultKind::AgentNeverBoots).on("kernel"),
        ];
        let expected = [
            ("[installer-failed]", "Anaconda failed"),
            ("[installer-stalled]", "the phase 'fetched-stage2'"),
            ("[installer-stalled]", "the phase 'fetched-kernel'"),
        ];
        try_join_all(faults.into_iter().zip(expected).enumerate().map(
            async |(index, (fault, (code, words)))| {
                let uuid = prepare(&rest, &fleet, index, INTERFACES[0]).await?;
                fleet.simulator.fault(index, fault);
                rest.provision(&uuid, "active").await?;
                let node = rest.wait_for_state(&uuid, "deploy failed", DEADLINE).await?;
                let error = node["last_error"].as_str().unwrap_or_default().to_owned();
                assert!(error.contains(code) && error.contains(words), "{error}");
                wait_for("the node to be switched off", DEADLINE, async || {
                    let node = rest.node(&uuid).await?;
                    Ok(Look::when(
                        node["power_state"] == "power off" && node["reservation"].is_null(),
                        (),
                        &node["power_state"],
                    ))
                })
                .await?;
                let told = rest.history(&uuid).await?;
                let logged = told.iter().any(|entry| entry.event.contains(&message));
                assert_eq!(logged, index == 0, "{told:#?}");
                Ok::<_, anyhow::Error>(())
            },
        ))
        .await?;
        Ok(())
    })
    .await
}

/// What is wrong is said before the node is touched.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_booted_that_cannot_end_well() -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(1)).await?;
    run(settings(ClusterSpec::new(Kind::AllInOne)), async |cluster| {
        let rest = cluster.rest.clone();
        let uuid = prepare(&rest, &fleet, 0, INTERFACES[0]).await?;
        let boots = fleet.simulator.server(0).counters.boots;
        let source = "liveimg --url={{ ks_options.liveimg_url }}\n";
        let cases = [
            (
                format!("{source}part / --size=999999999\n"),
                "[installer-storage-does-not-fit]",
                "/ needs 999999999 MiB",
            ),
            (
                format!("{source}autopart\n{{{{ ks_options.nothing }}}}\n"),
                "[installer-template-unusable]",
                "line 3",
            ),
            (format!("{source}autopart\n%post\n"), "[installer-answers-refused]", "does not end with %end"),
            ("autopart\n".to_owned(), "[installer-answers-refused]", "nothing says what is installed"),
            (format!("{source}autopart\nrootpw hunter2\n"), "[installer-answers-refused]", "clear text"),
        ];
        for (template, code, words) in cases {
            let url = fleet.images.publish("template.ks", &template);
            rest.set(&uuid, "/instance_info/ks_template", &json!(url)).await?;
            rest.provision(&uuid, "active").await?;
            let node = rest.wait_for_state(&uuid, "deploy failed", DEADLINE).await?;
            let error = node["last_error"].as_str().unwrap_or_default().to_owned();
            assert!(error.contains(code) && error.contains(words) && !error.contains("hunter2"), "{error}");
        }
        assert_eq!(fleet.simulator.server(0).counters.boots, boots, "the node was left alone");
        Ok(())
    })
    .await
}

/// What the bearer of the URL gets, and for how long.
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_file_dies_with_the_installation() -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(1)).await?;
    run(settings(ClusterSpec::new(Kind::AllInOne)), async |cluster| {
        let rest = cluster.rest.clone();
        let uuid = prepare(&rest, &fleet, 0, INTERFACES[0]).await?;
        fleet.images.hold();
        rest.provision(&uuid, "active").await?;
        wait_for_phase(&rest, &uuid, "started").await?;
        let media = fleet.simulator.server(0).media;
        let image = media.iter().map(|slot| slot.image.clone()).next().context("no image was inserted")?;
        let base = image.trim_end_matches("/boot.iso").to_owned();
        let ask = async |file: &str| Ok::<_, anyhow::Error>(reqwest::get(format!("{base}/{file}")).await?);
        let answers = ask("ks.cfg").await?;
        ensure!(answers.status().is_success(), "{}", answers.status());
        let text = answers.text().await?;
        assert!(text.contains("%onerror") && text.contains(&format!("/v1/heartbeat/{uuid}")), "{text}");
        assert_eq!(ask("preseed.cfg").await?.status().as_u16(), 404, "there is one answer file");
        fleet.images.release();
        rest.wait_for_state(&uuid, "active", DEADLINE).await?;
        for file in ["ks.cfg", "LiveOS/squashfs.img"] {
            wait_for(format!("{file} to be gone"), DEADLINE, async || {
                let status = ask(file).await?.status();
                Ok(Look::when(status.as_u16() == 404, (), json!(status.as_u16())))
            })
            .await?;
        }
        Ok(())
    })
    .await
}

fn settings(spec: ClusterSpec) -> ClusterSpec {
    spec.with("INSTALLER__SOFT_POWER_OFF_SECS", 5).with("CONTROL__AUTOMATED_CLEAN", false)
}

/// An available node with an inventory, that an installer is to install.
async fn prepare(rest: &Rest, fleet: &Fleet, index: usize, interface: &str) -> anyhow::Result<String> {
    let uuid = fleet.enroll(rest, index).await?;
    rest.set(&uuid, "/boot_interface", &json!(interface)).await?;
    rest.set(&uuid, "/deploy_interface", &json!("anaconda")).await?;
    rest.set(&uuid, "/automated_clean", &json!(false)).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "inspect", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;
    rest.set(&uuid, "/instance_info", &order(fleet)).await?;
    Ok(uuid)
}

/// Kernel, ramdisk and second stage of the installer, and what it unpacks; any content does.
fn order(fleet: &Fleet) -> Value {
    let file = fleet.images.url();
    let (kernel, ramdisk, stage2) =
        (format!("{file}?kernel"), format!("{file}?ramdisk"), format!("{file}?stage2"));
    json!({"kernel": kernel, "ramdisk": ramdisk, "stage2": stage2, "image_source": file})
}

async fn wait_for_phase(rest: &Rest, uuid: &str, phase: &str) -> anyhow::Result<()> {
    wait_for(format!("the installer to reach '{phase}'"), DEADLINE, async || {
        let node = rest.node(uuid).await?;
        let installer = &node["driver_internal_info"]["installer"];
        Ok(Look::when(installer["phase"] == phase, (), installer))
    })
    .await
}
