//! Replays requests to a real Ironic and compares what Ferric answers with what that Ironic answered.
//!
//! `tests/golden/*.jsonl` is replayed in order against one in-process API over the local bus, on SQLite and on PostgreSQL; a small
//! conductor in the test carries tasks out. Each line: `{name, request, save, response}`, or `{name, wait}`. What the two servers make up
//! themselves (identities, times, hosts) is blanked on both sides before comparing.

mod compare;
pub mod conductor;
mod hardware;
mod replay;
mod vifs;

use ferric_control::testing::on_each;
use replay::Replay;

pub const FILES: &[&str] = &[
    include_str!("../../golden/01_discovery.jsonl"),
    include_str!("../../golden/01_chassis.jsonl"),
    include_str!("../../golden/02_nodes_create_show.jsonl"),
    include_str!("../../golden/03_nodes_list.jsonl"),
    include_str!("../../golden/04_nodes_patch.jsonl"),
    include_str!("../../golden/05_subresources.jsonl"),
    include_str!("../../golden/06_provision.jsonl"),
    include_str!("../../golden/07_ports.jsonl"),
    include_str!("../../golden/07_portgroups.jsonl"),
    include_str!("../../golden/07_volume.jsonl"),
    include_str!("../../golden/09_chassis.jsonl"),
    include_str!("../../golden/09_deploy_templates.jsonl"),
    include_str!("../../golden/10_runbooks.jsonl"),
    include_str!("../../golden/11_allocations.jsonl"),
    include_str!("../../golden/12_inspection_rules.jsonl"),
    include_str!("../../golden/13_hardware.jsonl"),
    include_str!("../../golden/14_vifs.jsonl"),
    include_str!("../../golden/08_ramdisk_and_locks.jsonl"),
];

#[actix_web::test]
async fn ferric_answers_as_ironic_did() {
    on_each(async |database| {
        let mut replay = Replay::over(database.store).await;
        for file in FILES {
            for line in file.lines() {
                replay.play(serde_json::from_str(line).unwrap()).await;
            }
        }
        let differences = replay.differences();
        assert!(
            differences.is_empty(),
            "{} of {} differ on {}\n{}",
            differences.len(),
            replay.compared(),
            database.config.url.split(':').next().unwrap(),
            differences.join("\n")
        );
        assert!(replay.compared() > 350, "only {} answers were compared", replay.compared());
    })
    .await;
}
