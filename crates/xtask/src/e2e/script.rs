//! One run of a script below `tests/e2e`, with what it needs prepared.

use anyhow::Result;
use clap::ValueEnum;

use crate::workspace::Workspace;
use crate::{process, services};

/// Material that the runs take from beside the checkout.
const SHARED: &str = "../shared";

/// A script and its arguments.
pub struct Script {
    path: &'static str,
    needs_services: bool,
    needs_shared: bool,
    packages: Vec<&'static str>,
    /// An example of the first package that is under test in place of Ferric.
    example: Option<&'static str>,
    arguments: Vec<String>,
}

impl Script {
    pub fn new(path: &'static str, needs_services: bool) -> Self {
        Self {
            path,
            needs_services,
            needs_shared: true,
            packages: vec!["ferric"],
            example: None,
            arguments: Vec::new(),
        }
    }

    /// A script that takes nothing from beside the checkout.
    pub fn alone(self) -> Self {
        Self { needs_shared: false, ..self }
    }

    /// A script that runs this package's program beside Ferric.
    pub fn builds(mut self, package: &'static str) -> Self {
        self.packages.push(package);
        self
    }

    /// A script that tests an example of this package, so that nothing else has to be built for it.
    pub fn tests_example(self, package: &'static str, example: &'static str) -> Self {
        Self { packages: vec![package], example: Some(example), ..self }
    }

    pub fn argument(mut self, text: &str) -> Self {
        self.arguments.push(text.to_owned());
        self
    }

    /// An option whose values are called the same here and in the script.
    pub fn option(self, name: &str, value: impl ValueEnum) -> Self {
        match value.to_possible_value() {
            Some(value) => self.argument(name).argument(value.get_name()),
            None => self,
        }
    }

    /// Builds, starts services if needed, and returns the script's exit code.
    pub fn run(&self, workspace: &Workspace) -> Result<i32> {
        if self.needs_shared && !workspace.path(SHARED).is_dir() {
            println!("skipped: {SHARED} is not there");
            return Ok(0);
        }
        let packages = self.packages.iter().flat_map(|name| ["--package", name]);
        let example = self.example.into_iter().flat_map(|name| ["--example", name]);
        process::run(process::cargo(workspace.root()).arg("build").args(packages).args(example))?;
        let mut command = process::from_shell(workspace.root(), "python3");
        command.arg(workspace.path("tests/e2e").join(self.path)).args(&self.arguments);
        let program = self.example.map_or_else(|| "ferric".to_owned(), |name| format!("examples/{name}"));
        command.arg("--ferric").arg(workspace.target_dir().join("debug").join(program));
        if self.needs_services {
            command.envs(services::up(workspace)?.variables);
        }
        process::exit_code(&mut command)
    }
}
