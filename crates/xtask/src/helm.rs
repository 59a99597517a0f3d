//! Lints, renders and validates the chart with the tools that its users have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::report::Findings;
use crate::workspace::Workspace;
use crate::{process, tools};

const CHART: &str = "helm/ferric";
const KUBERNETES_VERSIONS: [&str; 2] = ["1.30", "1.37"];
/// What gives access to the database; only these templates may name it.
const DATABASE_SETTING: &str = "FERRIC__DATABASE__URL";
const DATABASE_USERS: [&str; 2] = ["api-deployment.yaml", "migrate-job.yaml"];

/// The programs, and a place for helm's own files that is not the home of the user.
struct Toolbox {
    helm: PathBuf,
    home: PathBuf,
    validate: PathBuf,
    yamllint: PathBuf,
    chart: PathBuf,
}

pub fn check(workspace: &Workspace) -> Result<()> {
    let toolbox = Toolbox {
        helm: tools::HELM.ensure(workspace)?,
        home: workspace.target_dir().join("helm/home"),
        validate: tools::KUBERNETES_VALIDATE.ensure(workspace)?,
        yamllint: tools::YAMLLINT.ensure(workspace)?,
        chart: workspace.path(CHART),
    };
    let accepted = values_files(&toolbox.chart.join("ci"))?;
    let rejected = values_files(&toolbox.chart.join("ci/rejected"))?;
    ensure!(!accepted.is_empty() && !rejected.is_empty(), "{CHART}/ci holds no values to try");

    let settings = workspace.path(&format!("{CHART}/.yamllint.yaml"));
    let mut lint = Command::new(&toolbox.yamllint);
    process::output(
        lint.arg("--strict")
            .arg("-c")
            .arg(&settings)
            .args(["Chart.yaml", "values.yaml", "ci"])
            .current_dir(&toolbox.chart),
    )?;
    println!("yamllint: ok");

    let mut findings = Findings::default();
    for values in &accepted {
        let name = values.file_stem().unwrap_or_default().to_string_lossy();
        process::output(toolbox.helm(&["lint", "--strict"]).arg("--values").arg(values).arg(&toolbox.chart))?;
        for version in KUBERNETES_VERSIONS {
            let rendered = workspace.target_dir().join(format!("helm/{name}-{version}"));
            let objects = toolbox.render(values, version, &rendered)?;
            let mut validate = Command::new(&toolbox.validate);
            process::output(validate.args(["-k", version, "--strict", "--quiet"]).args(&objects))?;
            let mut lint = Command::new(&toolbox.yamllint);
            process::output(lint.arg("--strict").arg("-c").arg(&settings).args(&objects))?;
            find_database_users(&objects, &mut findings)?;
            println!("{name} on Kubernetes {version}: {} files ok", objects.len());
        }
    }
    for values in &rejected {
        expect_rejection(&toolbox, values, &mut findings)?;
    }
    findings.conclude("helm")
}

impl Toolbox {
    fn helm(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.helm);
        for kind in ["CACHE", "CONFIG", "DATA"] {
            command.env(format!("HELM_{kind}_HOME"), self.home.join(kind.to_lowercase()));
        }
        command.args(arguments);
        command
    }

    fn template(&self, values: &Path, version: &str) -> Command {
        let mut command = self.helm(&["template", "trial"]);
        command.arg(&self.chart).arg("--values").arg(values).args([
            "--namespace",
            "metal",
            "--kube-version",
            version,
        ]);
        command
    }

    /// One file per template; returns their paths.
    fn render(&self, values: &Path, version: &str, into: &Path) -> Result<Vec<PathBuf>> {
        if into.exists() {
            fs::remove_dir_all(into).with_context(|| format!("cannot delete {}", into.display()))?;
        }
        process::output(self.template(values, version).arg("--output-dir").arg(into))?;
        let mut files = values_files(&into.join("ferric/templates"))?;
        files.extend(values_files(&into.join("ferric/templates/tests"))?);
        Ok(files)
    }
}

/// Conductors must have no way to the database, and nothing else needs one.
fn find_database_users(objects: &[PathBuf], findings: &mut Findings) -> Result<()> {
    for object in objects {
        let name = object.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(object)?;
        let uses = text.contains(DATABASE_SETTING);
        let may_use = DATABASE_USERS.contains(&&*name);
        if uses != may_use {
            let verb = if uses { "gets" } else { "lacks" };
            findings.add(format!("{} {verb} {DATABASE_SETTING}", object.display()));
        }
    }
    Ok(())
}

/// The first line of such a file is `# rejected: ` and a part of what helm has to say about it.
fn expect_rejection(toolbox: &Toolbox, values: &Path, findings: &mut Findings) -> Result<()> {
    let text = fs::read_to_string(values)?;
    let expected = text.lines().next().and_then(|line| line.strip_prefix("# rejected: "));
    let expected =
        expected.with_context(|| format!("{} does not say why it is rejected", values.display()))?;
    match process::output(&mut toolbox.template(values, KUBERNETES_VERSIONS[1])) {
        Ok(_) => findings.add(format!("{} is accepted", values.display())),
        Err(error) if error.to_string().contains(expected) => {
            println!("{} is rejected: ok", values.file_stem().unwrap_or_default().display());
        }
        Err(error) => findings.add(format!("{}: expected `{expected}` in: {error}", values.display())),
    }
    Ok(())
}

fn values_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
