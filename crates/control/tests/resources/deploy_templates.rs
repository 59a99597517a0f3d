use crate::scene::Scene;
use ferric_control::{ControlError, NewDeployTemplate, ProvisionRequest};
use ferric_db::testing::{Database, on_each};
use ferric_model::hardware::InterfaceKind::{Bios, Raid};
use ferric_model::lifecycle::Verb;
use ferric_model::node::Node;
use ferric_model::step::Step;
use ferric_model::task::params;
use serde_json::{Value, json};

async fn template(scene: &Scene, name: &str, steps: Value) {
    let new = NewDeployTemplate::parse(&json!({"name": name, "steps": steps})).unwrap();
    scene.control.create_deploy_template(&Scene::context(), &new).await.unwrap();
}

fn asking_for(traits: &[&str]) -> impl FnOnce(Node) -> Node {
    move |mut node| {
        node.traits = ["CUSTOM_A", "CUSTOM_B", "CUSTOM_C"].map(str::to_owned).to_vec();
        node.spec.instance_info.insert("traits".to_owned(), json!(traits));
        node
    }
}

#[tokio::test]
async fn a_deployment_is_told_the_steps_of_its_instances_traits() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let apply = |priority: i64| {
            json!({"interface": "bios", "step": "apply", "args": {"n": priority}, "priority": priority})
        };
        template(&scene, "CUSTOM_A", json!([apply(150)])).await;
        let create = json!({"interface": "raid", "step": "create", "args": {}, "priority": 120});
        template(&scene, "CUSTOM_B", json!([create])).await;
        template(&scene, "CUSTOM_C", json!([apply(1)])).await;

        let node = scene.node("n", asking_for(&["CUSTOM_A", "CUSTOM_B"])).await;
        let own = Step::new(Raid, "create", 0);
        let request =
            ProvisionRequest { deploy_steps: Some(vec![own]), ..ProvisionRequest::of(Verb::Active) };
        scene.provision(&node, &request).await;
        let (_, grant) = scene.claim(&node).await;
        let told: params::Deploy = serde_json::from_value(grant.params).unwrap();
        let steps: Vec<_> = told.steps.iter().map(|step| (step.interface, step.priority)).collect();
        assert_eq!(steps, [(Raid, 0), (Bios, 150)]);

        let plain = scene.node("plain", asking_for(&[])).await;
        scene.provision(&plain, &ProvisionRequest::of(Verb::Active)).await;
        let (_, grant) = scene.claim(&plain).await;
        let told: params::Deploy = serde_json::from_value(grant.params).unwrap();
        assert_eq!(told.steps, []);

        let twice = scene.node("twice", asking_for(&["CUSTOM_A", "CUSTOM_C"])).await;
        let request = ProvisionRequest::of(Verb::Active);
        let refused =
            scene.control.provision(&Scene::context(), &twice.uuid.to_string(), &request).await.unwrap_err();
        assert!(matches!(&refused, ControlError::Invalid(text) if text.ends_with("in common: bios.apply")));
    })
    .await;
}
