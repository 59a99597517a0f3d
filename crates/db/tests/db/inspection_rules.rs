use crate::databases::{Database, on_each};
use crate::samples::{later, now};
use ferric_db::{Conflict, Conn, DbError, inspection_rules};
use ferric_model::inspection_rule::{InspectionRule, Operation};
use ferric_model::page::{Page, SortDirection};
use serde_json::json;
use uuid::Uuid;

fn rule(priority: i64) -> InspectionRule {
    let act = json!({"op": "add-trait", "args": {"name": "CUSTOM_X"}});
    InspectionRule {
        id: 0,
        uuid: Uuid::new_v4(),
        priority,
        description: None,
        phase: Some("main".into()),
        sensitive: false,
        conditions: Vec::new(),
        actions: vec![serde_json::from_value::<Operation>(act).unwrap()],
        created_at: now(),
        updated_at: None,
    }
}

#[tokio::test]
async fn a_rule_is_written_found_changed_listed_and_deleted() {
    on_each(async |Database { store, .. }| {
        let insert = async |rule: &InspectionRule| {
            store.write("insert", async |conn: &mut Conn| inspection_rules::insert(conn, rule).await).await
        };
        let first = insert(&rule(5)).await.unwrap();
        let second = insert(&InspectionRule { phase: None, ..rule(1) }).await.unwrap();
        let again = insert(&first).await.unwrap_err();
        assert!(matches!(again, DbError::Conflict { constraint: Conflict::InspectionRuleUuid }), "{again:?}");

        let changed = InspectionRule {
            description: Some("d".into()),
            sensitive: true,
            updated_at: Some(later(1)),
            ..first.clone()
        };
        let save = async |conn: &mut Conn| inspection_rules::save(conn, &changed).await;
        assert!(store.write("save", save).await.unwrap());
        let find = async |conn: &mut Conn| inspection_rules::find(conn, first.uuid).await;
        assert_eq!(store.read(find).await.unwrap(), Some(changed.clone()));

        let page = Page { sort_key: "priority".into(), sort_dir: SortDirection::Asc, ..Page::default() };
        let list = async |conn: &mut Conn| inspection_rules::list(conn, None, &page).await;
        assert_eq!(store.read(list).await.unwrap(), [second.clone(), changed.clone()]);
        let of_main = async |conn: &mut Conn| inspection_rules::list_of_phase(conn, "main").await;
        assert_eq!(store.read(of_main).await.unwrap(), [changed]);

        let delete = async |conn: &mut Conn| inspection_rules::delete(conn, second.uuid).await;
        assert!(store.write("delete", delete).await.unwrap());
        assert!(!store.write("delete", delete).await.unwrap());
    })
    .await;
}
