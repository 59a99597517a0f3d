//! What the agent is told when it finds its node.

use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::json::{Members, put};
use crate::rest::nodes::put_lookup_node;
use ferric_control::{Lookup, Rule, Target};
use ferric_model::hardware::InterfaceKind;
use serde_json::json;

/// Refuses what ramdisks ask for when the operator wants none of it, or has closed it by a rule.
pub(super) fn check_enabled(call: &Call, path: &str, rule: Rule) -> Result<(), Fault> {
    if call.app.config.enable_ramdisk_endpoints {
        return Ok(call.control().authorize(&call.context, rule, Target::NONE)?);
    }
    Err(Fault::forbidden(format!("Access was denied to the following resource: /v1/{path}")))
}

/// The node and the agent's configuration.
///
/// Source: `contract: agent-protocol` section 2; the values are Ironic's defaults.
pub(super) fn body(call: &Call, found: Lookup) -> Result<Vec<u8>, Fault> {
    let management = found.node.spec.interfaces.get(&InterfaceKind::Management);
    let out_of_band = management.is_some_and(|name| ["redfish", "idrac-redfish"].contains(&name.as_str()));
    let config = json!({
        "metrics": {
            "backend": "noop",
            "prepend_host": false,
            "prepend_uuid": false,
            "prepend_host_reverse": true,
            "global_prefix": null,
        },
        "metrics_statsd": {"statsd_host": "localhost", "statsd_port": 8125},
        "heartbeat_timeout": call.control().settings().heartbeat_timeout_secs,
        "agent_containers": {
            "allow_arbitrary_containers": false,
            "allowed_containers": [],
            "container_steps_file": "/etc/ironic-python-agent.d/mysteps.yaml",
            "runner": "podman",
            "pull_options": [],
            "run_options": ["--rm", "--network=host"],
        },
        "agent_token": found.agent_token,
        "agent_token_required": true,
        "agent_md5_checksum_enable": true,
        "disable_deep_image_inspection": false,
        "permitted_image_formats": ["raw", "gpt", "qcow2", "iso"],
        "agent_skip_bmc_detect": out_of_band,
        "enable_bios_bootloader_install": false,
        "tls_min_version": "1.3",
        "tls_cipher_suites": null,
    });
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    members.with("node", |out| put_lookup_node(out, call, &found.node))?;
    members.with("config", |out| put(out, &config))?;
    members.close();
    Ok(out)
}
