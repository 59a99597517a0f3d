//! The rescue interface: what the agent is told, and what must not be.

use crate::fake_agent::{FakeAgent, Twist};
use crate::fake_node::{TOKEN, agents, instance, task};
use ferric_agent::rescue_agent;
use ferric_hardware::HardwareErrorKind;
use serde_json::{Value, json};

const HASH: &str =
    "$6$saltsalt$DxUdBLtPd7JPnJ.pTW7AZPRsYyE9nQr3bl4vN5JP8YrQbAgmHyKmhqWS.r4V3cuYGv6fEHtNVyb0h3GgNjbxS.";

#[tokio::test]
async fn the_agent_gets_the_hash_and_never_the_password() {
    let agent = FakeAgent::start(TOKEN).await;
    agent.ends_at_once("finalize_rescue", Value::Null);
    let mut task = task(&agent.url);
    instance(&mut task, json!({"hashed_rescue_password": HASH}));
    let rescue = rescue_agent(agents());
    rescue.validate(&task.node).unwrap();
    assert!(rescue.boots_ramdisk(&task.node));
    rescue.rescue(&task).await.unwrap();
    let post = agent.posts().pop().unwrap();
    assert_eq!(post["name"], "rescue.finalize_rescue");
    assert_eq!(post["params"], json!({"rescue_password": HASH, "hashed": true}));
    rescue.unrescue(&task).await.unwrap();
    assert_eq!(agent.posts().len(), 1);
}

#[tokio::test]
async fn without_a_hash_nobody_is_let_in() {
    let agent = FakeAgent::start(TOKEN).await;
    let rescue = rescue_agent(agents());
    let mut task = task(&agent.url);
    for stored in
        [Value::Null, json!("plain"), json!("$6$x"), json!("$6$a$b:0:0::/:/bin/sh"), json!("$6$a$b\nroot:x")]
    {
        instance(&mut task, json!({"hashed_rescue_password": stored}));
        let error = rescue.rescue(&task).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter, "{stored}");
        assert!(rescue.validate(&task.node).is_err());
    }
    assert!(agent.posts().is_empty());
}

#[tokio::test]
async fn an_agent_that_fails_says_why_without_the_hash() {
    let agent = FakeAgent::start(TOKEN).await;
    agent.twist(Twist::Say(500, format!("cannot set {HASH}")));
    let mut task = task(&agent.url);
    instance(&mut task, json!({"hashed_rescue_password": HASH}));
    let error = rescue_agent(agents()).rescue(&task).await.unwrap_err();
    assert!(!error.to_string().contains("DxUdBLtPd7JPnJ"), "{error}");
}
