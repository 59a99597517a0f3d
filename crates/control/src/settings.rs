//! What an operator may decide about the control plane.

use crate::installer::InstallerDeadlines;
use serde::Deserialize;
use std::path::PathBuf;

/// Section `control` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ControlSettings {
    /// Base URL of the REST API as everybody outside reaches it, without a slash at the end.
    pub public_url: String,
    /// Base URL of the REST API as ramdisks reach it; the public one if empty.
    pub ramdisk_api_url: String,
    /// Base URL under which nodes fetch boot artefacts; `/boot` of the public one if empty.
    pub boot_url: String,
    /// How long a node may take until it first asks for what it is to boot, in seconds; 0: as long as its ramdisk may be silent.
    pub boot_request_timeout_secs: u64,
    /// How long it may fetch nothing more before it has everything; the same.
    pub boot_stall_timeout_secs: u64,
    /// How long the agent may be silent once everything was fetched; the same.
    pub boot_agent_timeout_secs: u64,
    /// How often a node is booted again whose boot led nowhere.
    pub boot_retries: u64,
    /// Whether nodes are cleaned before they become available, unless a node says otherwise.
    pub automated_clean: bool,
    /// Group of nodes that name none.
    pub default_conductor_group: String,
    /// Resource class of nodes that name none.
    pub default_resource_class: Option<String>,
    /// Mode of portgroups that name none.
    pub default_portgroup_mode: String,
    /// Most items of one page.
    pub max_limit: i64,
    /// How long a lease lasts without renewal, in seconds.
    pub lease_secs: u32,
    /// How often conductors renew, in seconds.
    pub renew_secs: u32,
    /// How often a task may lose its conductor before it is given up.
    pub max_lost_leases: i32,
    /// How long a conductor is believed alive after it was heard of, in seconds.
    pub conductor_timeout_secs: u32,
    /// How long a synchronous call waits for the hardware, in seconds.
    pub sync_call_secs: u64,
    /// How long a request waits for its turn at a node that a task holds, in seconds.
    pub lock_wait_secs: u64,
    /// How often the agent should be heard of, in seconds.
    pub heartbeat_timeout_secs: u64,
    /// How long installers may stay in each phase.
    pub installer: InstallerDeadlines,
    /// How often lost leases, overdue waits and lost envelopes are looked for, in seconds.
    pub sweep_interval_secs: u64,
    /// How often the power state of each node is read, in seconds; 0 turns it off.
    pub power_sync_interval_secs: u64,
    /// Failed power readings in a row before a node is put into maintenance.
    pub power_sync_max_failures: u32,
    /// How many deployments may run at once; 0 means any number.
    pub max_concurrent_deploys: i64,
    /// How many cleanings may run at once; 0 means any number.
    pub max_concurrent_cleans: i64,
    /// Entries of history kept for each node; 0 keeps all.
    pub history_max_entries: i64,
    /// Days that each entry of history is kept at least.
    pub history_min_days: i64,
    /// Whether history also tells of what ended well.
    pub history_successes: bool,
    /// How long the row of an ended task is kept, in seconds.
    pub task_retention_secs: u64,
    /// Nodes that one operation may have.
    pub bulk_max_items: i64,
    /// Most nodes that an operation works on at once; what one gets that names no number.
    pub bulk_max_parallel: i64,
    /// How long an ended operation can be read, in seconds.
    pub bulk_retention_secs: u64,
    /// How long a request that creates can be sent again under its key, in seconds.
    pub idempotency_key_secs: u64,
    /// Rules that replace or complete the built-in ones: a file in JSON or YAML; read again when it changes.
    pub policy_file: Option<PathBuf>,
    /// Whether only the rules with scopes hold, and not also those from before there were scopes.
    pub enforce_new_defaults: bool,
    /// Whether services of one project have the rights of system members.
    pub rbac_service_role_elevated_access: bool,
    /// Name of that project.
    pub rbac_service_project_name: String,
    /// Whether administrators of a project may create nodes that it owns, and delete them.
    pub project_admin_can_manage_own_nodes: bool,
}

impl Default for ControlSettings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:6385".to_owned(),
            ramdisk_api_url: String::new(),
            boot_url: String::new(),
            boot_request_timeout_secs: 1200,
            boot_stall_timeout_secs: 900,
            boot_agent_timeout_secs: 900,
            boot_retries: 0,
            automated_clean: true,
            default_conductor_group: String::new(),
            default_resource_class: None,
            default_portgroup_mode: "active-backup".to_owned(),
            max_limit: 1000,
            lease_secs: 30,
            renew_secs: 10,
            max_lost_leases: 3,
            conductor_timeout_secs: 60,
            sync_call_secs: 60,
            lock_wait_secs: 3,
            heartbeat_timeout_secs: 300,
            installer: InstallerDeadlines::default(),
            sweep_interval_secs: 5,
            power_sync_interval_secs: 120,
            power_sync_max_failures: 3,
            max_concurrent_deploys: 250,
            max_concurrent_cleans: 50,
            history_max_entries: 300,
            history_min_days: 0,
            history_successes: true,
            task_retention_secs: 600,
            bulk_max_items: 10_000,
            bulk_max_parallel: 100,
            bulk_retention_secs: 604_800,
            idempotency_key_secs: 86_400,
            policy_file: None,
            enforce_new_defaults: true,
            rbac_service_role_elevated_access: false,
            rbac_service_project_name: "service".to_owned(),
            project_admin_can_manage_own_nodes: true,
        }
    }
}

impl ControlSettings {
    /// Where ramdisks find the API.
    pub fn ramdisk_api_url(&self) -> &str {
        let own = self.ramdisk_api_url.trim_end_matches('/');
        if own.is_empty() { self.public_url.trim_end_matches('/') } else { own }
    }

    /// Where nodes fetch the boot artefacts of the task with this token.
    pub fn boot_url(&self, token: &str) -> String {
        let own = self.boot_url.trim_end_matches('/');
        match own {
            "" => format!("{}/boot/{token}", self.public_url.trim_end_matches('/')),
            base => format!("{base}/{token}"),
        }
    }
}
