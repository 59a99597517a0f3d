#![doc = include_str!("../README.md")]

pub mod action;
pub mod allocation;
pub mod bios;
pub mod boot;
pub mod chassis;
pub mod clock;
pub mod comma_list;
pub mod conductor;
pub mod deploy_template;
pub mod driver_call;
pub mod errand;
pub mod failure;
pub mod firmware;
pub mod hardware;
pub mod history;
pub mod inspection_rule;
pub mod installer;
pub mod json_patch;
pub mod lifecycle;
pub mod merge;
pub mod node;
pub mod operation;
pub mod outbox;
pub mod page;
pub mod port;
pub mod portgroup;
pub mod power;
pub mod raw_object;
pub mod redact;
pub mod report;
pub mod resource_name;
pub mod runbook;
pub mod schema;
pub mod secret;
pub mod step;
pub mod task;
pub mod traits;
pub mod vendor;
pub mod vif;
pub mod volume;

/// A JSON object, as Ironic's free-form dictionaries are.
pub type JsonMap = serde_json::Map<String, serde_json::Value>;
