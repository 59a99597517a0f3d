//! `ferric check-answers`: what the checks of installations say about an answer file, without an installation.

use anyhow::{Context, bail};
use clap::Args;
use ferric_installer::{Flavour, Problem, kickstart, preseed, storage};
use ferric_model::report::Inventory;
use std::path::PathBuf;

/// Options of the check.
#[derive(Debug, Clone, Args)]
pub struct AnswersArgs {
    /// The answer files, rendered.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// kickstart or preseed.
    #[arg(long, default_value = "kickstart")]
    installer: String,
    /// The inventory of a node as the API gives it (JSON); layouts of disks are tried on it.
    #[arg(long)]
    inventory: Option<PathBuf>,
}

/// Checks the files and prints what is wrong with each.
///
/// **Errors**: a file that cannot be read, and as a summary how many are not usable.
pub fn run(args: &AnswersArgs) -> anyhow::Result<()> {
    let flavour = Flavour::find(&args.installer)
        .with_context(|| format!("--installer is none of {}", Flavour::words()))?;
    let inventory = args.inventory.as_ref().map(inventory).transpose()?;
    let mut unusable = 0;
    for path in &args.files {
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8_lossy(&text);
        let problems = check(&text, flavour, inventory.as_ref());
        unusable += usize::from(!problems.is_empty());
        for problem in &problems {
            println!("{}: {problem}", path.display());
        }
    }
    if unusable > 0 {
        bail!("{unusable} of {} files are not usable", args.files.len());
    }
    Ok(())
}

fn check(text: &str, flavour: Flavour, inventory: Option<&Inventory>) -> Vec<Problem> {
    let rules = kickstart::LintRules { has_repository: true, ..kickstart::LintRules::default() };
    if flavour == Flavour::Preseed {
        let (answers, mut problems) = preseed::parse(text);
        problems.extend(preseed::lint(&answers, &rules));
        return problems;
    }
    let (document, mut problems) = kickstart::parse(text);
    problems.extend(kickstart::lint(&document, &rules));
    if let Some(inventory) = inventory.filter(|_| problems.is_empty()) {
        problems.extend(storage::simulate(&document, &storage::disks(inventory)));
    }
    problems
}

fn inventory(path: &PathBuf) -> anyhow::Result<Inventory> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no inventory", path.display()))
}
