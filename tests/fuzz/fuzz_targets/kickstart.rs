//! Answer files of installers: templates, kickstart and preseed files, and layouts of disks.
#![no_main]

use ferric_installer::storage::{Disk, simulate};
use ferric_installer::{Variables, kickstart, preseed, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let disk =
        |name: &str, usable| Disk { name: name.to_owned(), aliases: vec!["0x5000".to_owned()], usable };
    let disks = [disk("sda", 100_000), disk("sdb", 50_000)];
    let variables = Variables {
        heartbeat_url: "http://a/v1/heartbeat/n".to_owned(),
        log_url: "http://a/boot/t/log".to_owned(),
        agent_token: "token".to_owned(),
        ..Variables::default()
    };
    let rules = kickstart::LintRules {
        heartbeat_url: Some(variables.heartbeat_url.clone()),
        ..kickstart::LintRules::default()
    };
    drop(render(text, &variables));
    let (document, problems) = kickstart::parse(text);
    drop(simulate(&document, &disks));
    if problems.is_empty() {
        let whole = kickstart::complete(text, &document, &variables);
        let (document, problems) = kickstart::parse(&whole);
        assert_eq!(problems, [], "what is added can be read");
        let missing = kickstart::lint(&document, &rules);
        assert!(!missing.iter().any(|problem| problem.text.contains("heartbeat")), "{missing:?}");
    }
    let (answers, problems) = preseed::parse(text);
    if problems.is_empty() {
        let whole = preseed::complete(text, &answers, &variables);
        let (answers, problems) = preseed::parse(&whole);
        assert_eq!(problems, [], "what is added can be read");
        let missing = preseed::lint(&answers, &rules);
        assert!(!missing.iter().any(|problem| problem.text.contains("heartbeat")), "{missing:?}");
    }
});
