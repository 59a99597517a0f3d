#![doc = include_str!("../README.md")]

mod compose;
mod config;
mod error;
mod flavour;
mod interface;
mod kernel_line;
pub mod kickstart;
mod order;
pub mod preseed;
mod problem;
mod render;
mod shell;
pub mod storage;

pub use compose::{AnswerFile, Composer, Surroundings};
pub use config::InstallerConfig;
pub use error::{InstallerError, Result};
pub use flavour::Flavour;
pub use interface::deploy_anaconda;
pub use kernel_line::kernel_line;
pub use order::{ImageKind, InstallOrder};
pub use problem::Problem;
pub use render::{Variables, render};
