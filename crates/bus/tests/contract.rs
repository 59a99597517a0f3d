//! What every bus must do; each test runs in process, and over RabbitMQ where `FERRIC_TEST_AMQP_URL` names one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broker;

use ferric_bus::{Bus, BusError, DELIVERY_LIMIT, Delivery};
use ferric_proto::ENVELOPE_VERSION;
use ferric_proto::v1::{
    ActionEnvelope, EventEnvelope, NodeChanged, PowerSyncWork, TaskWork, action_envelope::Work,
    event_envelope::Event,
};
use futures::StreamExt;
use futures::stream::BoxStream;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

type Deliveries = BoxStream<'static, Delivery>;

/// Runs each test against both buses.
macro_rules! contract {
    ($($test:ident),* $(,)?) => {
        mod local {
            $(#[tokio::test]
            async fn $test() {
                let (bus, _) = super::broker::bus("local:").await;
                super::timeout(super::PATIENCE, super::$test(std::sync::Arc::clone(&bus))).await.unwrap();
                bus.close().await;
            })*
        }
        mod rabbit {
            $(#[tokio::test]
            async fn $test() {
                let Some(url) = super::broker::url() else {
                    println!("skipped: FERRIC_TEST_AMQP_URL names no broker");
                    return;
                };
                let (bus, prefix) = super::broker::bus(&url).await;
                super::timeout(super::PATIENCE, super::$test(std::sync::Arc::clone(&bus))).await.unwrap();
                bus.close().await;
                super::broker::clean_up(&url, &prefix).await;
            })*
        }
    };
}

contract![
    what_was_published_before_anybody_listened_arrives,
    groups_are_kept_apart,
    competing_consumers_share,
    what_was_acknowledged_does_not_come_back,
    what_was_dropped_comes_back,
    what_a_vanished_consumer_held_comes_back,
    a_retried_action_is_counted_and_put_aside_in_the_end,
    what_was_rejected_is_put_aside,
    garbage_is_delivered_as_an_error,
    events_reach_everybody_who_listens,
    large_actions_pass,
    what_waits_is_counted,
    a_closed_bus_says_so,
];

fn action(name: &str) -> ActionEnvelope {
    let work = TaskWork { task_id: name.to_owned(), node_uuid: "n".to_owned(), action: "deploy".to_owned() };
    ActionEnvelope { version: ENVELOPE_VERSION, work: Some(Work::Task(work)), traceparent: String::new() }
}

fn event(generation: i64) -> EventEnvelope {
    let node = NodeChanged { node_uuid: "n".to_owned(), generation };
    EventEnvelope { version: ENVELOPE_VERSION, event: Some(Event::Node(node)) }
}

fn name(delivery: &Delivery) -> String {
    match &delivery.envelope {
        Ok(ActionEnvelope { work: Some(Work::Task(task)), .. }) => task.task_id.clone(),
        other => panic!("no task: {other:?}"),
    }
}

async fn next(stream: &mut Deliveries) -> Delivery {
    stream.next().await.expect("the stream goes on")
}

async fn take(stream: &mut Deliveries) -> String {
    let delivery = next(stream).await;
    let name = name(&delivery);
    delivery.ack().await.unwrap();
    name
}

async fn what_was_published_before_anybody_listened_arrives(bus: Arc<dyn Bus>) {
    let names: BTreeSet<String> = (0..50).map(|n| n.to_string()).collect();
    let envelopes: Vec<_> = names.iter().map(|name| action(name)).collect();
    let published = futures::future::join_all(envelopes.iter().map(|e| bus.publish_action("g", e))).await;
    assert!(published.iter().all(Result::is_ok), "{published:?}");
    let mut stream = bus.consume_actions("g", 10).await.unwrap();
    let mut seen = BTreeSet::new();
    while seen.len() < names.len() {
        seen.insert(take(&mut stream).await);
    }
    assert_eq!(seen, names);
}

async fn groups_are_kept_apart(bus: Arc<dyn Bus>) {
    bus.publish_action("", &action("default")).await.unwrap();
    bus.publish_action("g", &action("g")).await.unwrap();
    assert_eq!(take(&mut bus.consume_actions("g", 1).await.unwrap()).await, "g");
    assert_eq!(take(&mut bus.consume_actions("", 1).await.unwrap()).await, "default");
}

