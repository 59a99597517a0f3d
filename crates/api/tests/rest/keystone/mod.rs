//! Callers with tokens, at a Keystone that answers, lags, refuses and goes away.

pub mod stand_in;

use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use ferric_api::{ApiConfig, AuthConfig, AuthStrategy, KeystoneConfig, NoBootSource};
use ferric_model::clock::ManualClock;
use ferric_model::secret::Secret;
use serde_json::json;
use stand_in::{OWN_LIFE, PASSWORD, StandIn};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

const LONG: Duration = Duration::hours(12);

/// An API, its Keystone, and the clock of both.
struct Cloud {
    api: InProcess,
    keystone: StandIn,
    clock: Arc<ManualClock>,
}

impl Cloud {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut KeystoneConfig)) -> Self {
        let clock = Arc::new(ManualClock::new(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000)));
        let keystone = StandIn::start(&clock);
        let mut config = KeystoneConfig {
            url: keystone.url.clone(),
            public_url: "http://public:5000/v3".to_owned(),
            username: "ferric".to_owned(),
            password: Some(Secret::new(PASSWORD.to_owned())),
            retry_pause_ms: 0,
            ..KeystoneConfig::default()
        };
        change(&mut config);
        let auth = AuthConfig { strategy: AuthStrategy::Keystone, keystone: config, ..AuthConfig::default() };
        let api = InProcess::at(clock.clone(), ApiConfig::default(), &auth, Arc::new(NoBootSource)).await;
        Self { api, keystone, clock }
    }

    async fn get(&self, headers: &[(&'static str, &str)]) -> Answered {
        let request = TestRequest::get().uri("/v1/nodes");
        self.api.send(headers.iter().fold(request, |request, header| request.insert_header(*header))).await
    }

    /// The status that a caller with a token gets.
    async fn status(&self, token: &str) -> u16 {
        self.get(&[("X-Auth-Token", token)]).await.status.as_u16()
    }
}

#[actix_web::test]
async fn a_token_opens_and_nothing_else_does() {
    let cloud = Cloud::new().await;
    cloud.keystone.token("ann", "admin", LONG);
    assert_eq!(cloud.status("ann").await, 200);
    assert_eq!(cloud.status(" ann ").await, 200);
    assert_eq!(cloud.keystone.validations(), 1);

    for headers in
        [&[][..], &[("X-Auth-Token", "")], &[("X-Auth-Token", "nobody")], &[("X-Service-Token", "ann")]]
    {
        let refused = cloud.get(headers).await;
        assert_eq!(refused.status, 401, "{headers:?}");
        assert_eq!(refused.header("www-authenticate"), Some("Keystone uri=\"http://public:5000/v3\""));
        assert_eq!(
            refused.json(),
            json!({"error": {"code": 401, "title": "Unauthorized",
                "message": "The request you have made requires authentication."}})
        );
    }
    for (path, status) in [("/", 200), ("/v1", 200), ("/healthz", 200), ("/v1/lookup", 404)] {
        assert_eq!(cloud.api.get(path).await.status, status, "{path}");
    }
    let asked = cloud.keystone.state.asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "one token of its own serves for all");
    assert_eq!(asked[0]["auth"]["scope"]["project"]["name"], "service");
}

#[actix_web::test]
async fn the_roles_of_a_token_count() {
    let cloud = Cloud::new().await;
    for (name, role, status) in [("ann", "admin", 201), ("bob", "reader", 403)] {
        cloud.keystone.token(name, role, LONG);
        let request = TestRequest::post().uri("/v1/chassis").insert_header(("X-Auth-Token", name));
        let answer = cloud.api.send(request.set_json(json!({"description": "rack"}))).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
    }
}

#[actix_web::test]
async fn many_requests_with_a_new_token_cost_one_call() {
    let cloud = Cloud::new().await;
    cloud.keystone.token("ann", "admin", LONG);
    cloud.keystone.state.answers.send_replace(false);
    let all = futures::future::join_all((0..1_000).map(|_| cloud.status("ann")));
    let opened = async {
        // Keystone answers only when the requests are under way.
        while cloud.keystone.issued() == 0 {
            tokio::task::yield_now().await;
        }
        cloud.keystone.state.answers.send_replace(true);
    };
    let (statuses, ()) = futures::join!(all, opened);
    assert!(statuses.iter().all(|status| *status == 200));
    assert_eq!((cloud.keystone.issued(), cloud.keystone.validations()), (1, 1));
}

#[actix_web::test]
async fn what_keystone_said_is_believed_for_a_while_and_never_longer_than_the_token_lives() {
    let cloud = Cloud::new().await;
    cloud.keystone.token("ann", "admin", LONG);
    cloud.keystone.token("brief", "admin", Duration::seconds(60));
    let mut known = 0;
    let mut check = async |token: &str, status: u16, calls: usize| {
        assert_eq!(cloud.status(token).await, status, "{token}");
        known += calls;
        assert_eq!(cloud.keystone.validations(), known, "{token}");
    };
    for (token, status) in [("ann", 200), ("brief", 200), ("nobody", 401)] {
        check(token, status, 1).await;
        check(token, status, 0).await;
    }
    // What Keystone did not know it may know a little later.
    cloud.keystone.token("nobody", "admin", LONG);
    cloud.clock.advance(Duration::seconds(10));
    check("nobody", 200, 1).await;
    check("ann", 200, 0).await;
    cloud.clock.advance(Duration::seconds(50));
    check("brief", 401, 1).await;
    check("ann", 200, 0).await;
    cloud.clock.advance(Duration::seconds(240));
    check("ann", 200, 1).await;
}

