use crate::databases::{Database, on_each};
use crate::samples::{later, now};
use ferric_db::{Conflict, Conn, DbError, Ident, Store, deploy_templates};
use ferric_model::JsonMap;
use ferric_model::deploy_template::DeployTemplate;
use ferric_model::hardware::InterfaceKind::Bios;
use ferric_model::page::{Page, SortDirection};
use ferric_model::step::StoredStep;
use uuid::Uuid;

fn template(name: &str) -> DeployTemplate {
    let step = StoredStep { interface: Bios, step: "apply".into(), args: JsonMap::new(), rank: 150 };
    DeployTemplate {
        id: 0,
        uuid: Uuid::new_v4(),
        generation: 0,
        name: name.to_owned(),
        steps: vec![step],
        extra: JsonMap::new(),
        created_at: now(),
        updated_at: None,
    }
}

async fn insert(store: &Store, template: &DeployTemplate) -> Result<DeployTemplate, DbError> {
    store.write("insert", async |conn: &mut Conn| deploy_templates::insert(conn, template).await).await
}

async fn find(store: &Store, ident: Ident) -> Option<DeployTemplate> {
    store.read(async |conn: &mut Conn| deploy_templates::find(conn, &ident).await).await.unwrap()
}

#[tokio::test]
async fn a_deploy_template_is_stored_changed_and_deleted() {
    on_each(async |Database { store, .. }| {
        let mut full = template("CUSTOM_A");
        full.extra.insert("k".into(), 1.into());
        full.steps[0].args.insert("settings".into(), serde_json::json!([{"name": "x"}]));
        let stored = insert(&store, &full).await.unwrap();
        assert_eq!(stored, DeployTemplate { id: stored.id, generation: 1, ..full });
        assert_eq!(find(&store, stored.uuid.into()).await.as_ref(), Some(&stored));
        assert_eq!(find(&store, Ident::read("CUSTOM_A")).await.as_ref(), Some(&stored));

        let changed = DeployTemplate { name: "CUSTOM_B".into(), steps: Vec::new(), ..stored.clone() };
        let save = async |conn: &mut Conn| deploy_templates::save(conn, &changed, later(1)).await;
        assert!(store.write("save", save).await.unwrap());
        assert!(!store.write("a second time", save).await.unwrap(), "the generation is gone");
        let expected = DeployTemplate { generation: 2, updated_at: Some(later(1)), ..changed.clone() };
        assert_eq!(find(&store, stored.uuid.into()).await, Some(expected));

        for (ident, expected) in
            [("CUSTOM_A", false), ("CUSTOM_B", true), (&stored.uuid.to_string() as &str, false)]
        {
            let delete = async |conn: &mut Conn| deploy_templates::delete(conn, &Ident::read(ident)).await;
            assert_eq!(store.write("delete", delete).await.unwrap(), expected, "{ident}");
        }
    })
    .await;
}

#[tokio::test]
async fn names_and_identities_are_unique_and_templates_are_found_by_names() {
    on_each(async |Database { store, .. }| {
        let first = insert(&store, &template("CUSTOM_B")).await.unwrap();
        let second = insert(&store, &template("CUSTOM_A")).await.unwrap();
        let cases = [
            (DeployTemplate { uuid: first.uuid, ..template("CUSTOM_C") }, Conflict::DeployTemplateUuid),
            (template("CUSTOM_A"), Conflict::DeployTemplateName),
        ];
        for (template, expected) in cases {
            let refused = insert(&store, &template).await;
            assert!(
                matches!(refused, Err(DbError::Conflict { constraint }) if constraint == expected),
                "{refused:?} instead of {expected:?}"
            );
        }
        let names = ["CUSTOM_A", "CUSTOM_B", "CUSTOM_X"].map(str::to_owned);
        let by_names = async |conn: &mut Conn| deploy_templates::list_by_names(conn, &names).await;
        assert_eq!(store.read(by_names).await.unwrap(), [first.clone(), second.clone()]);

        let list = async |page: &Page| {
            let list = async |conn: &mut Conn| deploy_templates::list(conn, page).await;
            store.read(list).await.unwrap()
        };
        let by_name = Page { sort_key: "name".into(), sort_dir: SortDirection::Asc, ..Page::default() };
        assert_eq!(list(&by_name).await, [second.clone(), first.clone()]);
        let marker = Some(second.uuid.to_string());
        assert_eq!(list(&Page { marker, ..by_name }).await, [first]);
        let exists =
            async |conn: &mut Conn| deploy_templates::marker_exists(conn, &second.uuid.to_string()).await;
        assert!(store.read(exists).await.unwrap());
        let wrong = Page { sort_key: "steps".into(), ..Page::default() };
        let refused = store.read(async |conn: &mut Conn| deploy_templates::list(conn, &wrong).await).await;
        assert!(matches!(refused, Err(DbError::UnsupportedSort(_))));
    })
    .await;
}
