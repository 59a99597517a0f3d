use crate::scene::{Scene, succeeded};
use ferric_control::{
    CleaningSource, ControlError, ControlSettings, Heartbeat, NewRunbook, ProvisionRequest,
};
use ferric_db::testing::{Database, on_each};
use ferric_db::{Conn, DbError, tasks};
use ferric_model::action::Action;
use ferric_model::errand::{Errand, Relatives};
use ferric_model::lifecycle::{Event, ProvisionState as S, Verb};
use ferric_model::node::Node;
use ferric_model::power::PowerState;
use ferric_model::report::{Observed, TaskOutcome};
use ferric_model::task::{Task, TaskState};
use serde_json::{Value, json};
use uuid::Uuid;

fn manual_cleaning() -> ProvisionRequest {
    let steps = ferric_control::read_clean_steps(&json!([{"interface": "power", "step": "wait"}])).unwrap();
    ProvisionRequest { clean_steps: Some(steps), ..ProvisionRequest::of(Verb::Clean) }
}

async fn task(scene: &Scene, id: Uuid) -> Task {
    let found: Result<_, DbError> =
        scene.control.store().read(async |conn: &mut Conn| tasks::find(conn, id).await).await;
    found.unwrap().unwrap()
}

async fn node(scene: &Scene, node: &Node) -> Node {
    scene.control.get_node(&node.uuid.to_string()).await.unwrap()
}

#[tokio::test]
async fn what_the_operator_lets_nobody_ask_for_is_refused() {
    on_each(async |Database { store, .. }| {
        let settings = ControlSettings {
            disallow_clean_steps: vec!["deploy.erase_devices".to_owned()],
            disallow_service_steps: Vec::new(),
            ..ControlSettings::default()
        };
        let scene = Scene::with(store, settings).await;
        let node = scene.node_in(S::Manageable, "n", |node| node).await;
        let ask = async |verb, label: &str| {
            let (interface, step) = label.split_once('.').unwrap();
            let steps = json!([{"interface": interface, "step": step, "args": {}, "priority": 1}]);
            let ordered = json!([{"interface": interface, "step": step}]);
            let mut request = ProvisionRequest::of(verb);
            match verb {
                Verb::Clean => {
                    request.clean_steps = Some(ferric_control::read_clean_steps(&ordered).unwrap())
                }
                Verb::Service => {
                    request.service_steps = Some(ferric_control::read_service_steps(&ordered).unwrap());
                }
                _ => request.deploy_steps = Some(ferric_control::read_deploy_steps(&steps).unwrap()),
            }
            let refused = scene.control.provision(&Scene::context(), &node.uuid.to_string(), &request).await;
            refused.err().map(|error| error.to_string()).unwrap_or_default()
        };
        let refusal = |label: &str, kind: &str| format!("Step {label} is not allowed for {kind}.");
        let (raw, erase) = ("vendor.send_raw", "deploy.erase_devices");
        assert_eq!(ask(Verb::Clean, erase).await, refusal(erase, "clean"));
        assert_eq!(ask(Verb::Active, raw).await, refusal(raw, "deploy"));
        for (verb, label) in [(Verb::Service, raw), (Verb::Active, erase)] {
            let said = ask(verb, label).await;
            assert!(said.contains("in state \"manageable\""), "another refusal comes first: {said}");
        }
        assert_eq!(ask(Verb::Clean, raw).await, "", "the operator's list replaces that which is built in");
    })
    .await;
}

