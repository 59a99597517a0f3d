//! The client against an agent that is busy, deaf, rude or gone.

use crate::fake_agent::{Answer, FakeAgent, Twist, serve};
use crate::fake_node::{TOKEN, agents, task};
use ferric_agent::AgentError;
use ferric_agent::client::{AgentClient, CommandStatus, Commands};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use serde_json::{Value, json};

const STEP: &str = "deploy.execute_deploy_step";

fn client(url: &str) -> AgentClient {
    agents().client(&task(url)).unwrap()
}

async fn start(agent: &FakeAgent) -> Result<ferric_agent::client::Command, AgentError> {
    let client = client(&agent.url);
    let known = client.commands().await?;
    client.start(STEP, json!({"step": {}}), &known).await
}

#[tokio::test]
async fn a_command_is_begun_with_the_token_and_not_waited_for() {
    let agent = FakeAgent::start(TOKEN).await;
    let command = start(&agent).await.unwrap();
    assert_eq!(command.command_name, "execute_deploy_step");
    assert_eq!(command.command_status, CommandStatus::Running);
    assert_eq!(agent.posts()[0]["name"], STEP);
    assert_eq!(agent.queries(), [format!("agent_token={TOKEN}"), format!("wait=false&agent_token={TOKEN}")]);
}

#[tokio::test]
async fn a_command_whose_answer_is_lost_is_not_started_twice() {
    let agent = FakeAgent::start(TOKEN).await;
    // An older command of the same name must not be taken for the new one.
    agent.put_command(
        json!({"id": "old", "command_name": "execute_deploy_step", "command_status": "SUCCEEDED"}),
    );
    agent.twist(Twist::LoseAnswer);
    let command = start(&agent).await.unwrap();
    assert_eq!(command.id, "command-1");
    assert_eq!(agent.posts().len(), 1);
}

#[tokio::test]
async fn a_command_that_never_arrived_is_sent_again() {
    let agent = FakeAgent::start(TOKEN).await;
    agent.put_command(
        json!({"id": "old", "command_name": "execute_deploy_step", "command_status": "SUCCEEDED"}),
    );
    agent.twist(Twist::LoseRequest);
    let command = start(&agent).await.unwrap();
    assert_eq!(command.id, "command-1");
    assert_eq!(agent.posts().len(), 2);
    assert_eq!(agent.begun(), ["execute_deploy_step", "execute_deploy_step"]);
}

#[tokio::test]
async fn requests_that_always_get_lost_are_given_up() {
    let agent = FakeAgent::start(TOKEN).await;
    for _ in 0..9 {
        agent.twist(Twist::LoseRequest);
    }
    let error = start(&agent).await.unwrap_err();
    assert!(matches!(error, AgentError::Unreachable { .. }), "{error}");
    assert_eq!(agent.posts().len(), 3);
}

#[tokio::test]
async fn a_busy_agent_is_known_in_both_forms() {
    let agent = FakeAgent::start(TOKEN).await;
    agent.put_command(json!({"id": "1", "command_name": "sync", "command_status": "RUNNING"}));
    let now = start(&agent).await.unwrap_err();
    agent.twist(Twist::Say(500, json!({"faultstring": "Agent is busy executing command"}).to_string()));
    let then = start(&agent).await.unwrap_err();
    for error in [now, then] {
        assert!(error.retryable());
        assert_eq!(HardwareError::from(error).code, "agent-busy");
    }
    assert_eq!(agent.posts().len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_explained_and_never_shown() {
    let agent = FakeAgent::start("another token").await;
    let client = client(&agent.url);
    let error = client.commands().await.unwrap_err();
    assert_eq!(error, AgentError::TokenRefused);
    let error = HardwareError::from(error);
    assert_eq!((error.code, error.kind), ("agent-token-refused", HardwareErrorKind::Unauthorized));
    assert!(error.advice.contains("fresh ramdisk"), "{}", error.advice);
    assert!(!format!("{client:?} {error:?}").contains(TOKEN));
}

#[tokio::test]
async fn an_agent_that_is_gone_is_unreachable_and_the_token_stays_secret() {
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = client(&url);
    let errors = [
        client.commands().await.unwrap_err(),
        client.start(STEP, json!({}), &Commands::default()).await.unwrap_err(),
        client.run("standby.sync", json!({})).await.unwrap_err(),
    ];
    for error in errors {
        let error = HardwareError::from(error);
        assert_eq!((error.code, error.retryable()), ("agent-unreachable", true));
        assert!(error.summary.contains(&url), "{}", error.summary);
        assert!(!format!("{error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn a_command_that_outlasts_its_call_is_followed_to_its_end() {
    let agent = FakeAgent::start(TOKEN).await;
    let client = client(&agent.url);
    let (result, ()) = tokio::join!(client.run("clean.get_clean_steps", json!({})), async {
        while agent.begun().is_empty() {
            tokio::task::yield_now().await;
        }
        agent.succeed();
    });
    assert_eq!(result.unwrap()["clean_result"], Value::Null);
    assert!(agent.queries()[1].starts_with("wait=true&"));
}

#[tokio::test]
async fn a_refusal_carries_what_the_agent_said_without_secrets() {
    let agent = FakeAgent::start(TOKEN).await;
    let body = json!({"faultstring": format!("no command for {TOKEN} at http://u:p@h/x?sig=1")});
    agent.twist(Twist::Say(404, body.to_string()));
    let error = HardwareError::from(start(&agent).await.unwrap_err());
    assert_eq!(error.code, "agent-command-failed");
    assert_eq!(error.evidence.as_deref(), Some("no command for ****** at http://h/x?…"));
}

#[tokio::test]
async fn answers_that_are_no_answers_are_nonsense() {
    let long = " ".repeat(2 * 1024 * 1024) + "{\"commands\": []}";
    let rows = [
        Answer::Text(200, "<html>hello</html>".to_owned()),
        Answer::Json(200, json!({"commands": [{"id": "1"}]})),
        Answer::Json(200, json!([])),
        Answer::Text(200, long),
    ];
    for answer in rows {
        let said = answer.clone();
        let url = serve(move |_| said.clone()).await;
        let error = HardwareError::from(client(&url).commands().await.unwrap_err());
        assert_eq!(error.code, "agent-nonsense", "{answer:?}");
    }
}

#[tokio::test]
async fn without_a_usable_address_there_is_no_client() {
    let agents = agents();
    let code = |task| HardwareError::from(agents.client(&task).unwrap_err()).code;
    assert_eq!(code(task("")), "agent-unreachable");
    assert_eq!(code(task("ftp://h")), "agent-nonsense");
    let mut without_token = task("http://127.0.0.1:1");
    without_token.node.status.driver_internal_info.remove("agent_secret_token");
    assert_eq!(code(without_token), "agent-token-refused");
    let mut bad_ca = task("https://127.0.0.1:1");
    bad_ca.node.status.driver_internal_info.insert("agent_verify_ca".into(), json!("no PEM"));
    assert_eq!(code(bad_ca), "agent-nonsense");
}
