//! Tokens of Keystone.
//!
//! Source: Identity API v3, "Validate and show information for token"; the answers to callers are those of
//! keystonemiddleware 13.

mod access_rules;
mod circuit;
mod client;
mod credentials;
mod own_token;
mod strategy;
mod token;
mod trust;
mod validated;

pub(super) use strategy::Keystone;
