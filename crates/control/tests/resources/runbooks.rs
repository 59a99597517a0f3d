use crate::scene::Scene;
use ferric_control::{Actor, ControlError, NewRunbook, RequestContext};
use ferric_db::testing::{Database, on_each};
use ferric_model::json_patch;
use ferric_model::node::Node;
use ferric_model::page::Page;
use serde_json::{Value, json};

fn new(name: &str, more: &Value) -> NewRunbook {
    let mut document = json!({"name": name, "steps": [{"interface": "bios", "step": "apply", "order": 1}]});
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    NewRunbook::parse(&document, true).unwrap()
}

fn manager_of(project: &str) -> RequestContext {
    let actor =
        Actor { project: Some(project.to_owned()), roles: vec!["manager".to_owned()], ..Actor::default() };
    RequestContext::new(actor, String::new())
}

fn refused(error: &ControlError) -> &'static str {
    error.kind()
}

#[tokio::test]
async fn a_runbook_runs_on_nodes_that_it_was_approved_for() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let control = &scene.control;
        let context = Scene::context();
        let node =
            scene.node("n", |node| Node { traits: vec!["CUSTOM_X".into(), "wipe".into()], ..node }).await;
        control.create_runbook(&context, &new("wipe", &json!({}))).await.unwrap();
        let allowed = async |by_name| control.runbook_for(&context, "wipe", &node, by_name).await;
        allowed(true).await.unwrap();
        let said = allowed(false).await.unwrap_err().to_string();
        assert!(said.ends_with(
            "has no traits configured. Please ask an administrator to add traits to the runbook."
        ));

        control.set_runbook_traits(&context, "wipe", &["CUSTOM_Z".to_owned()]).await.unwrap();
        let said = allowed(false).await.unwrap_err().to_string();
        assert!(said.contains("does not have any of the runbook's traits ['CUSTOM_Z']."), "{said}");
        let runbook = control.add_runbook_trait(&context, "wipe", "CUSTOM_X").await.unwrap();
        assert_eq!(runbook.traits, ["CUSTOM_X", "CUSTOM_Z"]);
        allowed(false).await.unwrap();
        control.remove_runbook_trait(&context, "wipe", "CUSTOM_X").await.unwrap();
        control.remove_runbook_trait(&context, "wipe", "CUSTOM_X").await.unwrap();
        assert_eq!(refused(&allowed(false).await.unwrap_err()), "invalid");
        let missing = control.runbook_for(&context, "nobody", &node, false).await.unwrap_err();
        assert_eq!(missing.to_string(), "Runbook nobody could not be found.");
    })
    .await;
}

#[tokio::test]
async fn projects_own_what_they_create_and_see_what_is_public() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let control = &scene.control;
        let (ours, theirs) = (manager_of("p1"), manager_of("p2"));
        let created = control.create_runbook(&ours, &new("a", &json!({}))).await.unwrap();
        assert_eq!(created.owner.as_deref(), Some("p1"));
        for more in [json!({"owner": "p2"}), json!({"public": true})] {
            let error = control.create_runbook(&ours, &new("b", &more)).await.unwrap_err();
            assert_eq!(refused(&error), "invalid", "{more}");
        }
        assert_eq!(refused(&control.get_runbook(&theirs, "a").await.unwrap_err()), "forbidden");
        assert_eq!(refused(&control.delete_runbook(&theirs, "a").await.unwrap_err()), "forbidden");

        let publish =
            json_patch::parse(&json!([{"op": "replace", "path": "/public", "value": true}])).unwrap();
        assert_eq!(refused(&control.update_runbook(&ours, "a", &publish).await.unwrap_err()), "forbidden");
        let published = control.update_runbook(&Scene::context(), "a", &publish).await.unwrap();
        assert_eq!((published.public, published.owner), (true, None));
        control.get_runbook(&theirs, "a").await.unwrap();

        control.create_runbook(&theirs, &new("b", &json!({}))).await.unwrap();
        let names = async |context: &RequestContext, project: Option<&str>| {
            let project = project.map(str::to_owned);
            let found = control.list_runbooks(context, project, &Page::default()).await?;
            Ok::<_, ControlError>(found.into_iter().map(|one| one.name).collect::<String>())
        };
        assert_eq!(names(&ours, None).await.unwrap(), "a");
        assert_eq!(names(&theirs, Some("p2")).await.unwrap(), "ab");
        assert_eq!(refused(&names(&ours, Some("p2")).await.unwrap_err()), "forbidden");
        assert_eq!(names(&Scene::context(), None).await.unwrap(), "ab");
        assert_eq!(names(&Scene::context(), Some("p1")).await.unwrap(), "a");
    })
    .await;
}
