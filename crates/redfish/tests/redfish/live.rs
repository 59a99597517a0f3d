//! Everything against a service that somebody else wrote: `FERRIC_REDFISH_LIVE` holds the `driver_info` of a node that may
//! be switched on and off, as JSON, and `FERRIC_REDFISH_BOOT_URL` the folder of a `boot.iso` that its BMC can reach.

use crate::support::{clients, node, run_inspect, secs, task};
use ferric_model::power::{PowerState, PowerTarget};
use ferric_redfish::RedfishConfig;

#[tokio::test]
async fn a_life_on_a_living_service() {
    let Ok(driver_info) = std::env::var("FERRIC_REDFISH_LIVE") else {
        eprintln!("skipped: FERRIC_REDFISH_LIVE names no service");
        return;
    };
    let mut task = task(node(serde_json::from_str(&driver_info).unwrap()));
    task.boot_url = std::env::var("FERRIC_REDFISH_BOOT_URL").ok();
    let hardware = clients(RedfishConfig::default());
    let (power, management, boot) = (&hardware.power[0].1, &hardware.management[0].1, &hardware.boot[0].1);

    eprintln!("observed: {:#?}", management.observe(&task).await.unwrap());
    for target in [PowerTarget::Off, PowerTarget::On, PowerTarget::Reboot, PowerTarget::SoftOff] {
        assert_eq!(power.set_power_state(&task, target, secs(120)).await.unwrap(), target.final_state());
        assert_eq!(power.get_power_state(&task.node).await.unwrap(), Some(target.final_state()));
    }
    management.set_boot_device(&task, "pxe", true).await.unwrap();
    let read = management.get_boot_device(&task).await.unwrap();
    assert_eq!((read.boot_device.as_deref(), read.persistent), (Some("pxe"), Some(true)));
    if task.boot_url.is_some() {
        boot.prepare_ramdisk(&task).await.unwrap();
        // Whether it is for one boot is not asked: some emulators know only one answer.
        let read = management.get_boot_device(&task).await.unwrap();
        assert_eq!(read.boot_device.as_deref(), Some("cdrom"));
        boot.clean_up_ramdisk(&task).await.unwrap();
        boot.prepare_instance(&task).await.unwrap();
    }
    match run_inspect(&hardware, &task).await {
        Ok(observed) => eprintln!("inspected: {observed:#?}"),
        Err(error) => eprintln!("not inspected: {error:?}"),
    }
    assert_eq!(power.get_power_state(&task.node).await.unwrap(), Some(PowerState::Off));
}