#[tokio::test]
async fn automated_cleaning_runs_the_runbook_that_is_named_for_the_node() {
    on_each(async |Database { store, .. }| {
        let settings = ControlSettings {
            automated_cleaning_step_source: CleaningSource::Runbook,
            automated_cleaning_runbook_from_node: true,
            ..ControlSettings::default()
        };
        let scene = Scene::with(store, settings).await;
        let shape = |node: Node| Node { traits: vec!["CUSTOM_X".into()], ..node };
        let cleaned = scene.node_in(S::Manageable, "n", shape).await;
        let ident = cleaned.uuid.to_string();
        let provide = async || {
            scene.control.provision(&Scene::context(), &ident, &ProvisionRequest::of(Verb::Provide)).await
        };
        let refused = provide().await.unwrap_err();
        assert!(refused.to_string().contains("none is named for it"), "{refused}");

        let name = json!("wipe");
        scene
            .control
            .change_node(&ident, |node| {
                node.spec.driver_info.insert("cleaning_runbook".into(), name.clone());
                Ok(())
            })
            .await
            .unwrap();
        assert!(provide().await.unwrap_err().to_string().contains("could not be found"));
        let document =
            json!({"name": "wipe", "steps": [{"interface": "bios", "step": "factory_reset", "order": 1}]});
        let runbook = NewRunbook::parse(&document, true).unwrap();
        scene.control.create_runbook(&Scene::context(), &runbook).await.unwrap();
        assert!(provide().await.is_err(), "nobody approved it for the node");
        assert_eq!(node(&scene, &cleaned).await.state(), S::Manageable);

        scene.control.add_runbook_trait(&Scene::context(), "wipe", "CUSTOM_X").await.unwrap();
        provide().await.unwrap();
        let (_, grant) = scene.claim(&cleaned).await;
        assert_eq!(grant.params["steps"][0]["step"], "factory_reset");
        assert_eq!(grant.node.provision.target(), Some(S::Available), "it is no manual cleaning");
    })
    .await;
}

#[tokio::test]
async fn each_conductor_group_may_have_a_limit_of_its_own() {
    on_each(async |Database { store, .. }| {
        let settings = ControlSettings {
            max_concurrent_cleans: 1,
            max_concurrent_per_conductor_group: true,
            ..ControlSettings::default()
        };
        let scene = Scene::with(store, settings).await;
        scene.join_in("rack", "conductor-2").await;
        let in_group = |group: &'static str| move |node: Node| Node { conductor_group: group.into(), ..node };
        let first = scene.node_in(S::Manageable, "a", in_group("")).await;
        let second = scene.node_in(S::Manageable, "b", in_group("")).await;
        let other = scene.node_in(S::Manageable, "c", in_group("rack")).await;
        scene.provision(&first, &manual_cleaning()).await;
        let clean = async |node: &Node| {
            scene.control.provision(&Scene::context(), &node.uuid.to_string(), &manual_cleaning()).await
        };
        let full = clean(&second).await.unwrap_err();
        assert!(matches!(&full, ControlError::NoConductor(text) if text.contains("limit of 1")), "{full}");
        clean(&other).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_paused_task_goes_on_when_its_time_is_over_and_nothing_else_wakes_it() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let paused = scene.node_in(S::Manageable, "n", |node| node).await;
        scene.provision(&paused, &manual_cleaning()).await;
        let (id, grant) = scene.claim(&paused).await;
        scene.report(id, &grant, 1, TaskOutcome::Paused { secs: 90 }, Event::Wait).await;
        let seen = node(&scene, &paused).await;
        assert_eq!((seen.state(), seen.reservation.as_deref()), (S::CleanWait, None));

        let ident = paused.uuid.to_string();
        let token = scene.control.lookup(&[], Some(paused.uuid), true).await.unwrap().agent_token.unwrap();
        let heartbeat = Heartbeat {
            callback_url: "http://agent".into(),
            agent_token: Some(token),
            ..Heartbeat::default()
        };
        scene.control.heartbeat(&ident, &heartbeat).await.unwrap();
        scene.wait(60);
        scene.join().await;
        scene.control.sweep_once().await;
        assert_eq!(task(&scene, id).await.state, TaskState::Parked);
        scene.wait(31);
        scene.join().await;
        scene.control.sweep_once().await;
        let woken = task(&scene, id).await;
        assert_eq!((woken.state, woken.resume_at), (TaskState::Queued, None));
        assert_eq!(node(&scene, &paused).await.reservation.as_deref(), Some("conductor-1"));
    })
    .await;
}

