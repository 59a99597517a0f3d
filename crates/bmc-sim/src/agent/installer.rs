//! A simulated Anaconda: it fetches its answer file and its second stage, carries out the requests in the scripts of the
//! answer file, and unpacks an archive onto the disk.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clock;
use crate::fault::{FaultKind, Subject};
use crate::fetch::{self, FetchFailure, Source};
use crate::power::Uptime;
use crate::state::{BootProgress, DiskImage};

/// Tries of one request, and the pause between them.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(150);

/// What the kernel parameters tell an installer.
#[derive(Debug)]
pub(super) struct Told {
    answers: String,
    stage2: Option<String>,
}

/// A section of an answer file.
#[derive(Debug, PartialEq)]
struct Section {
    name: String,
    lines: Vec<String>,
}

/// An answer file, as far as this installer cares.
#[derive(Debug, Default)]
struct Answers {
    archive: Option<String>,
    sections: Vec<Section>,
}

/// A request in a script.
#[derive(Debug, PartialEq)]
enum Request {
    /// A callback with this body.
    Callback { url: String, body: String },
    /// The log, from wherever the script takes it.
    Log { url: String },
}

impl Told {
    /// The installer's part of the kernel parameters; `None` when they are not meant for one.
    pub(super) fn read(parameters: &BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| parameters.get(name).filter(|value| !value.is_empty()).cloned();
        Some(Self { answers: text("inst.ks")?, stage2: text("inst.stage2") })
    }
}

/// Installs, and waits to be switched off.
pub(super) async fn install(uptime: Uptime, told: Told) {
    if strikes(&uptime, &["kernel"], |kind| *kind == FaultKind::AgentNeverBoots).is_some() {
        return;
    }
    match prepare(&uptime, &told).await {
        Ok(answers) => {
            if strikes(&uptime, &["anaconda"], |kind| *kind == FaultKind::AgentNeverBoots).is_some() {
                return;
            }
            uptime.update(|live| live.state.progress(BootProgress::OsRunning, &clock::now()));
            run(&uptime, &answers).await;
        }
        Err(failure) => tracing::info!(server = uptime.index, %failure, "the installer stops at its console"),
    }
}

async fn prepare(uptime: &Uptime, told: &Told) -> Result<Answers, FetchFailure> {
    let http = &uptime.fleet.http;
    let answers = fetch::read_whole(http, &Source::plain(&told.answers)).await?;
    if let Some(base) = &told.stage2 {
        let about = fetch::read_whole(http, &Source::plain(&format!("{base}/.treeinfo"))).await?;
        let about = String::from_utf8_lossy(&about).into_owned();
        let image = about.lines().find_map(|line| line.strip_prefix("mainimage = "));
        let image = image.ok_or_else(|| FetchFailure::new("the tree names no second stage"))?;
        fetch::read_whole(http, &Source::plain(&format!("{base}/{image}"))).await?;
    }
    Ok(read(&String::from_utf8_lossy(&answers)))
}

async fn run(uptime: &Uptime, answers: &Answers) {
    script(uptime, answers, "%pre").await;
    let wish =
        strikes(uptime, &["install", "deploy"], |kind| matches!(kind, FaultKind::AgentStepFails { .. }));
    let failure = match wish {
        Some(FaultKind::AgentStepFails { message }) => Some(message),
        _ => unpack(uptime, answers).await.err().map(|failure| failure.to_string()),
    };
    if let Some(failure) = failure {
        tracing::info!(server = uptime.index, failure, "the installer failed");
        uptime.update(|live| live.state.boot_failure = Some(failure));
        return script(uptime, answers, "%onerror").await;
    }
    script(uptime, answers, "%post").await;
}

async fn unpack(uptime: &Uptime, answers: &Answers) -> Result<(), FetchFailure> {
    let url =
        answers.archive.as_deref().ok_or_else(|| FetchFailure::new("the answer file installs nothing"))?;
    let archive = fetch::read_whole(&uptime.fleet.http, &Source::plain(url)).await?;
    let seeds: Vec<u64> = answers.sections.iter().filter_map(seed_bytes).collect();
    uptime.update(|live| {
        live.state.disk = Some(DiskImage {
            image_id: url.rsplit('/').next().unwrap_or_default().to_owned(),
            url: url.to_owned(),
            size_bytes: archive.len() as u64,
            checksum: String::new(),
            device: "/dev/sda".to_owned(),
            configdrive_bytes: (!seeds.is_empty()).then(|| seeds.iter().sum()),
            bootloader_installed: true,
        });
    });
    Ok(())
}

/// Carries out the requests of every section of this name, in their order.
async fn script(uptime: &Uptime, answers: &Answers, name: &str) {
    for section in answers.sections.iter().filter(|section| section.name == name) {
        for request in requests(&section.lines) {
            send(uptime, &request).await;
        }
    }
}

