//! `ferric migrate-from-ironic`: what an operator has to change before a service of Ironic moves here, and the move itself.
//!
//! An Ironic is read by its REST API, and never changed. Nodes arrive in `enroll`; from there the report names the verbs that
//! lead to where they were.

mod findings;
mod inventory;
mod replace;
mod requests;
mod rest;
mod service;

use anyhow::Context;
use findings::{Finding, Severity};
use inventory::Inventory;
use replace::Replacements;
use requests::{Request, Secrets};
use rest::Rest;
pub use service::FromIronicArgs;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

/// Reads, reports, and does with the requests what the caller wants.
///
/// Ends with 1 while something has to be changed first, or when a request was refused.
pub async fn run(args: &FromIronicArgs) -> anyhow::Result<ExitCode> {
    let ironic = Rest::of(&args.from.endpoint()).context("--from")?;
    let mut inventory = Inventory::read(&ironic).await?;
    Replacements::parse(&args.replace)?.apply(&mut inventory);
    let secrets = match &args.secrets {
        Some(path) => Secrets::read(path)?,
        None => Secrets::default(),
    };
    let findings = findings::find(&inventory, &secrets);
    if args.json {
        println!("{:#}", findings::to_json(&inventory, &findings));
    } else {
        print!("{}", findings::to_text(&inventory, &findings));
    }
    let blocked = findings::blocked_nodes(&findings);
    let requests = requests::requests(&inventory, &secrets, &blocked);
    if let Some(path) = &args.write {
        write(path, &requests)?;
        eprintln!("{} requests written to {}", requests.len(), path.display());
    }
    let mut refused = 0;
    if let Some(into) = args.into.endpoint() {
        refused = send(&Rest::of(&into).context("--into")?, &requests).await?;
    }
    let must = findings.iter().any(|finding| finding.severity == Severity::Must);
    Ok(if must || refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One JSON document a line; nobody else may read it, for it holds what was in the secrets.
fn write(path: &std::path::Path, requests: &[Request]) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut file =
        std::io::BufWriter::new(file.with_context(|| format!("{} cannot be written", path.display()))?);
    for request in requests {
        writeln!(file, "{}", request.to_json())?;
    }
    Ok(file.flush()?)
}

/// Sends each request and says what became of them; what is there already is left as it is.
async fn send(ferric: &Rest, requests: &[Request]) -> anyhow::Result<usize> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut refused = 0;
    for request in requests {
        let answer = ferric.send(request.method.clone(), &request.path, &request.body).await?;
        let word = match answer.status {
            200..=299 => "created",
            409 => "there already",
            _ => {
                eprintln!("refused: {} {}: {}", request.method, request.path, answer.text());
                refused += 1;
                "refused"
            }
        };
        *counts.entry((request.resource, word)).or_default() += 1;
    }
    for ((resource, word), count) in counts {
        eprintln!("{resource}: {count} {word}");
    }
    Ok(refused)
}

/// Text about a finding.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.resource, self.what, self.advice)
    }
}