#[tokio::test]
async fn an_agent_is_heard_and_nothing_more_while_its_node_is_in_maintenance() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let kept = scene.node_in(S::Manageable, "n", |node| node).await;
        let ident = kept.uuid.to_string();
        scene.provision(&kept, &manual_cleaning()).await;
        let (id, grant) = scene.claim(&kept).await;
        scene.report(id, &grant, 1, TaskOutcome::Parked { timeout_secs: 10 }, Event::Wait).await;
        let token = scene.control.lookup(&[], Some(kept.uuid), true).await.unwrap().agent_token.unwrap();
        let maintain = async |on: bool| {
            let change = |node: &mut Node| {
                node.maintenance = on;
                Ok(())
            };
            scene.control.change_node(&ident, change).await.unwrap();
        };
        let heartbeat = Heartbeat {
            callback_url: "http://agent".into(),
            agent_token: Some(token),
            ..Heartbeat::default()
        };
        maintain(true).await;
        scene.control.heartbeat(&ident, &heartbeat).await.unwrap();
        scene.wait(60);
        scene.join().await;
        scene.control.sweep_once().await;
        let seen = node(&scene, &kept).await;
        assert_eq!(seen.state(), S::CleanWait, "neither woken nor given up");
        assert_eq!(seen.status.driver_internal_info["agent_url"], "http://agent");
        maintain(false).await;
        scene.control.heartbeat(&ident, &heartbeat).await.unwrap();
        assert_eq!(task(&scene, id).await.state, TaskState::Queued);
    })
    .await;
}

#[tokio::test]
async fn a_deployment_uses_the_ramdisk_that_cleaned_where_fast_track_is_wanted() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let now = scene.control.clock().now();
        let shape = |fast: bool| {
            move |mut node: Node| {
                node.spec.driver_info.insert("fast_track".into(), fast.into());
                let heard = now.format(&time::format_description::well_known::Rfc3339).unwrap();
                node.status.driver_internal_info = json!({
                    "agent_url": "http://agent", "agent_secret_token": "t", "agent_last_heartbeat": heard,
                })
                .as_object()
                .cloned()
                .unwrap();
                Node { power_state: Some(PowerState::On), ..node }
            }
        };
        let agent = async |name: &str, fast, wait| {
            let deployed = scene.node(name, shape(fast)).await;
            scene.wait(wait);
            scene.join().await;
            scene.provision(&deployed, &ProvisionRequest::of(Verb::Active)).await;
            let (_, grant) = scene.claim(&deployed).await;
            grant.node.status.driver_internal_info.get("agent_url").cloned()
        };
        assert_eq!(agent("a", true, 10).await, Some(Value::from("http://agent")));
        assert_eq!(agent("b", false, 0).await, None);
        assert_eq!(agent("c", true, 600).await, None, "it was heard of too long ago");
    })
    .await;
}

#[tokio::test]
async fn a_task_waits_for_its_errands_and_each_is_begun_once() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let parent = scene.node_in(S::Manageable, "parent", |node| node).await;
        let inside = |node: Node| Node { parent_node: Some(parent.uuid), ..node };
        let first = scene.node_in(S::Manageable, "first", inside).await;
        let second = scene.node_in(S::Manageable, "second", inside).await;
        scene.provision(&parent, &manual_cleaning()).await;
        let (id, grant) = scene.claim(&parent).await;
        let errand = Errand {
            tag: "clean 0".into(),
            to: Relatives::Children(Vec::new()),
            action: Action::ChildStep,
            params: json!({"kind": "clean", "step": {"interface": "power", "step": "power_on"}}),
        };
        let observed = || Observed { errand: Some(errand.clone()), ..Observed::default() };
        let progress = || Some(json!({"stage": "awaiting_errand"}));
        let paused = TaskOutcome::Paused { secs: 60 };
        for _ in 0..2 {
            let wait = Some(Event::Wait);
            scene.report_all(id, &grant, 1, paused.clone(), wait, observed(), progress()).await;
        }
        let (first_task, first_grant) = scene.claim(&first).await;
        let (second_task, second_grant) = scene.claim(&second).await;
        assert_eq!(first_grant.action, Action::ChildStep);
        scene.report_quietly(first_task, &first_grant, succeeded()).await;
        assert_eq!(task(&scene, id).await.state, TaskState::Parked);
        scene.report_quietly(second_task, &second_grant, succeeded()).await;
        assert_eq!(task(&scene, id).await.state, TaskState::Queued, "the last one wakes it");
        let (_, grant) = scene.claim(&parent).await;
        let states: Vec<TaskState> = grant.errands.iter().map(|errand| errand.state).collect();
        assert_eq!(states, [TaskState::Succeeded, TaskState::Succeeded]);
    })
    .await;
}
