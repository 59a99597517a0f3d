//! VIFs of nodes whose network interface has a use for them.

use crate::hardware::{Stage, said};
use crate::in_process::Answered;
use serde_json::{Value, json};

const NODE: &str = "/v1/nodes/vif-node";
const VIFS: &str = "/v1/nodes/vif-node/vifs";

async fn stage() -> Stage {
    let stage = Stage::new().await;
    let node = json!({"driver": "manual-management", "name": "vif-node", "network_interface": "flat"});
    assert_eq!(stage.send("POST", "/v1/nodes", node).await.status, 201);
    stage
}

/// Creates a port with this last byte; gives its path.
async fn port(stage: &Stage, byte: u8, more: Value) -> String {
    let node = stage.get(NODE).await["uuid"].clone();
    let mut port = json!({"node_uuid": node, "address": format!("52:54:00:00:00:{byte:02x}")});
    port.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let made = stage.send("POST", "/v1/ports", port).await;
    assert_eq!(made.status, 201);
    format!("/v1/ports/{}", made.json()["uuid"].as_str().unwrap())
}

async fn attach(stage: &Stage, vif: Value) -> Answered {
    stage.send("POST", VIFS, vif).await
}

async fn detach(stage: &Stage, vif: &str) -> Answered {
    stage.send("DELETE", &format!("{VIFS}/{vif}"), Value::Null).await
}

async fn taken(stage: &Stage, path: &str) -> Value {
    stage.get(path).await["internal_info"]["tenant_vif_port_id"].clone()
}

#[actix_web::test]
async fn a_vif_is_attached_to_a_free_port_and_detached_again() {
    let stage = stage().await;
    assert_eq!(attach(&stage, json!({"id": "a"})).await.status, 400);
    let path = port(&stage, 1, json!({})).await;
    assert_eq!(attach(&stage, json!({"id": "a"})).await.status, 204);
    assert_eq!(stage.get(VIFS).await, json!({"vifs": [{"id": "a"}]}));
    assert_eq!(taken(&stage, &path).await, "a");
    let again = attach(&stage, json!({"id": "a"})).await;
    assert_eq!(again.status, 409);
    assert!(
        said(&again).starts_with("Unable to attach VIF because VIF a is already attached to Ironic Port ")
    );
    assert_eq!(attach(&stage, json!({"id": "b"})).await.status, 400);
    assert_eq!(detach(&stage, "b").await.status, 400);

    assert_eq!(stage.send("DELETE", &path, Value::Null).await.status, 409, "the VIF would be lost");
    let address = json!([{"op": "replace", "path": "/address", "value": "52:54:00:00:00:09"}]);
    assert_eq!(stage.send("PATCH", &path, address).await.status, 409, "Neutron has the old address");
    assert_eq!(detach(&stage, "a").await.status, 204);
    assert_eq!(stage.get(VIFS).await, json!({"vifs": []}));
    assert_eq!(taken(&stage, &path).await, Value::Null);
    assert_eq!(detach(&stage, "a").await.status, 400);
    assert_eq!(stage.send("DELETE", &path, Value::Null).await.status, 204);
}

#[actix_web::test]
async fn a_portgroup_goes_before_its_ports() {
    let stage = stage().await;
    let node = stage.get(NODE).await["uuid"].clone();
    let group = stage.send("POST", "/v1/portgroups", json!({"node_uuid": node})).await.json();
    let path = format!("/v1/portgroups/{}", group["uuid"].as_str().unwrap());
    assert_eq!(attach(&stage, json!({"id": "a"})).await.status, 400, "an empty one takes nothing");
    let member = port(&stage, 1, json!({"portgroup_uuid": group["uuid"]})).await;
    assert_eq!(attach(&stage, json!({"id": "a"})).await.status, 204);
    assert_eq!((taken(&stage, &path).await, taken(&stage, &member).await), (json!("a"), Value::Null));
    assert_eq!(stage.get(VIFS).await, json!({"vifs": [{"id": "a"}]}));
    let address = json!([{"op": "replace", "path": "/address", "value": "52:54:00:00:00:09"}]);
    assert_eq!(stage.send("PATCH", &path, address.clone()).await.status, 409);
    let out = json!([{"op": "remove", "path": "/portgroup_uuid"}]);
    assert_eq!(stage.send("PATCH", &member, out).await.status, 200);
    let lost = stage.send("DELETE", &path, Value::Null).await;
    assert_eq!(lost.status, 409);
    assert!(said(&lost).ends_with("as it is bound to VIF a for use."));
    assert_eq!(detach(&stage, "a").await.status, 204);
    assert_eq!(taken(&stage, &path).await, Value::Null);
    assert_eq!(stage.send("PATCH", &path, address).await.status, 200);
    assert_eq!(stage.send("DELETE", &path, Value::Null).await.status, 204);
}

#[actix_web::test]
async fn callers_may_choose_the_port() {
    let stage = stage().await;
    port(&stage, 1, json!({})).await;
    let second = port(&stage, 2, json!({})).await;
    let uuid = second.rsplit('/').next().unwrap();
    for bad in [
        json!({"id": "a", "port_uuid": "none"}),
        json!({"id": "a", "port_uuid": uuid, "portgroup_uuid": uuid}),
        json!({"id": "a", "portgroup_uuid": uuid}),
    ] {
        assert_eq!(attach(&stage, bad.clone()).await.status, 400, "{bad}");
    }
    assert_eq!(attach(&stage, json!({"id": "a", "port_uuid": uuid})).await.status, 204);
    assert_eq!(taken(&stage, &second).await, "a");
    // Older callers are heard too.
    let wish = json!({"id": "b", "port_uuid": uuid});
    assert_eq!(stage.send_at("1.66", "POST", VIFS, wish).await.status, 400);
}

#[actix_web::test]
async fn what_only_neutron_knows_is_told_with_its_reason() {
    let stage = stage().await;
    let path = port(&stage, 1, json!({})).await;
    let unknown = attach(&stage, json!({"id": "unknown"})).await;
    assert_eq!(
        (unknown.status.as_u16(), said(&unknown)),
        (400, "Neutron port unknown was not found".to_owned())
    );
    assert!(stage.get(NODE).await["last_error"].is_null(), "the caller's mistake leaves no trace");
    let broken = attach(&stage, json!({"id": "broken"})).await;
    assert_eq!(broken.status, 500);
    assert!(said(&broken).contains("Neutron refused"));
    assert!(stage.get(NODE).await["last_error"].as_str().unwrap().contains("Neutron refused"));
    assert_eq!(taken(&stage, &path).await, Value::Null);
}

#[actix_web::test]
async fn vifs_are_forgotten_with_the_instance() {
    let mut stage = stage().await;
    let path = port(&stage, 1, json!({})).await;
    assert_eq!(attach(&stage, json!({"id": "a"})).await.status, 204);
    for (target, state) in
        [("manage", "manageable"), ("provide", "available"), ("active", "active"), ("deleted", "available")]
    {
        assert_eq!(stage.get(VIFS).await, json!({"vifs": [{"id": "a"}]}), "before {target}");
        let verb = json!({"target": target});
        assert_eq!(stage.send("PUT", &format!("{NODE}/states/provision"), verb).await.status, 202);
        assert_eq!(stage.rest_of(NODE).await["provision_state"], state);
    }
    assert_eq!(stage.get(VIFS).await, json!({"vifs": []}));
    assert_eq!(taken(&stage, &path).await, Value::Null);
}
