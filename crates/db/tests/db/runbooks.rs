use crate::databases::{Database, on_each};
use crate::samples::{later, now};
use ferric_db::runbooks::{self, RunbookFilter};
use ferric_db::{Conflict, Conn, DbError, Ident, Store};
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind::Raid;
use ferric_model::page::Page;
use ferric_model::runbook::Runbook;
use ferric_model::step::StoredStep;
use uuid::Uuid;

fn runbook(name: &str) -> Runbook {
    Runbook {
        id: 0,
        uuid: Uuid::new_v4(),
        generation: 0,
        name: name.to_owned(),
        description: None,
        disable_ramdisk: false,
        public: false,
        owner: None,
        traits: Vec::new(),
        steps: vec![StoredStep { interface: Raid, step: "delete".into(), args: JsonMap::new(), rank: 1 }],
        extra: JsonMap::new(),
        created_at: now(),
        updated_at: None,
    }
}

async fn insert(store: &Store, runbook: &Runbook) -> Result<Runbook, DbError> {
    store.write("insert", async |conn: &mut Conn| runbooks::insert(conn, runbook).await).await
}

async fn find(store: &Store, ident: Ident) -> Option<Runbook> {
    store.read(async |conn: &mut Conn| runbooks::find(conn, &ident).await).await.unwrap()
}

#[tokio::test]
async fn a_runbook_is_stored_changed_and_deleted() {
    on_each(async |Database { store, .. }| {
        let full = Runbook {
            description: Some("wipes".into()),
            disable_ramdisk: true,
            owner: Some("p1".into()),
            traits: vec!["CUSTOM_X".into()],
            ..runbook("wipe.all")
        };
        let stored = insert(&store, &full).await.unwrap();
        assert_eq!(stored, Runbook { id: stored.id, generation: 1, ..full });
        assert_eq!(find(&store, stored.uuid.into()).await.as_ref(), Some(&stored));

        let changed = Runbook { public: true, owner: None, description: None, ..stored.clone() };
        let save = async |conn: &mut Conn| runbooks::save(conn, &changed, later(1)).await;
        assert!(store.write("save", save).await.unwrap());
        assert!(!store.write("a second time", save).await.unwrap(), "the generation is gone");
        let expected = Runbook { generation: 2, updated_at: Some(later(1)), ..changed.clone() };
        assert_eq!(find(&store, Ident::read("wipe.all")).await, Some(expected));

        let delete = async |conn: &mut Conn| runbooks::delete(conn, stored.uuid).await;
        assert!(store.write("delete", delete).await.unwrap());
        assert!(!store.write("delete again", delete).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn projects_see_their_own_runbooks_and_public_ones() {
    on_each(async |Database { store, .. }| {
        let rows = [
            Runbook { owner: Some("p1".into()), ..runbook("a") },
            Runbook { owner: Some("p2".into()), ..runbook("b") },
            Runbook { public: true, ..runbook("c") },
            runbook("d"),
        ];
        for row in &rows {
            insert(&store, row).await.unwrap();
        }
        let cases = [(None, "abcd"), (Some("p1"), "ac"), (Some("p2"), "bc"), (Some("p3"), "c")];
        for (project, expected) in cases {
            let filter = RunbookFilter { project: project.map(str::to_owned) };
            let list = async |conn: &mut Conn| runbooks::list(conn, &filter, &Page::default()).await;
            let found = store.read(list).await.unwrap();
            assert_eq!(found.into_iter().map(|one| one.name).collect::<String>(), expected, "{project:?}");
        }
        let marker = Page { marker: Some(rows[1].uuid.to_string()), limit: 1, ..Page::default() };
        let filter = RunbookFilter { project: Some("p1".into()) };
        let found = store.read(async |conn: &mut Conn| runbooks::list(conn, &filter, &marker).await).await;
        assert_eq!(found.unwrap()[0].name, "c");
        let cases = [
            (Runbook { uuid: rows[0].uuid, ..runbook("e") }, Conflict::RunbookUuid),
            (runbook("a"), Conflict::RunbookName),
        ];
        for (runbook, expected) in cases {
            let refused = insert(&store, &runbook).await;
            assert!(matches!(refused, Err(DbError::Conflict { constraint }) if constraint == expected));
        }
    })
    .await;
}
