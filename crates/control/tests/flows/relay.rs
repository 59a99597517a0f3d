//! Messages on their way to the bus.

use super::{Fixture, report, succeeded};
use ferric_bus::BusConfig;
use ferric_control::{Control, ControlSettings};
use ferric_model::lifecycle::{Event, Verb};
use ferric_model::task::TaskState;
use time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn messages_are_carried_by_the_process_that_left_them_and_by_others_only_when_they_are_left_behind() {
    let f = Fixture::new().await;
    let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
    let settings = ControlSettings { lock_wait_secs: 0, ..ControlSettings::default() };
    let other = Control::new(f.control.store().clone(), bus, f.clock.clone(), settings);
    let one_round = CancellationToken::new();
    one_round.cancel();

    f.verb(Verb::Manage).await.unwrap();
    other.run_relay(one_round.clone()).await;
    assert_eq!(f.outbox().await, 1, "it is not the other's yet");
    f.control.run_relay(one_round.clone()).await;
    assert_eq!(f.outbox().await, 0);

    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, succeeded(), Some(Event::Done))).await);
    assert_eq!(f.outbox().await, 0, "an end that no request waits for is told in passing");
    f.verb(Verb::Provide).await.unwrap();
    assert_eq!(f.outbox().await, 1);
    f.clock.advance(Duration::seconds(4));
    other.run_relay(one_round).await;
    assert_eq!(f.outbox().await, 0, "whoever left it seems to be gone");
}

#[tokio::test]
async fn a_start_sends_what_a_forgetful_bus_has_lost() {
    let f = Fixture::new().await;
    let one_round = CancellationToken::new();
    one_round.cancel();
    f.verb(Verb::Manage).await.unwrap();
    f.control.run_relay(one_round).await;
    assert_eq!((f.outbox().await, f.the_task().await.state), (0, TaskState::Queued));
    assert_eq!(f.control.resend_queued().await.unwrap(), 1);
    assert_eq!(f.outbox().await, 1);
    f.claim().await;
    assert_eq!(f.control.resend_queued().await.unwrap(), 0, "what runs is left alone");
}
