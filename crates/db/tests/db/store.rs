//! Transactions: all or nothing, whatever happens to the caller.

use crate::databases::{Database, on_each, on_postgres, on_sqlite};
use crate::samples::{named, node, now};
use ferric_db::nodes::{self, NodeFilter};
use ferric_db::{Conflict, Conn, DatabaseConfig, DbError, Store};
use ferric_model::node::Node;
use futures::future::{join_all, try_join_all};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Barrier, Notify};

async fn count(store: &Store) -> i64 {
    store.read(async |conn: &mut Conn| nodes::count(conn, &NodeFilter::default()).await).await.unwrap()
}

/// What a caller of this crate has: an error of its own.
#[derive(Debug)]
enum CallerError {
    Refused,
    Db(DbError),
}

impl From<DbError> for CallerError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

#[tokio::test]
async fn an_error_of_the_caller_rolls_everything_back() {
    on_each(async |Database { store, .. }| {
        let refused: Result<(), CallerError> = store
            .write("refused", async |conn: &mut Conn| {
                nodes::insert(conn, &node()).await?;
                Err(CallerError::Refused)
            })
            .await;
        assert!(matches!(refused, Err(CallerError::Refused)));
        let twice: Result<Node, CallerError> = store
            .write("twice", async |conn: &mut Conn| {
                nodes::insert(conn, &named("n")).await?;
                Ok(nodes::insert(conn, &named("n")).await?)
            })
            .await;
        assert!(matches!(twice, Err(CallerError::Db(DbError::Conflict { constraint: Conflict::NodeName }))));
        assert_eq!(count(&store).await, 0);
        store.write("after", async |conn: &mut Conn| nodes::insert(conn, &named("n")).await).await.unwrap();
        assert_eq!(count(&store).await, 1);
    })
    .await;
}

/// Begins a write that has done something and then hangs, and drops it.
async fn abandon(store: &Store) {
    let reached = Notify::new();
    let write = store.write("abandoned", async |conn: &mut Conn| {
        nodes::insert(conn, &named("abandoned")).await?;
        reached.notify_one();
        std::future::pending::<Result<(), DbError>>().await
    });
    tokio::select! {
        _ = write => unreachable!("it never ends"),
        () = reached.notified() => {}
    }
}

