//! How long the judge takes over every state and event.

use criterion::{Criterion, criterion_group, criterion_main};
use ferric_model::lifecycle::{Event, Provision, ProvisionState, advance};
use std::hint::black_box;

fn every_pair(criterion: &mut Criterion) {
    let pairs: Vec<(Provision, Event)> = ProvisionState::all()
        .flat_map(|state| Event::ALL.into_iter().map(move |event| (Provision::initial(state), event)))
        .collect();
    criterion.bench_function("advance/every state and event", |bencher| {
        bencher.iter(|| {
            pairs
                .iter()
                .filter(|(provision, event)| advance(black_box(*provision), *event, None).is_ok())
                .count()
        });
    });
}

criterion_group!(benches, every_pair);
criterion_main!(benches);
