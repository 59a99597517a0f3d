//! What migrations promise: filters and orders of node lists are answered by indexes (asked of PostgreSQL itself, at 10,000
//! nodes), and no write leaves a generation behind.

#![allow(clippy::unwrap_used, reason = "test code")]

use super::filter::narrowed;
use super::sort::NODES;
use super::{NodeFilter, NodeIdent};
use crate::conn::{Conn, Raw};
use crate::paging::paged;
use crate::schema::nodes::dsl as n;
use crate::{DatabaseConfig, DbError, Store};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault;
use ferric_model::page::{Page, SortDirection};
use uuid::Uuid;

/// 10,000 nodes of which each condition means one in a hundred; 500 more have a parent.
const FLEET: &str = "
    INSERT INTO chassis (uuid, extra, created_at)
        SELECT '00000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '{}', now() FROM generate_series(0, 99) AS n;
    INSERT INTO nodes (uuid, generation, name, driver, provision_state, maintenance, fault, instance_uuid, instance_name,
        resource_class, conductor_group, owner, lessee, shard, parent_node, chassis_uuid, retired, traits, created_at,
        spec, status)
    SELECT md5('node' || n)::uuid::text, 1, 'node-' || n, 'driver-' || n % 100,
        CASE n % 100 WHEN 0 THEN 'clean failed' WHEN 1 THEN 'available' ELSE 'active' END,
        n % 100 = 0, CASE n % 100 WHEN 0 THEN 'clean failure' END,
        CASE n % 100 WHEN 0 THEN md5('instance' || n)::uuid::text END,
        CASE n % 100 WHEN 0 THEN 'instance-' || n END,
        'class-' || n % 100, 'group-' || n % 100, 'owner-' || n % 100, 'lessee-' || n % 100,
        CASE n % 100 WHEN 0 THEN 'shard-' || n % 1000 END,
        CASE WHEN n >= 10000 THEN md5('node' || n % 100)::uuid::text END,
        CASE n % 100 WHEN 0 THEN '00000000-0000-4000-8000-' || lpad((n / 100 % 100)::text, 12, '0') END,
        n % 100 = 0, '[]', now() - n * interval '1 second', '{}', '{}'
    FROM generate_series(0, 10499) AS n;
    ANALYZE nodes;";

/// The plan of a query instead of its rows.
#[derive(QueryId)]
struct Explain<Q>(Q);

impl<Q> Query for Explain<Q> {
    type SqlType = Text;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explain<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("EXPLAIN ");
        self.0.walk_ast(out)
    }
}

