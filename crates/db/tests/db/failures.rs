use crate::databases::{Database, on_each};
use crate::samples::{self, node, now};
use ferric_db::fingerprints::{self, FingerprintFilter};
use ferric_db::history::{self, HistoryFilter};
use ferric_db::vmedia_outcomes::{self, VmediaFilter};
use ferric_db::{Conflict, Conn, DbError, Store, hardware_facts, nodes, tasks, troubles};
use ferric_model::failure::{Exchange, FingerprintCount, Trouble, code, correlate};
use ferric_model::hardware::{HardwareFacts, VmediaCount, VmediaOutcome};
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::node::Node;
use ferric_model::page::{Page, SortDirection};
use ferric_model::report::Failure;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// An entry of a failure that was `mins` minutes ago.
fn failed(node_uuid: Uuid, failure: &Failure, mins: i64) -> HistoryEntry {
    let entry = HistoryEntry {
        created_at: now() - Duration::minutes(mins),
        conductor: Some("c1".into()),
        event_type: "deploying".into(),
        severity: Severity::Error,
        event: failure.explain(None),
        ..samples::entry(node_uuid)
    };
    entry.explained_by(failure)
}

fn silent(host: &str) -> Failure {
    Failure::new(code::REDFISH_TIMEOUT, "verify", format!("GET https://{host}/redfish/v1 was not answered"))
}

async fn owned(store: &Store, owner: &str) -> Uuid {
    let node = Node { owner: Some(owner.into()), ..node() };
    store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await).await.unwrap().uuid
}

async fn append(store: &Store, entry: &HistoryEntry) {
    store.write("append", async |conn: &mut Conn| history::append(conn, entry).await).await.unwrap();
}

fn everything() -> FingerprintFilter {
    FingerprintFilter {
        fingerprint: None,
        owner: None,
        since: OffsetDateTime::UNIX_EPOCH,
        marker: None,
        limit: 100,
    }
}

async fn list(store: &Store, filter: FingerprintFilter) -> Vec<FingerprintCount> {
    store.read(async |conn: &mut Conn| fingerprints::list(conn, &filter).await).await.unwrap()
}