async fn send(uptime: &Uptime, request: &Request) {
    for _ in 0..ATTEMPTS {
        let http = &uptime.fleet.http;
        let call = match request {
            Request::Callback { url, body } => http
                .post(url)
                .header("content-type", "application/json")
                .header("x-openstack-ironic-api-version", "1.72")
                .body(body.clone()),
            Request::Log { url } => {
                let failure = uptime.fleet.read(uptime.index, |live| live.state.boot_failure.clone());
                http.post(url).body(format!(
                    "INFO anaconda: simulated\nERROR anaconda: {}\n",
                    failure.unwrap_or_default()
                ))
            }
        };
        match call.send().await.map(|answer| answer.status()) {
            // Nobody waits for it any more, or it was taken.
            Ok(status) if status.is_success() || matches!(status.as_u16(), 400 | 404) => return,
            Ok(status) => {
                tracing::debug!(server = uptime.index, %status, "a request of the installer is repeated")
            }
            Err(error) => {
                tracing::debug!(server = uptime.index, %error, "a request of the installer is repeated")
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn strikes(uptime: &Uptime, names: &[&str], wanted: impl Fn(&FaultKind) -> bool) -> Option<FaultKind> {
    let subject = Subject { method: "", path: "", names };
    uptime.fleet.faults.take(Some(uptime.index), &subject, wanted)
}

fn read(text: &str) -> Answers {
    let mut answers = Answers::default();
    let mut open: Option<Section> = None;
    for line in text.lines() {
        let first = line.split_whitespace().next().unwrap_or_default();
        match open.take() {
            Some(section) if first == "%end" => answers.sections.push(section),
            Some(mut section) => {
                section.lines.push(line.to_owned());
                open = Some(section);
            }
            None if first.starts_with('%') => {
                open = Some(Section { name: first.to_owned(), lines: Vec::new() })
            }
            None if first == "liveimg" => {
                let url = line.split_whitespace().find_map(|word| word.strip_prefix("--url="));
                answers.archive = url.map(str::to_owned);
            }
            None => {}
        }
    }
    answers
}

/// The requests that curl makes in these lines.
fn requests(lines: &[String]) -> Vec<Request> {
    let calls = lines.iter().flat_map(|line| line.split("curl ").skip(1));
    calls.filter_map(|call| request(&quoted(call))).collect()
}

fn request(words: &[String]) -> Option<Request> {
    let url = words.iter().find(|word| word.starts_with("http://") || word.starts_with("https://"))?.clone();
    let after = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    if let Some(body) = after("-d") {
        return Some(Request::Callback { url, body: body.clone() });
    }
    after("--data-binary").map(|_| Request::Log { url })
}

/// Words with single quotes resolved; a bracket ends a command that was substituted.
fn quoted(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut inside = false;
    for one in text.chars() {
        match (one, inside) {
            ('\'', _) => inside = !inside,
            (' ' | ')' | ';' | '|', false) => words.push(String::new()),
            (one, _) => {
                if let Some(word) = words.last_mut() {
                    word.push(one);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How many bytes of a configdrive a section writes.
fn seed_bytes(section: &Section) -> Option<u64> {
    let seeds = section.lines.iter().any(|line| line.contains("/var/lib/cloud/seed/config_drive"));
    let start = section.lines.iter().position(|line| line.contains("<<"))?;
    let body = section.lines[start + 1..].iter().take_while(|line| !line.ends_with("_END"));
    let text: String = body.map(|line| line.trim()).collect();
    STANDARD.decode(text).ok().filter(|_| seeds).map(|bytes| bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_file_is_read_as_far_as_it_matters() {
        let text = "liveimg --url=http://i/a.tar --checksum=1\n%pre\n  code=$(curl -s -o /dev/null -w '%{http_code}' -X POST \
                    -H 'Content-Type: application/json' -d '{\"a\":\"b c\"}' 'http://api/v1/heartbeat/n')\n%end\n\
                    %onerror\ntail -n 2 /tmp/x | curl -k -s --data-binary @- 'http://b/t/log'\n%end\n\
                    %post\nt='/var/lib/cloud/seed/config_drive/x'\nbase64 -d > \"$t\" <<'FERRIC_END'\nYWJj\nFERRIC_END\n%end\n";
        let answers = read(text);
        assert_eq!(answers.archive.as_deref(), Some("http://i/a.tar"));
        let names: Vec<&str> = answers.sections.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["%pre", "%onerror", "%post"]);
        let callback = Request::Callback {
            url: "http://api/v1/heartbeat/n".to_owned(),
            body: "{\"a\":\"b c\"}".to_owned(),
        };
        assert_eq!(requests(&answers.sections[0].lines), [callback]);
        assert_eq!(requests(&answers.sections[1].lines), [Request::Log { url: "http://b/t/log".to_owned() }]);
        assert_eq!(answers.sections.iter().map(seed_bytes).collect::<Vec<_>>(), [None, None, Some(3)]);
    }
}
