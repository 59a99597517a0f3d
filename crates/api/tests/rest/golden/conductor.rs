//! A conductor that does nothing, well.

use super::compare::HOST;
use super::{hardware, vifs};
use ferric_control::{Bus, ClaimAnswer, Control, Grant};
use ferric_model::action::Action;
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::hardware::InterfaceKind::{self, *};
use ferric_model::lifecycle::{Event, cleaning_success};
use ferric_model::power::PowerState;
use ferric_model::report::{Failure, Observed, TaskOutcome, TaskReport};
use ferric_model::task::params;
use ferric_proto::v1::action_envelope::Work;
use futures::StreamExt;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::watch;
use uuid::Uuid;

const INCARNATION: &str = "one";

type Offer = [(InterfaceKind, &'static [&'static str]); 13];

/// What the recorded server offered; the default comes first.
#[rustfmt::skip]
const OFFERS: [(&str, Offer); 4] = [
    ("fake-hardware", [
        (Bios, &["fake", "no-bios"]),
        (Boot, &["fake", "ipxe", "pxe", "http-ipxe", "http"]),
        (Console, &["fake", "no-console"]),
        (Deploy, &["fake", "direct", "ramdisk", "custom-agent"]),
        (Firmware, &["fake", "no-firmware"]),
        (Inspect, &["fake", "agent", "no-inspect"]),
        (Management, &["fake"]),
        (Network, &["noop"]),
        (Power, &["fake"]),
        (Raid, &["fake", "no-raid", "agent"]),
        (Rescue, &["fake", "no-rescue", "agent"]),
        (Storage, &["noop", "fake", "external"]),
        (Vendor, &["fake", "no-vendor"]),
    ]),
    ("ipmi", [
        (Bios, &["no-bios"]),
        (Boot, &["ipxe", "pxe", "http-ipxe", "http"]),
        (Console, &["no-console"]),
        (Deploy, &["direct", "ramdisk", "custom-agent"]),
        (Firmware, &["no-firmware"]),
        (Inspect, &["agent", "no-inspect"]),
        (Management, &["ipmitool", "noop"]),
        (Network, &["noop"]),
        (Power, &["ipmitool"]),
        (Raid, &["no-raid", "agent"]),
        (Rescue, &["no-rescue", "agent"]),
        (Storage, &["noop", "external"]),
        (Vendor, &["ipmitool", "no-vendor"]),
    ]),
    ("manual-management", [
        (Bios, &["no-bios"]),
        (Boot, &["ipxe", "pxe", "http-ipxe", "http"]),
        (Console, &["no-console"]),
        (Deploy, &["direct", "ramdisk", "custom-agent", "noop"]),
        (Firmware, &["no-firmware"]),
        (Inspect, &["agent", "no-inspect"]),
        (Management, &["noop", "fake"]),
        // Only the recording of VIFs has the others.
        (Network, &["noop", "flat", "neutron"]),
        (Power, &["agent", "fake"]),
        (Raid, &["no-raid", "agent"]),
        (Rescue, &["no-rescue", "agent"]),
        (Storage, &["noop", "external"]),
        (Vendor, &["no-vendor"]),
    ]),
    ("redfish", [
        (Bios, &["redfish", "no-bios"]),
        (Boot, &["ipxe", "pxe", "http-ipxe", "http", "redfish-virtual-media"]),
        (Console, &["no-console"]),
        (Deploy, &["direct", "ramdisk", "custom-agent"]),
        (Firmware, &["redfish", "no-firmware"]),
        (Inspect, &["redfish", "agent", "no-inspect"]),
        (Management, &["redfish", "noop"]),
        (Network, &["noop"]),
        (Power, &["redfish"]),
        (Raid, &["redfish", "no-raid", "agent"]),
        (Rescue, &["no-rescue", "agent"]),
        (Storage, &["noop", "external"]),
        (Vendor, &["redfish", "no-vendor"]),
    ]),
];

/// Registers the conductor, which takes no work yet.
pub async fn join(control: &Control) {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let offer = |offer: &Offer| DriverOffer {
        interfaces: offer.iter().map(|(kind, list)| (*kind, names(list))).collect(),
        vendor: hardware::vendor_methods(),
        ..DriverOffer::default()
    };
    let offers: DriverOffers = OFFERS.iter().map(|(name, rows)| ((*name).to_owned(), offer(rows))).collect();
    control.join(HOST, "", INCARNATION, offers).await.unwrap();
}

