//! Running other programs: what is run is shown, what fails is named.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Variables that `cargo run` sets for this program and that must not reach the cargo it starts: some build scripts
/// (ring's for one) watch them and would be built again each time a build is started the other way.
const OWN_BUILD_VARIABLES: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "OUT_DIR"];

/// A cargo that behaves as if it were started from the shell, in the root of the checkout.
pub fn cargo(root: &Path) -> Command {
    from_shell(root, "cargo")
}

/// A program started with the environment of the shell, in the root of the checkout.
pub fn from_shell(root: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if OWN_BUILD_VARIABLES.iter().any(|prefix| name_text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Shows the command, runs it to its end with inherited output; fails unless it ends with 0.
pub fn run(command: &mut Command) -> Result<()> {
    match exit_code(command)? {
        0 => Ok(()),
        code => bail!("{} ended with {code}", shown(command)),
    }
}

/// Shows the command, runs it with inherited output and returns its exit code (128 if a signal ended it).
pub fn exit_code(command: &mut Command) -> Result<i32> {
    eprintln!("+ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start {}", program(command)))?;
    Ok(status.code().unwrap_or(128))
}

/// Runs silently and returns standard output; a failure carries what the program wrote to standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", program(command)))?;
    if !out.status.success() {
        let said = [out.stdout, out.stderr].concat();
        bail!("{} failed: {}", shown(command), String::from_utf8_lossy(&said).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Runs silently; true if the program exists and ends with 0.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The first file called `name` on `PATH`.
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Whether this process may install packages and switch users.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn shown(command: &Command) -> String {
    let mut words = vec![program(command)];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}
