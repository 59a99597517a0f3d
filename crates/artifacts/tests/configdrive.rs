//! Configdrives as the agent and cloud-init unpack them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

mod iso_reader;

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferric_artifacts::configdrive::{ConfigDriveParts, GivenConfigDrive, MAX_BYTES, encoded_files};
use ferric_artifacts::source::{SourceConfig, Sources};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

fn parts(document: &Value) -> ConfigDriveParts {
    ConfigDriveParts::from_json(document.as_object().unwrap()).unwrap()
}

fn unpack(text: &str) -> iso_reader::Read {
    let mut image = Vec::new();
    GzDecoder::new(&STANDARD.decode(text).unwrap()[..]).read_to_end(&mut image).unwrap();
    iso_reader::read(&image)
}

#[test]
fn parts_land_where_cloud_init_looks() {
    let document = json!({
        "meta_data": {"name": "web", "public_keys": {"k": "ssh-ed25519 AAAA"}},
        "network_data": {"links": []},
        "user_data": "#cloud-config\nö: 1\n",
        "vendor_data": {"v": 1},
    });
    let text = parts(&document).build("node-uuid", Some("node-1")).unwrap();
    let drive = unpack(&text);
    assert_eq!((drive.label.as_str(), drive.boot, drive.files.len()), ("config-2", None, 8));
    for version in ["2012-08-10", "latest"] {
        let file = |name: &str| &drive.files[&format!("/openstack/{version}/{name}")][..];
        let json = |name: &str| serde_json::from_slice::<Value>(file(name)).unwrap();
        let meta_data = json!({"uuid": "node-uuid", "name": "web", "public_keys": {"k": "ssh-ed25519 AAAA"}});
        assert_eq!(json("meta_data.json"), meta_data);
        assert_eq!(json("network_data.json"), document["network_data"]);
        assert_eq!(json("vendor_data2.json"), document["vendor_data"]);
        assert_eq!(file("user_data"), "#cloud-config\nö: 1\n".as_bytes());
    }
    assert_eq!(text, parts(&document).build("node-uuid", Some("node-1")).unwrap(), "equal parts, equal text");
    assert!(matches!(GivenConfigDrive::from_json(&json!(text)).unwrap(), Some(GivenConfigDrive::Encoded(_))));
}

#[test]
fn the_node_fills_in_its_names() {
    let drive = unpack(&parts(&json!({"user_data": {"a": [1]}})).build("u", None).unwrap());
    let names: Vec<&String> = drive.files.keys().filter(|path| path.contains("latest")).collect();
    assert_eq!(names, ["/openstack/latest/meta_data.json", "/openstack/latest/user_data"]);
    assert_eq!(drive.files["/openstack/latest/meta_data.json"], b"{\"uuid\":\"u\"}");
    assert_eq!(drive.files["/openstack/latest/user_data"], b"{\"a\":[1]}");
}

#[test]
fn what_the_agent_would_refuse_is_refused() {
    let half = usize::try_from(MAX_BYTES / 2).unwrap();
    let error = parts(&json!({"user_data": "x".repeat(half)})).build("u", None).unwrap_err();
    assert_eq!(error.kind(), "too_large", "both versions together exceed the limit");
    let text = "A".repeat(usize::try_from(MAX_BYTES).unwrap() + 4);
    assert_eq!(GivenConfigDrive::from_json(&json!(text)).unwrap_err().kind(), "too_large");
}

#[tokio::test]
async fn every_form_gives_its_files() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let sources = Sources::new(SourceConfig::default()).unwrap();
    let given = |value: Value| GivenConfigDrive::from_json(&value).unwrap().unwrap();
    let document = json!({"meta_data": {"a": 1}, "user_data": "#!/bin/sh"});
    let mut expected = given(document.clone()).files(&sources, "u", Some("n"), 1 << 20).await.unwrap();
    let text = parts(&document).build("u", Some("n")).unwrap();
    let mut read = given(json!(text)).files(&sources, "u", Some("n"), 1 << 20).await.unwrap();
    expected.sort();
    read.sort();
    assert_eq!(read, expected);
    assert_eq!(read.len(), 4);
    let error = given(document).files(&sources, "u", None, 10).await.unwrap_err();
    assert_eq!(error.kind(), "too_large");
    for wrong in ["AAAA", "H4sIAAAAAAAAAwMAAAAAAAAAAAA="] {
        assert_eq!(encoded_files(wrong).unwrap_err().kind(), "invalid", "{wrong}");
    }
}