/// Lets it work; the channel tells when it has done something.
pub async fn start(control: Arc<Control>, bus: Arc<dyn Bus>) -> watch::Receiver<u64> {
    join(&control).await;
    let mut deliveries = bus.consume_actions("", 1).await.unwrap();
    let (tell, told) = watch::channel(0);
    tokio::spawn(async move {
        while let Some(delivery) = deliveries.next().await {
            match &delivery.envelope.as_ref().unwrap().work {
                Some(Work::Task(task)) => work(&control, task.task_id.parse().unwrap()).await,
                Some(Work::DriverCall(call)) => answer(&control, call.call_id.parse().unwrap()).await,
                _ => {}
            }
            delivery.ack().await.unwrap();
            tell.send_modify(|count| *count += 1);
        }
    });
    told
}

async fn answer(control: &Control, id: Uuid) {
    let Some(call) = control.take_driver_call(HOST, INCARNATION, id).await.unwrap() else { return };
    assert_eq!(control.take_driver_call(HOST, INCARNATION, id).await.unwrap(), None);
    let outcome = hardware::driver_answer(&call.method, &call.args.into()).map_err(|failure| *failure);
    control.end_driver_call("somebody else", id, Ok(json!("nonsense"))).await.unwrap();
    control.end_driver_call(HOST, id, outcome).await.unwrap();
}

async fn work(control: &Control, task_id: Uuid) {
    let ClaimAnswer::Granted(grant) = control.claim(task_id, HOST, INCARNATION).await.unwrap() else {
        return;
    };
    if grant.node.name.as_deref() == Some("hung") {
        return;
    }
    let waits = grant.node.name.as_deref().is_some_and(|name| name.starts_with("waits"));
    let reports = match (waits && matches!(grant.action, Action::Clean | Action::Inspect), grant.epoch) {
        (false, _) => reports(&grant),
        (true, 1) => {
            vec![(TaskOutcome::Parked { timeout_secs: 600 }, Some(Event::Wait), Observed::default())]
        }
        // From here on it works without end.
        (true, _) => Vec::new(),
    };
    for (sequence, (outcome, event, observed)) in (1..).zip(reports) {
        let epoch = grant.epoch;
        let report = TaskReport { task_id, epoch, sequence, outcome, event, observed, progress: None };
        control.report(HOST, &report).await.unwrap();
    }
}

pub type Said = (TaskOutcome, Option<Event>, Observed);

fn reports(grant: &Grant) -> Vec<Said> {
    let done = |event| (TaskOutcome::Succeeded { result: None }, event, Observed::default());
    let cleaned = cleaning_success(grant.node.provision, grant.node.retired);
    let power = |state| Observed { power_state: Some(state), ..Observed::default() };
    if let Some(said) = hardware::report(grant) {
        return vec![said];
    }
    match grant.action {
        Action::Verify | Action::Inspect => vec![done(Some(Event::Done))],
        Action::Clean if unknown_step(grant) => {
            vec![(refused("step-unknown", "there is no such step"), Some(Event::Fail), Observed::default())]
        }
        Action::Clean => {
            vec![(TaskOutcome::Succeeded { result: None }, Some(cleaned), hardware::cleaned(grant))]
        }
        Action::Deploy => {
            vec![(TaskOutcome::Succeeded { result: None }, Some(Event::Done), power(PowerState::On))]
        }
        Action::TearDown => {
            vec![(TaskOutcome::Continues, Some(Event::Clean), Observed::default()), done(Some(Event::Done))]
        }
        Action::AttachVif | Action::DetachVif => vec![vifs::report(grant)],
        Action::Power => {
            let asked: params::Power = serde_json::from_value(grant.params.clone()).unwrap();
            vec![(TaskOutcome::Succeeded { result: None }, None, power(asked.target.final_state()))]
        }
        Action::GetBootDevice => {
            let result = Some(json!({"boot_device": "pxe", "persistent": false}));
            vec![(TaskOutcome::Succeeded { result }, None, Observed::default())]
        }
        _ => vec![done(None)],
    }
}

fn unknown_step(grant: &Grant) -> bool {
    let asked: params::Clean = serde_json::from_value(grant.params.clone()).unwrap();
    asked.steps.is_some_and(|steps| steps.iter().any(|step| step.step == "nope"))
}

/// A task that ended badly and says no more than this.
pub fn refused(code: &str, summary: &str) -> TaskOutcome {
    TaskOutcome::Failed(failure(code, summary))
}

/// A failure that says no more than this.
pub fn failure(code: &str, summary: &str) -> Failure {
    Failure::new(code, "the task", summary).advised("ask for something else")
}