#[tokio::test]
async fn failures_are_counted_for_the_fleet_and_for_what_a_project_owns() {
    on_each(async |Database { store, .. }| {
        let (one, two, other) =
            (owned(&store, "p").await, owned(&store, "p").await, owned(&store, "q").await);
        let refused = Failure::new(code::REDFISH_REFUSED, "verify", "the BMC refused");
        for entry in [
            failed(one, &silent("bmc-1"), 9),
            failed(two, &silent("bmc-2"), 8),
            failed(other, &silent("10.0.0.3:443"), 7),
            failed(other, &silent("10.0.0.3:443"), 6),
            failed(one, &refused, 5),
        ] {
            append(&store, &entry).await;
        }
        let fleet = list(&store, everything()).await;
        let counts = |found: &[FingerprintCount]| -> Vec<(String, i64, i64)> {
            found.iter().map(|one| (one.code.clone(), one.seen, one.nodes)).collect()
        };
        let (timeout, refusal) = (code::REDFISH_TIMEOUT.to_owned(), code::REDFISH_REFUSED.to_owned());
        assert_eq!(counts(&fleet), [(timeout.clone(), 4, 3), (refusal.clone(), 1, 1)]);
        assert_eq!(fleet[0].template, "GET https://<host>/redfish/v1 was not answered");
        assert_eq!(fleet[0].first_seen, now() - Duration::minutes(9));
        assert_eq!(fleet[0].last_seen, now() - Duration::minutes(6));

        let of = |owner: &str| FingerprintFilter { owner: Some(owner.into()), ..everything() };
        assert_eq!(counts(&list(&store, of("p")).await), [(timeout.clone(), 2, 2), (refusal.clone(), 1, 1)]);
        assert_eq!(counts(&list(&store, of("q")).await), [(timeout.clone(), 2, 1)]);
        assert!(list(&store, of("nobody")).await.is_empty());

        for filter in [everything(), of("p")] {
            let marker = Some(fleet[0].fingerprint.clone());
            let rest = FingerprintFilter { marker, ..filter.clone() };
            assert_eq!(counts(&list(&store, rest).await), [(refusal.clone(), 1, 1)]);
            let first = FingerprintFilter { limit: 1, ..filter.clone() };
            assert_eq!(list(&store, first).await.len(), 1);
            let late = FingerprintFilter { since: now() - Duration::minutes(5), ..filter };
            assert_eq!(counts(&list(&store, late).await), [(refusal.clone(), 1, 1)]);
        }
        let prune = async |conn: &mut Conn| fingerprints::prune(conn, now() - Duration::minutes(5), 10).await;
        assert_eq!(store.write("prune", prune).await.unwrap(), 1);
        assert_eq!(list(&store, everything()).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn entries_of_all_nodes_are_found_by_fingerprint_project_severity_and_time() {
    on_each(async |Database { store, .. }| {
        let (mine, theirs) = (owned(&store, "p").await, owned(&store, "q").await);
        let mut failure = silent("bmc");
        failure.exchange = Some(Box::new(Exchange::new("GET", "/redfish/v1").answered(503, "busy")));
        let entries = [failed(mine, &failure, 3), failed(theirs, &failure, 2)];
        let info = HistoryEntry { severity: Severity::Info, ..failed(mine, &silent("x"), 1) };
        for entry in entries.iter().chain([&info]) {
            append(&store, entry).await;
        }
        let page = Page { sort_key: "created_at".into(), sort_dir: SortDirection::Desc, ..Page::default() };
        let list = async |filter: HistoryFilter| -> Vec<Uuid> {
            let list = async |conn: &mut Conn| history::list_all(conn, &filter, &page).await;
            store.read(list).await.unwrap().into_iter().map(|entry| entry.uuid).collect()
        };
        let [old, new] = [entries[0].uuid, entries[1].uuid];
        assert_eq!(list(HistoryFilter::default()).await, [info.uuid, new, old]);
        let error = HistoryFilter { severity: Some(Severity::Error), ..HistoryFilter::default() };
        assert_eq!(list(error).await, [new, old]);
        let of_p = HistoryFilter { owner: Some("p".into()), ..HistoryFilter::default() };
        assert_eq!(list(of_p).await, [info.uuid, old]);
        let since = HistoryFilter { since: Some(now() - Duration::minutes(2)), ..HistoryFilter::default() };
        assert_eq!(list(since).await, [info.uuid, new]);
        let fingerprint = entries[0].fingerprint.clone();
        let same = HistoryFilter { fingerprint, owner: Some("q".into()), ..HistoryFilter::default() };
        assert_eq!(list(same).await, [new]);

        let find = async |conn: &mut Conn| history::find(conn, &mine.into(), old).await;
        let found = store.read(find).await.unwrap().unwrap().0;
        assert_eq!(found, entries[0]);
    })
    .await;
}

#[tokio::test]
async fn what_failed_nodes_have_in_common_is_found() {
    on_each(async |Database { store, .. }| {
        let facts = |firmware: &str| HardwareFacts {
            vendor: Some("Contoso".into()),
            model: Some("R1".into()),
            bmc_firmware: Some(firmware.into()),
            bios_version: None,
        };
        let mut fingerprint = String::new();
        for (index, firmware) in
            ["7.1", "7.1", "7.1", "6.0", "6.0", "6.0", "6.0", "6.0", "6.0"].iter().enumerate()
        {
            let node = owned(&store, "p").await;
            let save = async |conn: &mut Conn| hardware_facts::save(conn, node, &facts(firmware)).await;
            store.write("facts", save).await.unwrap();
            if index < 3 {
                let entry = failed(node, &silent("bmc"), 1);
                append(&store, &entry).await;
                fingerprint = entry.fingerprint.unwrap();
            }
        }
        let stranger = owned(&store, "q").await;
        let cells = async |owner: Option<&str>| {
            store
                .read(async |conn: &mut Conn| fingerprints::cells(conn, &fingerprint, owner).await)
                .await
                .unwrap()
        };
        let all = cells(None).await;
        assert_eq!(
            all.iter().map(|cell| (cell.nodes, cell.failed)).collect::<Vec<_>>(),
            [(3, 3), (6, 0), (1, 0)]
        );
        assert_eq!(cells(Some("p")).await.len(), 2);
        let found = correlate(&all, 3);
        assert_eq!((found[0].fact, found[0].value.as_str()), ("bmc_firmware", "7.1"));

        let known = async || {
            let find = async |conn: &mut Conn| hardware_facts::find(conn, stranger).await;
            store.read(find).await.unwrap()
        };
        assert_eq!(known().await, HardwareFacts::default());
        let later = HardwareFacts { bios_version: Some("2.0".into()), ..HardwareFacts::default() };
        for facts in [facts("1.0"), later] {
            let save = async |conn: &mut Conn| hardware_facts::save(conn, stranger, &facts).await;
            store.write("facts", save).await.unwrap();
        }
        assert_eq!(known().await, HardwareFacts { bios_version: Some("2.0".into()), ..facts("1.0") });
    })
    .await;
}

#[tokio::test]
async fn troubles_are_counted_and_go_with_their_task() {
    on_each(async |Database { store, .. }| {
        let node =
            store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap();
        let task = crate::samples::task(node.uuid);
        store.write("task", async |conn: &mut Conn| tasks::insert(conn, &task).await).await.unwrap();
        let note = async |task: Uuid, trouble: Trouble| {
            store.write("note", async |conn: &mut Conn| troubles::note(conn, task, &trouble).await).await
        };
        let list =
            async || store.read(async |conn: &mut Conn| troubles::list(conn, task.id).await).await.unwrap();
        let at = |mins| now() + Duration::minutes(mins);
        let origin = |mins| Trouble::new(code::BOOT_SOURCE_FAILED, format!("{mins}"), at(mins));
        note(task.id, origin(2)).await.unwrap();
        note(task.id, origin(3)).await.unwrap();
        note(task.id, Trouble::new(code::AGENT_CHANGED, "other", at(1)).said(Some("x".into())))
            .await
            .unwrap();
        let known = list().await;
        let changed = Trouble::new(code::AGENT_CHANGED, "other", at(1)).said(Some("x".into()));
        let twice = Trouble { first_at: at(2), seen: 2, ..origin(3) };
        assert_eq!(known, [changed, twice]);
        let gone = note(Uuid::new_v4(), origin(1)).await;
        assert!(matches!(gone, Err(DbError::Conflict { constraint: Conflict::NodeGone })), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn boots_are_counted_for_what_the_node_is() {
    on_each(async |Database { store, .. }| {
        let (one, two, unknown) =
            (owned(&store, "p").await, owned(&store, "p").await, owned(&store, "p").await);
        let facts = HardwareFacts {
            vendor: Some("Dell Inc.".into()),
            bmc_firmware: Some("7.10".into()),
            ..HardwareFacts::default()
        };
        for node in [one, two] {
            let save = async |conn: &mut Conn| hardware_facts::save(conn, node, &facts).await;
            store.write("facts", save).await.unwrap();
        }
        let of = async |node| {
            let find = async |conn: &mut Conn| vmedia_outcomes::find_of_node(conn, node).await;
            store.read(find).await.unwrap()
        };
        assert_eq!(of(one).await.unwrap().tried(), 0);
        for (node, outcome) in [
            (one, VmediaOutcome::Booted),
            (two, VmediaOutcome::Booted),
            (two, VmediaOutcome::Refused),
            (one, VmediaOutcome::Silent),
            (unknown, VmediaOutcome::Silent),
        ] {
            let count = async |conn: &mut Conn| vmedia_outcomes::count(conn, node, outcome, now()).await;
            store.write("count", count).await.unwrap();
        }
        let seen = VmediaCount {
            vendor: "Dell Inc.".into(),
            model: String::new(),
            bmc_firmware: "7.10".into(),
            booted: 2,
            refused: 1,
            silent: 1,
        };
        assert_eq!((of(one).await.as_ref(), of(unknown).await), (Some(&seen), None));
        let list = async |vendor: &str| {
            let filter = VmediaFilter { vendor: Some(vendor.into()), ..VmediaFilter::default() };
            store.read(async |conn: &mut Conn| vmedia_outcomes::list(conn, &filter, 10).await).await.unwrap()
        };
        assert_eq!((list("Dell Inc.").await, list("HPE").await), (vec![seen], Vec::new()));
    })
    .await;
}