async fn competing_consumers_share(bus: Arc<dyn Bus>) {
    let mut first = bus.consume_actions("g", 1).await.unwrap();
    let mut second = bus.consume_actions("g", 1).await.unwrap();
    bus.publish_action("g", &action("a")).await.unwrap();
    bus.publish_action("g", &action("b")).await.unwrap();
    // Neither settles before both have one: with a prefetch of 1, each gets exactly one.
    let (one, other) = tokio::join!(next(&mut first), next(&mut second));
    assert_eq!(BTreeSet::from([name(&one), name(&other)]), BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    one.ack().await.unwrap();
    other.ack().await.unwrap();
}

async fn what_was_acknowledged_does_not_come_back(bus: Arc<dyn Bus>) {
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    bus.publish_action("g", &action("done")).await.unwrap();
    assert_eq!(take(&mut stream).await, "done");
    drop(stream);
    bus.publish_action("g", &action("marker")).await.unwrap();
    // The marker may reach the vanishing consumer first, so it may come back; what was acknowledged must not.
    assert_eq!(take(&mut bus.consume_actions("g", 5).await.unwrap()).await, "marker");
}

async fn what_was_dropped_comes_back(bus: Arc<dyn Bus>) {
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    bus.publish_action("g", &action("a")).await.unwrap();
    drop(next(&mut stream).await);
    let again = next(&mut stream).await;
    assert_eq!(name(&again), "a");
    assert!(again.delivery_count > 0);
    again.ack().await.unwrap();
}

async fn what_a_vanished_consumer_held_comes_back(bus: Arc<dyn Bus>) {
    let mut vanishing = bus.consume_actions("g", 5).await.unwrap();
    for name in ["a", "b", "c"] {
        bus.publish_action("g", &action(name)).await.unwrap();
    }
    let held = next(&mut vanishing).await;
    let mut other = bus.consume_actions("g", 5).await.unwrap();
    drop(vanishing);
    drop(held);
    let mut seen = BTreeSet::new();
    while seen.len() < 3 {
        seen.insert(take(&mut other).await);
    }
}

async fn a_retried_action_is_counted_and_put_aside_in_the_end(bus: Arc<dyn Bus>) {
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    bus.publish_action("g", &action("poison")).await.unwrap();
    for earlier in 0..=DELIVERY_LIMIT {
        let delivery = next(&mut stream).await;
        assert_eq!((name(&delivery), delivery.delivery_count), ("poison".to_owned(), earlier));
        delivery.retry().await.unwrap();
    }
    assert_eq!(take(&mut bus.consume_dead_letters(1).await.unwrap()).await, "poison");
}

async fn what_was_rejected_is_put_aside(bus: Arc<dyn Bus>) {
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    bus.publish_action("g", &action("bad")).await.unwrap();
    next(&mut stream).await.reject().await.unwrap();
    assert_eq!(take(&mut bus.consume_dead_letters(1).await.unwrap()).await, "bad");
    bus.publish_action("g", &action("good")).await.unwrap();
    assert_eq!(take(&mut stream).await, "good");
}

async fn garbage_is_delivered_as_an_error(bus: Arc<dyn Bus>) {
    let newer = ActionEnvelope { version: ENVELOPE_VERSION + 1, ..action("future") };
    bus.publish_action("g", &newer).await.unwrap();
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    let delivery = next(&mut stream).await;
    assert!(matches!(delivery.envelope, Err(BusError::UnknownVersion { .. })));
    delivery.reject().await.unwrap();
    bus.publish_action_bytes("g", b"\xff").await.unwrap();
    let delivery = next(&mut stream).await;
    assert!(matches!(delivery.envelope, Err(BusError::Undecodable { .. })));
    delivery.ack().await.unwrap();
}

async fn events_reach_everybody_who_listens(bus: Arc<dyn Bus>) {
    bus.publish_event(&event(0)).await.unwrap();
    let mut listeners = [bus.subscribe_events().await.unwrap(), bus.subscribe_events().await.unwrap()];
    bus.publish_event_bytes(b"\xff").await.unwrap();
    bus.publish_event(&event(1)).await.unwrap();
    for listener in &mut listeners {
        assert_eq!(listener.next().await, Some(event(1)));
    }
    for generation in 2..50 {
        bus.publish_event(&event(generation)).await.unwrap();
        for listener in &mut listeners {
            assert_eq!(listener.next().await, Some(event(generation)), "listening goes on without a gap");
        }
    }
}

async fn large_actions_pass(bus: Arc<dyn Bus>) {
    let node_uuids = (0..50_000).map(|n| uuid::Uuid::from_u128(n).to_string()).collect();
    let work = Work::PowerSync(PowerSyncWork { node_uuids, generations: Vec::new() });
    let large = ActionEnvelope { work: Some(work), ..action("") };
    bus.publish_action("g", &large).await.unwrap();
    let delivery = next(&mut bus.consume_actions("g", 1).await.unwrap()).await;
    assert_eq!(delivery.envelope.as_ref().unwrap(), &large);
    delivery.ack().await.unwrap();
}

async fn what_waits_is_counted(bus: Arc<dyn Bus>) {
    assert_eq!(bus.waiting_actions("g").await.unwrap(), 0);
    for name in ["a", "b", "c"] {
        bus.publish_action("g", &action(name)).await.unwrap();
    }
    assert_eq!(bus.waiting_actions("g").await.unwrap(), 3);
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    let held = next(&mut stream).await;
    assert_eq!(bus.waiting_actions("g").await.unwrap(), 2);
    held.ack().await.unwrap();
}

async fn a_closed_bus_says_so(bus: Arc<dyn Bus>) {
    bus.ping().await.unwrap();
    let mut stream = bus.consume_actions("g", 1).await.unwrap();
    let mut events = bus.subscribe_events().await.unwrap();
    bus.close().await;
    assert!(stream.next().await.is_none());
    assert!(events.next().await.is_none());
    assert_eq!(bus.ping().await, Err(BusError::Closed));
    assert_eq!(bus.publish_action("g", &action("a")).await, Err(BusError::Closed));
}

/// The broker was made anew: its queues and what they held are gone. Whoever publishes and consumes goes on.
#[tokio::test]
async fn queues_that_are_gone_come_back() {
    let Some(url) = broker::url() else {
        println!("skipped: FERRIC_TEST_AMQP_URL names no broker");
        return;
    };
    let (bus, prefix) = broker::bus(&url).await;
    let scenario = async {
        let mut stream = bus.consume_actions("g", 5).await.unwrap();
        let mut letters = bus.consume_dead_letters(5).await.unwrap();
        bus.publish_action("g", &action("before")).await.unwrap();
        assert_eq!(take(&mut stream).await, "before");
        broker::clean_up(&url, &prefix).await;
        // The consumer makes the queue anew, or the publisher does: nothing that is published from now on is lost.
        bus.publish_action("g", &action("after")).await.unwrap();
        assert_eq!(take(&mut stream).await, "after");
        bus.publish_action("g", &action("bad")).await.unwrap();
        next(&mut stream).await.reject().await.unwrap();
        assert_eq!(take(&mut letters).await, "bad");
        let mut events = bus.subscribe_events().await.unwrap();
        bus.publish_event(&event(1)).await.unwrap();
        assert_eq!(events.next().await, Some(event(1)));
    };
    timeout(PATIENCE, scenario).await.unwrap();
    bus.close().await;
    broker::clean_up(&url, &prefix).await;
}

/// After a crash of the broker its queues may be there without anybody who serves them: neither who publishes nor who
/// consumes has to be told.
#[tokio::test]
async fn queues_that_nobody_serves_are_made_anew() {
    let (Some(url), Some(xtask)) = (broker::url(), std::env::var_os("FERRIC_TEST_XTASK")) else {
        println!("skipped: FERRIC_TEST_AMQP_URL and FERRIC_TEST_XTASK name no broker that may be hurt");
        return;
    };
    let proxy = broker::Proxy::start(&url).await;
    let (bus, prefix) = broker::bus(proxy.url()).await;
    let scenario = async {
        let mut letters = bus.consume_dead_letters(5).await.unwrap();
        bus.publish_action("g", &action("lost")).await.unwrap();
        for queue in [format!("{prefix}.action.g"), format!("{prefix}.dead")] {
            broker::stop_queue(&xtask, &queue).await;
        }
        // As a crash does it, nobody's connection outlives that.
        proxy.cut();
        let publish = async {
            let mut answers = BTreeSet::new();
            while let Err(error) = bus.publish_action("g", &action("after")).await {
                assert!(error.retryable(), "{error}");
                answers.insert(error.kind());
            }
            answers
        };
        let consume = async {
            loop {
                match bus.consume_actions("g", 5).await {
                    Ok(mut stream) => break (take(&mut stream).await, stream),
                    Err(error) => assert!(error.retryable(), "{error}"),
                }
            }
        };
        let (answers, (taken, mut stream)) = tokio::join!(publish, consume);
        assert!(!answers.contains("full"), "{answers:?}");
        assert_eq!(taken, "after");
        // What is put aside before the queue of dead letters is made anew is lost.
        let put_aside = async {
            loop {
                match bus.publish_action("g", &action("bad")).await {
                    Ok(()) => next(&mut stream).await.reject().await.unwrap_or_default(),
                    Err(error) => assert!(error.retryable(), "{error}"),
                }
            }
        };
        tokio::select! {
            letter = take(&mut letters) => assert_eq!(letter, "bad"),
            () = put_aside => {}
        }
    };
    timeout(PATIENCE * 3 / 2, scenario).await.unwrap();
    bus.close().await;
    broker::clean_up(&url, &prefix).await;
}

/// The same while connections stand, which are told nothing of it.
#[tokio::test]
async fn queues_that_nobody_serves_any_more_are_made_anew() {
    let (Some(url), Some(xtask)) = (broker::url(), std::env::var_os("FERRIC_TEST_XTASK")) else {
        println!("skipped: FERRIC_TEST_AMQP_URL and FERRIC_TEST_XTASK name no broker that may be hurt");
        return;
    };
    let (bus, prefix) = broker::bus(&url).await;
    let conductor = broker::bus_named(&url, &prefix).await;
    let scenario = async {
        let mut stream = conductor.consume_actions("g", 5).await.unwrap();
        bus.publish_action("g", &action("before")).await.unwrap();
        assert_eq!(take(&mut stream).await, "before");
        broker::stop_queue(&xtask, &format!("{prefix}.action.g")).await;
        let publish = async {
            while let Err(error) = bus.publish_action("g", &action("after")).await {
                assert!(error.retryable(), "{error}");
            }
        };
        let ((), taken) = tokio::join!(publish, take(&mut stream));
        assert_eq!(taken, "after");
    };
    timeout(PATIENCE * 3 / 2, scenario).await.unwrap();
    conductor.close().await;
    bus.close().await;
    broker::clean_up(&url, &prefix).await;
}

#[tokio::test]
async fn streams_and_publications_survive_a_lost_broker() {
    let Some(url) = broker::url() else {
        println!("skipped: FERRIC_TEST_AMQP_URL names no broker");
        return;
    };
    let proxy = broker::Proxy::start(&url).await;
    let (bus, prefix) = broker::bus(proxy.url()).await;
    let scenario = async {
        let mut stream = bus.consume_actions("g", 5).await.unwrap();
        let mut events = bus.subscribe_events().await.unwrap();
        bus.publish_action("g", &action("held")).await.unwrap();
        let held = next(&mut stream).await;

        proxy.set_open(false);
        proxy.cut();
        let envelope = action("published while away");
        let publish = bus.publish_action("g", &envelope);
        tokio::pin!(publish);
        // The publication keeps trying while the broker is away...
        tokio::select! {
            result = &mut publish => panic!("published without a broker: {result:?}"),
            ping = bus.ping() => assert!(ping.unwrap_err().retryable()),
        }
        assert!(held.ack().await.unwrap_err().retryable());
        // ...and succeeds once it is back; the consumer gets both on its old stream.
        proxy.set_open(true);
        publish.await.unwrap();
        let seen = BTreeSet::from([take(&mut stream).await, take(&mut stream).await]);
        assert_eq!(seen, BTreeSet::from(["held".to_owned(), "published while away".to_owned()]));

        // Listeners are back after a while; each hint may be missed until then.
        let heard = async { events.next().await };
        let shout = async {
            for generation in 1.. {
                bus.publish_event(&event(generation)).await.unwrap();
            }
        };
        tokio::select! {
            heard = heard => assert!(heard.is_some()),
            () = shout => {}
        }
    };
    timeout(PATIENCE, scenario).await.unwrap();
    bus.close().await;
    broker::clean_up(&url, &prefix).await;
}