#[actix_web::test]
async fn the_own_token_is_renewed_before_it_expires_and_after_it_was_refused() {
    let cloud = Cloud::new().await;
    for name in ["a", "b", "c", "d"] {
        cloud.keystone.token(name, "admin", LONG);
    }
    assert_eq!((cloud.status("a").await, cloud.keystone.issued()), (200, 1));
    cloud.clock.advance(OWN_LIFE * 4 / 5 + Duration::seconds(1));
    assert_eq!((cloud.status("b").await, cloud.keystone.issued()), (200, 2));
    cloud.keystone.forget_own_tokens();
    assert_eq!((cloud.status("c").await, cloud.keystone.issued()), (200, 3));
    cloud.clock.advance(OWN_LIFE);
    assert_eq!((cloud.status("d").await, cloud.keystone.issued()), (200, 4));
}

#[actix_web::test]
async fn without_keystone_known_tokens_open_and_others_wait_no_longer_than_the_deadline() {
    let cloud = Cloud::with(|config| config.deadline_ms = 200).await;
    cloud.keystone.token("ann", "admin", LONG);
    cloud.keystone.token("bob", "admin", LONG);
    assert_eq!(cloud.status("ann").await, 200);

    cloud.keystone.state.answers.send_replace(false);
    let slow = cloud.get(&[("X-Auth-Token", "bob")]).await;
    assert_eq!(slow.status, 503);
    let fault: serde_json::Value =
        serde_json::from_str(slow.json()["error_message"].as_str().unwrap()).unwrap();
    assert_eq!(fault["faultstring"], "The Keystone service is temporarily unavailable.");
    assert_eq!(slow.header("www-authenticate"), None);
    assert_eq!(cloud.status("ann").await, 200);

    cloud.keystone.stop().await;
    assert_eq!(cloud.status("bob").await, 503);
    assert_eq!(cloud.status("ann").await, 200);
}

#[actix_web::test]
async fn a_keystone_that_fails_is_left_alone_until_it_may_have_recovered() {
    let cloud = Cloud::with(|config| {
        config.unavailable_after = 2;
        config.attempts = 3;
    })
    .await;
    cloud.keystone.token("ann", "admin", LONG);
    cloud.keystone.token("bob", "admin", LONG);
    assert_eq!(cloud.status("ann").await, 200);
    *cloud.keystone.state.fails_with.lock().unwrap() = Some(500);
    let before = cloud.keystone.validations();
    assert_eq!((cloud.status("bob").await, cloud.keystone.validations()), (503, before + 3));
    assert_eq!((cloud.status("bob").await, cloud.keystone.validations()), (503, before + 6));
    assert_eq!((cloud.status("bob").await, cloud.keystone.validations()), (503, before + 6));

    cloud.clock.advance(Duration::seconds(5));
    assert_eq!((cloud.status("bob").await, cloud.keystone.validations()), (503, before + 9));
    assert_eq!((cloud.status("bob").await, cloud.keystone.validations()), (503, before + 9));

    *cloud.keystone.state.fails_with.lock().unwrap() = None;
    cloud.clock.advance(Duration::seconds(5));
    assert_eq!((cloud.status("bob").await, cloud.keystone.validations()), (200, before + 10));
}

#[actix_web::test]
async fn a_wrong_password_of_this_service_is_not_tried_over_and_over() {
    let cloud = Cloud::with(|config| {
        config.password = Some(Secret::new("other".to_owned()));
        config.unavailable_after = 1;
    })
    .await;
    cloud.keystone.token("ann", "admin", LONG);
    for _ in 0..5 {
        assert_eq!((cloud.status("ann").await, cloud.keystone.issued()), (503, 1));
    }
}

#[actix_web::test]
async fn a_service_may_act_for_a_user_whose_token_has_expired() {
    let cloud = Cloud::new().await;
    cloud.keystone.token("late", "admin", -Duration::hours(1));
    cloud.keystone.token("nova", "service", LONG);
    cloud.keystone.token("ann", "admin", LONG);
    let rows = [
        ("late", None, 401),
        ("late", Some("nova"), 200),
        ("late", Some("ann"), 401),
        ("ann", Some("nova"), 200),
        ("ann", Some("late"), 401),
        ("ann", Some("nobody"), 401),
        ("nobody", Some("nova"), 401),
    ];
    for (user, service, status) in rows {
        let mut headers = vec![("X-Auth-Token", user)];
        headers.extend(service.map(|token| ("X-Service-Token", token)));
        assert_eq!(cloud.get(&headers).await.status, status, "{headers:?}");
    }
    let strict = Cloud::with(|config| config.allow_expired_with_service_token = false).await;
    strict.keystone.token("late", "admin", -Duration::hours(1));
    strict.keystone.token("nova", "service", LONG);
    assert_eq!(strict.get(&[("X-Auth-Token", "late"), ("X-Service-Token", "nova")]).await.status, 401);
}

#[actix_web::test]
async fn access_rules_bound_what_a_token_opens() {
    let cloud = Cloud::new().await;
    let rules = |path: &str| {
        let rule = json!({"service": "baremetal", "method": "GET", "path": path});
        json!({"application_credential": {"id": "a", "access_rules": [rule]}})
    };
    cloud.keystone.token_with("nodes", "admin", LONG, rules("/v1/nodes"));
    cloud.keystone.token_with("ports", "admin", LONG, rules("/v1/ports"));
    assert_eq!(cloud.status("nodes").await, 200);
    assert_eq!(cloud.status("ports").await, 401);
}
