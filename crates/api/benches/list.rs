//! What a page of 1,000 nodes costs, from the request to the bytes of the answer.

#![allow(clippy::unwrap_used, missing_docs, reason = "bench code")]

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferric_api::rest::RestServer;
use ferric_api::{ApiConfig, AuthConfig, NoBootSource};
use ferric_control::{
    BusConfig, Control, ControlSettings, DatabaseConfig, NewNode, RequestContext, Store, connect_bus,
};
use ferric_model::clock::SystemClock;
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::ProvisionState;
use serde_json::json;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const NODES: usize = 1000;

/// Pages that clients really ask for, with the name of each measurement.
const PAGES: [(&str, &str); 3] = [
    ("summary", "/v1/nodes"),
    ("four fields", "/v1/nodes?fields=uuid,name,provision_state,boot_interface"),
    ("detail", "/v1/nodes/detail"),
];

async fn control(folder: &std::path::Path) -> Arc<Control> {
    let url = format!("sqlite:{}", folder.join("bench.db").display());
    let store = Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
    store.migrate().await.unwrap();
    let bus = connect_bus(&BusConfig::default()).await.unwrap();
    let control = Control::new(store, bus, Arc::new(SystemClock), ControlSettings::default());
    let interfaces = InterfaceKind::ALL.into_iter().map(|kind| (kind, vec!["fake".to_owned()])).collect();
    let offer = DriverOffer { interfaces, ..DriverOffer::default() };
    control
        .join("bench", "", "one", DriverOffers::from([("fake-hardware".to_owned(), offer)]))
        .await
        .unwrap();
    for number in 0..NODES {
        let document = json!({
            "driver": "fake-hardware",
            "name": format!("node-{number}"),
            "driver_info": {"redfish_address": format!("https://10.0.0.{number}"), "redfish_password": "secret"},
            "properties": {"cpus": 64, "memory_mb": 262_144, "capabilities": "boot_mode:uefi"},
            "extra": {"rack": number / 40},
        });
        let new = NewNode::parse(&document).unwrap();
        control.create_node(&RequestContext::system(), &new, ProvisionState::Enroll).await.unwrap();
    }
    Arc::new(control)
}

fn pages(bench: &mut Criterion) {
    let system = System::new();
    let folder = tempfile::tempdir().unwrap();
    let service = system.block_on(async {
        let control = control(folder.path()).await;
        let auth = AuthConfig::default();
        let server = RestServer::new(control, ApiConfig::default(), &auth, Arc::new(NoBootSource)).unwrap();
        init_service(App::new().configure(|app| server.mount(app))).await
    });
    let mut group = bench.benchmark_group("list 1000 nodes");
    group.throughput(Throughput::Elements(NODES as u64)).sample_size(20);
    for (name, path) in PAGES {
        group.bench_function(name, |bench| {
            bench.iter_custom(|rounds| {
                let start = Instant::now();
                for _ in 0..rounds {
                    system.block_on(async {
                        let request = TestRequest::get()
                            .uri(path)
                            .insert_header(("X-OpenStack-Ironic-API-Version", "latest"))
                            .to_request();
                        let answer = actix_web::test::call_service(&service, request).await;
                        assert_eq!(answer.status(), 200);
                        black_box(to_bytes(answer.into_body()).await.unwrap());
                    });
                }
                start.elapsed()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