async fn plan(store: &Store, filter: &NodeFilter, page: &Page) -> String {
    let explain = async |conn: &mut Conn| {
        let paging = NODES.paging(page)?;
        let Raw::Pg(pg) = &mut conn.raw else { return Ok(Vec::new()) };
        let query = n::nodes.select((n::id, n::uuid, n::generation)).into_boxed::<Pg>();
        let lines: Result<Vec<String>, _> = Explain(paged!(narrowed!(query, filter), paging)).load(pg).await;
        lines.map_err(|error| conn.failed(error))
    };
    let lines: Result<Vec<String>, DbError> = store.read(explain).await;
    lines.unwrap().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_usual_orders_use_indexes() {
    let Ok(server) = std::env::var("FERRIC_TEST_POSTGRES_URL") else { return };
    let name = format!("ferric_plans_{}", Uuid::new_v4().simple());
    let (head, _) = server.rsplit_once('/').unwrap();
    let at = async |url: String| Store::connect(&DatabaseConfig { url, ..Default::default() }).await.unwrap();
    let admin = at(server.clone()).await;
    let run = async |store: &Store, sql: String| {
        store.read(async |conn: &mut Conn| conn.batch(&sql).await).await.unwrap();
    };
    run(&admin, format!("CREATE DATABASE {name}")).await;
    let store = at(format!("{head}/{name}")).await;
    store.migrate().await.unwrap();
    run(&store, FLEET.to_owned()).await;

    let all = NodeFilter { include_children: true, ..NodeFilter::default() };
    let only = |change: &dyn Fn(&mut NodeFilter)| {
        let mut filter = all.clone();
        change(&mut filter);
        filter
    };
    let some = |text: &str| Some(text.to_owned());
    let parent = || Some(NodeIdent::Uuid(Uuid::nil()));
    let filters: [(NodeFilter, &str); 20] = [
        (only(&|f| f.driver = some("driver-7")), "nodes_driver"),
        (only(&|f| f.provision_state = ProvisionState::find("available")), "nodes_provision_state"),
        (only(&|f| f.resource_class = some("class-7")), "nodes_resource_class"),
        (only(&|f| f.conductor_group = some("group-7")), "nodes_conductor_group"),
        (only(&|f| f.owner = some("owner-7")), "nodes_owner"),
        (only(&|f| f.lessee = some("lessee-7")), "nodes_lessee"),
        (only(&|f| f.project = some("owner-7")), "nodes_owner"),
        (only(&|f| f.project = some("owner-7")), "nodes_lessee"),
        (only(&|f| f.shards = Some(vec!["shard-100".to_owned()])), "nodes_shard"),
        (only(&|f| f.sharded = Some(true)), "nodes_shard"),
        (only(&|f| f.instance_name = some("instance-700")), "nodes_instance_name"),
        (only(&|f| f.instance_uuid = Some(Uuid::nil())), "nodes_instance_uuid"),
        (only(&|f| f.associated = Some(true)), "nodes_associated"),
        (only(&|f| f.maintenance = Some(true)), "nodes_maintenance"),
        (only(&|f| f.retired = Some(true)), "nodes_retired"),
        (only(&|f| f.fault = Some(Fault::Power)), "nodes_fault"),
        (only(&|f| f.chassis_uuid = Some(Uuid::nil())), "nodes_chassis_uuid"),
        (NodeFilter { parent_node: parent(), ..NodeFilter::default() }, "nodes_parent_node"),
        (only(&|f| f.uuids = Some(vec![Uuid::nil(), Uuid::max()])), "nodes_uuid"),
        (only(&|f| f.ids = Some(vec![7, 700])), "nodes_pkey"),
    ];
    for (filter, index) in &filters {
        let plan = plan(&store, filter, &Page::default()).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan on nodes"), "{index}:\n{plan}");
    }
    let marker = Some(Uuid::nil().to_string());
    for (sort_key, index) in [
        ("id", "nodes_pkey"),
        ("uuid", "nodes_uuid"),
        ("name", "nodes_name_id"),
        ("created_at", "nodes_created_at"),
        ("provision_state", "nodes_provision_state"),
        ("driver", "nodes_driver"),
        ("resource_class", "nodes_resource_class"),
        ("owner", "nodes_owner"),
    ] {
        for sort_dir in [SortDirection::Asc, SortDirection::Desc] {
            let first = Page { limit: 20, sort_key: sort_key.to_owned(), sort_dir, ..Page::default() };
            let plan_of_first = plan(&store, &all, &first).await;
            assert!(plan_of_first.contains(index), "{sort_key}:\n{plan_of_first}");
            if ["id", "uuid", "created_at", "provision_state", "driver"].contains(&sort_key) {
                // The page begins at its place in the index, however far that is.
                let deep = plan(&store, &all, &Page { marker: marker.clone(), ..first }).await;
                assert!(deep.contains(index) && deep.contains("Index Cond"), "{sort_key}:\n{deep}");
            }
        }
    }
    refuses_writes_in_the_same_generation(&store).await;
    drop(store);
    run(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

#[tokio::test]
async fn a_file_refuses_writes_in_the_same_generation_too() {
    let url = "sqlite::memory:".to_owned();
    let store = Store::connect(&DatabaseConfig { url, ..Default::default() }).await.unwrap();
    store.migrate().await.unwrap();
    let insert = "INSERT INTO nodes (uuid, generation, driver, provision_state, maintenance, conductor_group, retired, traits, \
                  created_at, spec, status) VALUES ('u', 1, 'd', 'active', false, '', false, '[]', '2026-01-01', '{}', '{}')";
    store.read(async |conn: &mut Conn| conn.batch(insert).await).await.unwrap();
    refuses_writes_in_the_same_generation(&store).await;
}

async fn refuses_writes_in_the_same_generation(store: &Store) {
    for (change, refused) in
        [("maintenance = NOT maintenance", true), ("generation = generation + 1, description = 'x'", false)]
    {
        let sql = format!("UPDATE nodes SET {change}");
        let written = store.read(async |conn: &mut Conn| conn.batch(&sql).await).await;
        assert_eq!(written.is_err(), refused, "{change}");
    }
}
