#![doc = include_str!("../README.md")]

mod boot_server;
mod boot_source;
mod config;
mod error;
pub mod grpc;
pub mod rest;
mod server;
mod tls;

pub use boot_server::{BootListen, serve_boot};
pub use boot_source::{BootAnswer, BootError, BootSource, BootStream, NoBootSource};
pub use config::{ApiConfig, AuthConfig, AuthStrategy, GrpcConfig, KeystoneConfig, LimitsConfig};
pub use error::ApiError;
