//! Discovery: what this service is and which versions it speaks.
//!
//! Source: `contract: rest-api` section 3.

use super::answer::Answer;
use super::call::Call;
use super::error::Fault;
use super::link::{self, Link};
use super::microversion::Microversion;
use super::route::{Gate, Route, route};
use serde_json::{Value, json};

pub(crate) static ROUTES: [Route; 5] = [
    route!(Get "" Gate::Open, &[], Ignored, v1),
    route!(Post "" Gate::Open, &[], Ignored, malformed),
    route!(Put "" Gate::Open, &[], Ignored, malformed),
    route!(Patch "" Gate::Open, &[], Ignored, malformed),
    route!(Delete "" Gate::Open, &[], Ignored, malformed),
];

/// Collections with the microversion that brought them.
pub(crate) const COLLECTIONS: [(&str, u16); 16] = [
    ("chassis", 1),
    ("nodes", 1),
    ("ports", 1),
    ("drivers", 1),
    ("portgroups", 23),
    ("volume", 32),
    ("lookup", 22),
    ("heartbeat", 22),
    ("conductors", 49),
    ("allocations", 52),
    ("events", 54),
    ("deploy_templates", 55),
    ("shards", 82),
    ("runbooks", 92),
    ("inspection_rules", 96),
    ("continue_inspection", 84),
];

/// `GET /`
pub(crate) fn root(base: &str) -> Value {
    let version = version(base);
    json!({
        "name": "OpenStack Ironic API",
        "description":
            "Ironic is an OpenStack project which enables the provision and management of baremetal machines.",
        "default_version": version,
        "versions": [version],
    })
}

async fn v1(call: Call) -> Result<Answer, Fault> {
    let mut document = json!({
        "id": "v1",
        "links": [
            own_link(&call.base),
            Link {
                href: "https://docs.openstack.org//ironic/latest/contributor//webapi.html".to_owned(),
                rel: "describedby",
                media_type: Some("text/html"),
            },
        ],
        "media_types": {"base": "application/json", "type": "application/vnd.openstack.ironic.v1+json"},
        "version": version(&call.base),
    });
    for (name, since) in COLLECTIONS {
        if call.speaks(since) {
            document[name] = json!(link::pair(&call.base, &format!("{name}/")));
        }
    }
    Answer::json(&document)
}

async fn malformed(_: Call) -> Result<Answer, Fault> {
    Err(Fault::malformed_method())
}

fn own_link(base: &str) -> Link {
    Link::new("self", format!("{base}/v1/"))
}

fn version(base: &str) -> Value {
    json!({
        "id": "v1",
        "links": [own_link(base)],
        "status": "CURRENT",
        "min_version": Microversion::OLDEST.to_string(),
        "version": Microversion::NEWEST.to_string(),
    })
}
