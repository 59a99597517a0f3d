//! Who we are to Neutron, and what is tried again.

use crate::cloud::{Cloud, client, port, task};
use ferric_model::secret::Secret;
use ferric_neutron::{AuthType, Neutron, NeutronConfig, NeutronError, flat};

fn password(cloud: &Cloud) -> NeutronConfig {
    NeutronConfig {
        endpoint: String::new(),
        auth_type: AuthType::Password,
        auth_url: cloud.url.clone(),
        username: "ironic".to_owned(),
        password: Some(Secret::new("s3cret".to_owned())),
        project_name: "service".to_owned(),
        region: "RegionOne".to_owned(),
        ..cloud.config()
    }
}

#[tokio::test]
async fn a_token_is_kept_until_it_ends_and_renewed_when_it_is_refused() {
    let cloud = Cloud::start().await;
    cloud.add_port("a");
    let neutron = client(password(&cloud));
    for _ in 0..3 {
        neutron.get_port("a").await.unwrap();
    }
    assert_eq!(cloud.state().tokens, 1);
    let scope = cloud.state().bodies[0]["auth"]["scope"].clone();
    assert_eq!(scope, serde_json::json!({"project": {"name": "service", "domain": {"name": "Default"}}}));
    cloud.state().token = Some("revoked".to_owned());
    neutron.get_port("a").await.unwrap();
    assert_eq!(cloud.state().tokens, 2);

    cloud.state().token_secs = 30;
    let short = client(password(&cloud));
    for _ in 0..2 {
        short.get_port("a").await.unwrap();
    }
    assert_eq!(cloud.state().tokens, 4, "a token that ends soon is not used again");
}

#[tokio::test]
async fn wrong_credentials_are_told_without_repeating_them() {
    let cloud = Cloud::start().await;
    let config = NeutronConfig { password: Some(Secret::new("hunter2".to_owned())), ..password(&cloud) };
    let error = client(config).get_port("a").await.unwrap_err();
    assert!(matches!(error, NeutronError::Unauthorized { service: "Keystone", .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(cloud.calls().len(), 1, "nobody is asked twice");
}

#[tokio::test]
async fn without_keystone_user_and_password_go_with_each_request() {
    let cloud = Cloud::start().await;
    cloud.add_port("a");
    let config = NeutronConfig {
        auth_type: AuthType::HttpBasic,
        username: "u".to_owned(),
        password: Some(Secret::new("p".to_owned())),
        ..cloud.config()
    };
    client(config).get_port("a").await.unwrap();
    assert_eq!(cloud.state().headers["authorization"], "Basic dTpw");
}

#[tokio::test]
async fn faults_pass_and_refusals_do_not() {
    let cloud = Cloud::start().await;
    cloud.add_port("a");
    let neutron = cloud.client();
    cloud.state().troubles.extend([503, 429]);
    neutron.get_port("a").await.unwrap();
    assert_eq!(cloud.calls().len(), 3);
    cloud.state().troubles.extend([500, 500, 500]);
    let error = neutron.get_port("a").await.unwrap_err();
    assert!(matches!(&error, NeutronError::Failed { said, .. } if said == "in trouble"), "{error:?}");
    assert_eq!(cloud.calls().len(), 3);
    cloud.state().troubles.push_back(400);
    let error = neutron.get_port("a").await.unwrap_err();
    assert!(matches!(error, NeutronError::Refused { status: 400, .. }), "{error:?}");
    assert_eq!(cloud.calls().len(), 1);
    cloud.state().troubles.push_back(500);
    let made = neutron.create_port(serde_json::json!({})).await;
    assert!(matches!(made, Err(NeutronError::Failed { .. })), "it may have been made: {made:?}");
    assert_eq!(cloud.calls().len(), 1);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_failure_that_says_so() {
    let config = NeutronConfig {
        endpoint: "http://127.0.0.1:1".to_owned(),
        retry_pause_ms: 1,
        ..NeutronConfig::default()
    };
    let network = flat(client(config));
    let vif = ferric_model::task::params::AttachVif { vif: "a".to_owned(), ..Default::default() };
    let error = network.attach_vif(&task(vec![port(7)]), &vif).await.unwrap_err();
    assert_eq!(error.code, "neutron-unreachable");
    assert!(error.retryable() && error.evidence.is_some());
}

#[test]
fn what_cannot_work_is_refused_at_the_start() {
    for (config, key) in [
        (NeutronConfig { auth_url: "http://k".into(), ..NeutronConfig::default() }, "neutron.endpoint"),
        (
            NeutronConfig {
                endpoint: "http://n".into(),
                auth_type: AuthType::HttpBasic,
                ..NeutronConfig::default()
            },
            "neutron.username",
        ),
        (
            NeutronConfig {
                endpoint: "http://n".into(),
                auth_type: AuthType::Password,
                ..NeutronConfig::default()
            },
            "neutron.auth_url",
        ),
        (
            NeutronConfig {
                endpoint: "http://n".into(),
                interface: "best".into(),
                ..NeutronConfig::default()
            },
            "neutron.interface",
        ),
    ] {
        let error = Neutron::new(config).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
}
