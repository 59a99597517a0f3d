//! What a BMC does to its node besides power and boot: RAID volumes and BIOS settings in cleaning with the ramdisk booted in
//! between, firmware in a service without a ramdisk, vendor methods.

use anyhow::Context;
use ferric_bmc_sim::Running;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use serde_json::{Value, json};

on_both_kinds!(out_of_band);

/// The server whose controller makes volumes at the next boot, and the one that makes them at once.
const AT_BOOT: usize = 1;
const AT_ONCE: usize = 0;

async fn out_of_band(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(2)).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        cleaned_out_of_band(&rest, &fleet).await?;
        refused_before_anything_is_touched(&rest, &fleet).await?;
        deployed_with_settings(&rest, &fleet).await
    })
    .await
}

async fn cleaned_out_of_band(rest: &Rest, fleet: &Fleet) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, AT_BOOT).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    let layout = json!({"logical_disks": [
        {"raid_level": "5", "size_gb": 1000, "disk_type": "hdd", "volume_name": "data"},
        {"raid_level": "0", "size_gb": 100, "disk_type": "ssd", "is_root_volume": true},
    ]});
    rest.put(&format!("/v1/nodes/{uuid}/states/raid"), &layout).await?;
    let settings = json!([{"name": "LogicalProc", "value": "Disabled"}, {"name": "ErrPromptTimeoutSecs", "value": "30"}]);
    let steps = json!([
        {"interface": "raid", "step": "create_configuration"},
        {"interface": "bios", "step": "apply_configuration", "args": {"settings": settings}},
        {"interface": "management", "step": "clear_secure_boot_keys"},
    ]);
    rest.provision_with(&uuid, &json!({"target": "clean", "clean_steps": steps})).await?;
    let node = rest.wait_for_state(&uuid, "manageable", DEADLINE).await?;
    assert_eq!(node["last_error"], Value::Null, "{}", node["last_error"]);

    let disks = node["raid_config"]["logical_disks"].as_array().context("no logical disks")?;
    let levels: Vec<&Value> = disks.iter().map(|disk| &disk["raid_level"]).collect();
    assert_eq!(levels, [&json!("0"), &json!("5")]);
    let bios = rest.get(&format!("/v1/nodes/{uuid}/bios?detail=true")).await?;
    let value = |name: &str| {
        let settings = bios["bios"].as_array().into_iter().flatten();
        settings.filter(|setting| setting["name"] == name).map(|setting| setting["value"].clone()).next()
    };
    assert_eq!(
        (value("LogicalProc"), value("ErrPromptTimeoutSecs")),
        (Some(json!("Disabled")), Some(json!("30")))
    );
    let leftovers: Vec<&String> = node["driver_internal_info"]
        .as_object()
        .into_iter()
        .flat_map(|info| info.keys())
        .filter(|key| key.starts_with("redfish_"))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");

    let server = fleet.simulator.server(AT_BOOT);
    assert_eq!((server.counters.volumes_created, server.secure_boot_keys), (2, false));
    // The ramdisk was booted at first, and again for each volume and for the settings.
    assert_eq!((server.counters.boots, server.counters.max_agents_alive), (4, 1));
    Ok(())
}

async fn refused_before_anything_is_touched(rest: &Rest, fleet: &Fleet) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, AT_ONCE).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    let settings = json!([{"name": "SmtControl", "value": "Perhaps"}]);
    let steps = json!([{"interface": "bios", "step": "apply_configuration", "args": {"settings": settings}}]);
    rest.provision_with(&uuid, &json!({"target": "clean", "clean_steps": steps})).await?;
    let node = rest.wait_for_state(&uuid, "clean failed", DEADLINE).await?;
    let said = node["last_error"].as_str().unwrap_or_default();
    assert!(said.contains("'SmtControl' cannot be 'Perhaps': choose one of Enabled, Disabled"), "{said}");
    assert_eq!(fleet.simulator.server(AT_ONCE).counters.boots, 0, "nothing was booted for it");
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.unset(&uuid, "/maintenance_reason").await.ok();
    rest.delete(&format!("/v1/nodes/{uuid}/maintenance")).await.map(drop)
}

/// BIOS settings in a deployment, and what is done to a deployed node out of band.
async fn deployed_with_settings(rest: &Rest, fleet: &Fleet) -> anyhow::Result<()> {
    let uuid = Fleet::name(AT_ONCE);
    rest.lead(&uuid, "provide", "available").await?;
    rest.set(&uuid, "/instance_info", &fleet.instance_info()).await?;
    let settings = json!([{"name": "SmtControl", "value": "Disabled"}]);
    let steps = json!([
        {"interface": "bios", "step": "apply_configuration", "args": {"settings": settings}, "priority": 95},
    ]);
    rest.provision_with(&uuid, &json!({"target": "active", "deploy_steps": steps})).await?;
    let node = rest.wait_for_state(&uuid, "active", DEADLINE).await?;
    assert_eq!(node["last_error"], Value::Null, "{}", node["last_error"]);
    fleet.simulator.wait_until(AT_ONCE, DEADLINE, |server| server.running == Running::Instance).await?;
    let bios = rest.get(&format!("/v1/nodes/{uuid}/bios/SmtControl")).await?;
    assert_eq!(bios["SmtControl"]["value"], "Disabled");

    let passthru = format!("/v1/nodes/{uuid}/vendor_passthru");
    let made = rest
        .post(
            &format!("{passthru}?method=create_subscription"),
            &json!({"Destination": "https://events.example/"}),
        )
        .await?;
    let all = rest.get(&format!("{passthru}?method=get_all_subscriptions")).await?;
    assert_eq!(all["Members@odata.count"], 1, "{made} {all}");

    let boots = fleet.simulator.server(AT_ONCE).counters.boots;
    let steps = json!([{"interface": "bios", "step": "factory_reset"}]);
    rest.provision_with(
        &uuid,
        &json!({"target": "service", "service_steps": steps, "disable_ramdisk": true}),
    )
    .await?;
    wait_for("the service to begin and end", DEADLINE, async || {
        let node = rest.node(&uuid).await?;
        let served = fleet.simulator.server(AT_ONCE).counters.boots > boots;
        let rests = node["provision_state"] == "active" && node["reservation"].is_null();
        Ok(Look::when(served && rests, (), node["provision_state"].clone()))
    })
    .await?;
    let bios = rest.get(&format!("/v1/nodes/{uuid}/bios/SmtControl")).await?;
    assert_eq!(bios["SmtControl"]["value"], "Enabled");
    assert_eq!(fleet.simulator.server(AT_ONCE).running, Running::Instance);
    Ok(())
}
