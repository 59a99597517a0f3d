//! Nodes inside other nodes: their power, and steps that their parent has them carry out.

use anyhow::ensure;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fake::{FakeNode, Moment, Prompter};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

on_both_kinds!(relatives);

/// A node with two nodes inside it.
struct Family {
    parent: FakeNode,
    children: [FakeNode; 2],
}

async fn relatives(spec: ClusterSpec) -> anyhow::Result<()> {
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let prompter = Prompter::start().await?;
        let family = enroll(&rest, &prompter).await?;
        a_child_gets_its_power_from_its_parent(&rest, &family).await?;
        a_locked_child_keeps_its_parent_on(&rest, &prompter, &family).await?;
        a_parent_takes_the_power_with_it(&rest, &family).await?;
        a_deployment_switches_the_parent_on(&rest, &family).await?;
        steps_run_on_the_children(&prompter, &family).await?;
        what_fails_on_a_child_fails_on_its_parent(&rest, &prompter, &family).await
    })
    .await
}

async fn enroll(rest: &Rest, prompter: &Prompter) -> anyhow::Result<Family> {
    let parent = FakeNode::enroll(rest, prompter, false).await?;
    let mut children = Vec::new();
    for _ in 0..2 {
        let child = FakeNode::enroll(rest, prompter, false).await?;
        rest.set(&child.uuid, "/parent_node", &json!(parent.uuid)).await?;
        child.lead("manage", "manageable").await?;
        children.push(child);
    }
    parent.lead("manage", "manageable").await?;
    let children = children.try_into().map_err(|_| anyhow::anyhow!("two children were made"))?;
    Ok(Family { parent, children })
}

async fn power(rest: &Rest, node: &FakeNode, target: &str) -> anyhow::Result<()> {
    let path = format!("/v1/nodes/{}/states/power", node.uuid);
    rest.put(&path, &json!({"target": target})).await.map(drop)
}

async fn expect_power(rest: &Rest, node: &FakeNode, state: &str) -> anyhow::Result<()> {
    wait_for(format!("node {} to be {state}", node.uuid), DEADLINE, async || {
        let seen = rest.node(&node.uuid).await?;
        let is_so = seen["power_state"] == state && seen["reservation"].is_null();
        Ok(Look::when(is_so, (), format!("{}, {}", seen["power_state"], seen["last_error"])))
    })
    .await
}

async fn a_child_gets_its_power_from_its_parent(rest: &Rest, family: &Family) -> anyhow::Result<()> {
    for child in &family.children {
        power(rest, child, "power on").await?;
        expect_power(rest, child, "power on").await?;
        expect_power(rest, &family.parent, "power on").await?;
    }
    Ok(())
}

async fn a_locked_child_keeps_its_parent_on(
    rest: &Rest,
    prompter: &Prompter,
    family: &Family,
) -> anyhow::Result<()> {
    let child = &family.children[0];
    prompter.hold(&child.uuid, "inspect", Moment::Before);
    rest.provision(&child.uuid, "inspect").await?;
    prompter.wait_until_held(1, DEADLINE).await?;
    let path = format!("/v1/nodes/{}/states/power", family.parent.uuid);
    let answer = rest.send(Method::PUT, &path, Some(&json!({"target": "power off"}))).await?;
    ensure!(answer.status == StatusCode::CONFLICT, "{answer:?}");
    ensure!(answer.fault().contains("child node"), "{}", answer.fault());
    prompter.release();
    child.rests("manageable").await.map(drop)
}

async fn a_parent_takes_the_power_with_it(rest: &Rest, family: &Family) -> anyhow::Result<()> {
    power(rest, &family.parent, "power off").await?;
    expect_power(rest, &family.parent, "power off").await?;
    for child in &family.children {
        expect_power(rest, child, "power off").await?;
    }
    Ok(())
}

async fn a_deployment_switches_the_parent_on(rest: &Rest, family: &Family) -> anyhow::Result<()> {
    let child = &family.children[0];
    child.lead("provide", "available").await?;
    expect_power(rest, &family.parent, "power off").await?;
    child.lead("active", "active").await?;
    expect_power(rest, &family.parent, "power on").await
}

fn on_children(step: &str, only: &[&str]) -> Value {
    json!({"interface": "vendor", "step": step, "execute_on_child_nodes": true, "limit_child_node_execution": only})
}

async fn steps_run_on_the_children(prompter: &Prompter, family: &Family) -> anyhow::Result<()> {
    let [first, second] = &family.children;
    let steps = [on_children("log_passthrough", &[]), on_children("log_passthrough", &[&first.uuid])];
    let body = json!({"target": "clean", "clean_steps": steps});
    family.parent.lead_with(&body, "manageable").await?;
    let acts =
        [&family.parent, first, second].map(|node| prompter.acts(&node.uuid, "vendor.log_passthrough"));
    ensure!(acts == [0, 2, 1], "{acts:?}");
    Ok(())
}

async fn what_fails_on_a_child_fails_on_its_parent(
    rest: &Rest,
    prompter: &Prompter,
    family: &Family,
) -> anyhow::Result<()> {
    let child = &family.children[1];
    prompter.say(&child.uuid, "vendor.log_passthrough", "fail");
    let body = json!({"target": "clean", "clean_steps": [on_children("log_passthrough", &[])]});
    let node = family.parent.lead_with(&body, "clean failed").await?;
    let error = node["last_error"].as_str().unwrap_or_default();
    ensure!(error.contains("[related-node-failed]") && error.contains(&child.uuid), "{error}");
    ensure!(node["fault"] == "clean failure", "{}", node["fault"]);
    let history = rest.history(&child.uuid).await?;
    let told = history.iter().any(|entry| entry.event.contains("[fake-failure]"));
    ensure!(told, "the child's own history does not tell: {history:#?}");
    Ok(())
}