#[tokio::test]
async fn a_dropped_future_leaves_no_open_transaction() {
    on_each(async |Database { store, config }| {
        // Of more connections than there are, were they kept back.
        for _ in 0..12 {
            abandon(&store).await;
        }
        // Another process sees no lock and no node.
        let other = Store::connect(&config).await.unwrap();
        let taken =
            other.write("other", async |conn: &mut Conn| nodes::insert(conn, &named("abandoned")).await);
        taken.await.unwrap();
        assert_eq!(count(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn memory_survives_a_dropped_future_without_its_transaction() {
    let config = DatabaseConfig { url: "sqlite::memory:".into(), ..DatabaseConfig::default() };
    let store = Store::connect(&config).await.unwrap();
    store.migrate().await.unwrap();
    store.write("kept", async |conn: &mut Conn| nodes::insert(conn, &named("kept")).await).await.unwrap();
    abandon(&store).await;
    assert_eq!(count(&store).await, 1);
    abandon(&store).await;
    store.write("more", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap();
    assert_eq!(count(&store).await, 2);
}

#[tokio::test]
async fn a_future_dropped_in_the_middle_of_a_statement_harms_nobody() {
    on_each(async |Database { store, .. }| {
        for polls in 1..12 {
            let mut write =
                pin!(store.write("cut", async |conn: &mut Conn| nodes::insert(conn, &node()).await));
            for _ in 0..polls {
                if futures::poll!(&mut write).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let before = count(&store).await;
        store.write("whole", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap();
        assert_eq!(count(&store).await, before + 1);
    })
    .await;
}

#[tokio::test]
async fn many_writers_of_one_file_never_meet_a_lock() {
    on_sqlite(async |Database { store, config }| {
        // Two processes, forty writers, each reading before it writes.
        let other = Store::connect(&config).await.unwrap();
        let shared = store.write("shared", async |conn: &mut Conn| nodes::insert(conn, &node()).await);
        let shared = shared.await.unwrap();
        let writer = async |number: usize| {
            let store = if number.is_multiple_of(2) { &store } else { &other };
            for _ in 0..5 {
                store
                    .write("count up", async |conn: &mut Conn| {
                        let read = nodes::find(conn, &shared.uuid.into()).await?;
                        assert!(nodes::save(conn, &read.unwrap(), now()).await?, "nobody can come between");
                        Ok::<_, DbError>(())
                    })
                    .await?;
            }
            Ok::<_, DbError>(())
        };
        try_join_all((0..40).map(writer)).await.unwrap();
        let read = async |conn: &mut Conn| nodes::find(conn, &shared.uuid.into()).await;
        assert_eq!(store.read(read).await.unwrap().unwrap().generation, 201);
    })
    .await;
}

#[tokio::test]
async fn of_many_writers_with_one_generation_one_wins() {
    on_each(async |Database { store, .. }| {
        let read = store.write("insert", async |conn: &mut Conn| nodes::insert(conn, &node()).await);
        let read = read.await.unwrap();
        let reserve = async |host: usize| {
            let node = Node { reservation: Some(format!("c{host}")), ..read.clone() };
            store
                .write("reserve", async |conn: &mut Conn| nodes::save(conn, &node, now()).await)
                .await
                .unwrap()
        };
        let won = join_all((0..20).map(reserve)).await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let winner = won.iter().position(|won| *won).unwrap();
        let found = async |conn: &mut Conn| nodes::find(conn, &read.uuid.into()).await;
        let found = store.read(found).await.unwrap().unwrap();
        assert_eq!((found.reservation, found.generation), (Some(format!("c{winner}")), 2));
    })
    .await;
}

#[tokio::test]
async fn a_deadlock_is_run_again() {
    on_postgres(async |Database { store, .. }| {
        let insert = async |conn: &mut Conn| {
            Ok::<_, DbError>([nodes::insert(conn, &node()).await?, nodes::insert(conn, &node()).await?])
        };
        let pair = store.write("insert", insert).await.unwrap();
        let (attempts, both) = (AtomicUsize::new(0), Barrier::new(2));
        let crosswise = async |first: usize| {
            let (attempts, both, pair) = (&attempts, &both, &pair);
            store
                .write("crosswise", async |conn: &mut Conn| {
                    nodes::save(conn, &pair[first], now()).await?;
                    if attempts.fetch_add(1, Ordering::Relaxed) < 2 {
                        both.wait().await;
                    }
                    nodes::save(conn, &pair[1 - first], now()).await
                })
                .await
        };
        let (one, two) = tokio::join!(crosswise(0), crosswise(1));
        // The second to commit finds both generations gone, but nobody gets an error.
        assert_ne!(one.unwrap(), two.unwrap());
        assert_eq!(attempts.load(Ordering::Relaxed), 3);
    })
    .await;
}

#[tokio::test]
async fn a_write_can_be_spawned_and_borrow_its_arguments() {
    on_each(async |Database { store, .. }| {
        let node = Arc::new(named("spawned"));
        let task = tokio::spawn(async move {
            let (by_reference, moved) = (node.as_ref(), named("moved"));
            store.write("borrowed", async |conn: &mut Conn| nodes::insert(conn, by_reference).await).await?;
            store.write("moved", async move |conn: &mut Conn| nodes::insert(conn, &moved).await).await
        });
        assert_eq!(task.await.unwrap().unwrap().name.as_deref(), Some("moved"));
    })
    .await;
}

#[tokio::test]
async fn who_waits_too_long_for_a_connection_is_told() {
    on_each(async |Database { config, .. }| {
        let config = DatabaseConfig { max_connections: 1, acquire_timeout_secs: 0, ..config };
        let store = Store::connect(&config).await.unwrap();
        store.ping().await.unwrap();
        let (held, release) = (Notify::new(), Notify::new());
        let holder = store.read(async |_: &mut Conn| {
            held.notify_one();
            release.notified().await;
            Ok::<_, DbError>(())
        });
        let waiter = async {
            held.notified().await;
            let error = store.ping().await.unwrap_err();
            release.notify_one();
            error
        };
        let (held, error) = tokio::join!(holder, waiter);
        held.unwrap();
        assert!(matches!(error, DbError::Timeout { .. }) && error.retryable(), "{error}");
        store.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    on_postgres(async |database: Database| {
        let Database { store, .. } = &database;
        join_all((0..5).map(|_| store.ping())).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ferric' \
                    AND datname = current_database()";
        database.sql(kill).await;
        // Until the news has come, a read may fail once for each dead connection; a write never does.
        store.write("after", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap();
        assert_eq!(count(store).await, 1);
    })
    .await;
}

/// Asks the database three times from a thread with a runtime of its own, which is left as it is.
async fn ping_from_a_thread(store: Store) -> Runtime {
    let thread = move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for _ in 0..3 {
                store.ping().await.unwrap();
            }
        });
        runtime
    };
    tokio::task::spawn_blocking(thread).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_opens_one_connection_of_its_own_while_there_may_be_more() {
    for (max_connections, expected) in [(2, 2), (1, 1)] {
        on_postgres(async |database: Database| {
            let config = DatabaseConfig { max_connections, ..database.config.clone() };
            let before = database.connections().await;
            let store = Store::connect(&config).await.unwrap();
            let runtime = ping_from_a_thread(store.clone()).await;
            assert_eq!(database.connections().await.difference(&before).count(), expected);
            runtime.shutdown_background();
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_runtime_takes_with_it_when_it_ends_is_replaced() {
    on_postgres(async |Database { store, .. }| {
        for _ in 0..4 {
            ping_from_a_thread(store.clone()).await.shutdown_background();
            store.ping().await.unwrap();
        }
        assert_eq!(count(&store).await, 0);
    })
    .await;
}
