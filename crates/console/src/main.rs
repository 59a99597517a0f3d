//! The launcher as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferric_console::launcher::run()
}
