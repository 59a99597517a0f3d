//! What one action costs from publication to acknowledgement. The broker takes part when `FERRIC_TEST_AMQP_URL` is set.

#![allow(clippy::expect_used, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferric_bus::{Bus, BusConfig, connect};
use ferric_model::secret::Secret;
use ferric_proto::ENVELOPE_VERSION;
use ferric_proto::v1::{ActionEnvelope, TaskWork, action_envelope::Work};
use futures::StreamExt;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Publications under way at the same time.
const IN_FLIGHT: usize = 32;

fn envelope() -> ActionEnvelope {
    let work = TaskWork {
        task_id: "0c1f7a3e-6d0b-4a39-9d50-5d3a3c0a7f11".to_owned(),
        node_uuid: "1be26c0b-03f2-4d2e-ae87-c02d7f33c123".to_owned(),
        action: "deploy".to_owned(),
    };
    ActionEnvelope { version: ENVELOPE_VERSION, work: Some(Work::Task(work)), traceparent: String::new() }
}

async fn round(bus: &Arc<dyn Bus>, stream: &mut futures::stream::BoxStream<'static, ferric_bus::Delivery>) {
    let envelope = envelope();
    let publish = futures::future::join_all((0..IN_FLIGHT).map(|_| bus.publish_action("bench", &envelope)));
    let consume = async {
        for _ in 0..IN_FLIGHT {
            stream.next().await.expect("the stream goes on").ack().await.expect("acknowledged");
        }
    };
    let (published, ()) = tokio::join!(publish, consume);
    published.into_iter().for_each(|result| result.expect("published"));
}

fn publish_consume_ack(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("publish_consume_ack");
    group.throughput(Throughput::Elements(IN_FLIGHT as u64)).sample_size(20);
    let rabbit = std::env::var("FERRIC_TEST_AMQP_URL").ok();
    for url in ["local:".to_owned()].into_iter().chain(rabbit) {
        let name = url.split(':').next().unwrap_or_default().to_owned();
        let config =
            BusConfig { url: Secret::new(url), prefix: "ferric-bench".to_owned(), ..BusConfig::default() };
        let bus = runtime.block_on(connect(&config)).expect("a bus");
        let stream = runtime.block_on(bus.consume_actions("bench", 64)).expect("a stream");
        let stream = tokio::sync::Mutex::new(stream);
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(async || round(&bus, &mut *stream.lock().await).await);
        });
        runtime.block_on(bus.close());
    }
    group.finish();
}

criterion_group!(benches, publish_consume_ack);
criterion_main!(benches);
