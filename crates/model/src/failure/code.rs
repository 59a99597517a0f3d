//! The stable codes of failures, one per row. Operators write alerts for them: a code is never renamed and never gets
//! another meaning.
//!
//! Whoever raises a failure names the constant; `cargo xtask lint` refuses codes that have no row and rows that nobody
//! raises. The README of this crate shows the table.

use super::FailureClass;

/// One code.
#[derive(Debug, Clone, Copy)]
pub struct CodeRow {
    /// The code.
    pub code: &'static str,
    /// Where to look.
    pub class: FailureClass,
    /// What happened.
    pub means: &'static str,
    /// What to try, unless who raises it knows better.
    pub remedy: &'static str,
    /// What it follows: the standard, the contract or the invariant behind it.
    pub source: &'static str,
}

/// Declares the codes and their table.
macro_rules! codes {
    ($($name:ident $code:literal $class:ident $means:literal, $remedy:literal, $source:literal;)*) => {
        $(#[doc = $means] pub const $name: &str = $code;)*

        /// Every code, in the order of the page.
        pub const CODES: &[CodeRow] = &[
            $(CodeRow { code: $code, class: FailureClass::$class, means: $means, remedy: $remedy, source: $source },)*
        ];
    };
}

codes! {
    INVALID_PARAMETER "invalid-parameter" Request "the node's description or the request has a value that cannot be used", "correct the value that the text names", "contract: rest-api section 1";
    UNSUPPORTED "unsupported" Request "the interface cannot do this at all", "choose another interface for the node, or do without this operation", "contract: hardware-interfaces section 1";
    DRIVER_NOT_ENABLED "driver-not-enabled" Request "no conductor of the node's group has the hardware type or interface", "enable it on the conductors of the node's conductor group, or move the node to a group that has it", "contract: conductor section 2";
    STEP_UNKNOWN "step-unknown" Request "neither the interfaces nor the agent of the node have the step", "correct the names, or use interfaces or a ramdisk that have these steps", "contract: state-machine section 4";
    STEP_NEEDS_RAMDISK "step-needs-ramdisk" Request "a step needs the ramdisk, which was disabled", "leave these steps out, or leave the ramdisk enabled", "contract: state-machine section 4";
    ABORTED "aborted" Request "somebody asked for the operation to end", "nothing; this was asked for", "contract: state-machine section 3";
    INSPECTION_DATA_UNUSABLE "inspection-data-unusable" Agent "what inspection found cannot be used", "look at the node's inventory and at its properties, for example root_device, then inspect again", "contract: agent-protocol section 7";
    RAMDISK_REPORTED_ERROR "ramdisk-error" Agent "the ramdisk reported an error with what it found", "read what it said; its log on the console has the details", "contract: agent-protocol section 7";
    INSPECTION_RULE "inspection-rule" Request "an inspection rule refused the node, or is broken itself", "mend what the rule found, or the rule, then inspect again", "contract: hardware-interfaces section 8";
    FAKE_FAILURE "fake-failure" Request "a fake node was told to fail here", "remove fake_failure from the node's driver_info", "crates/hardware/README.md";
    FAKE_SCRIPT_UNREACHABLE "fake-script-unreachable" Request "the prompter of a fake node does not answer", "start it, or remove fake_script from the node's driver_info", "crates/hardware/README.md";

    REDFISH_UNREACHABLE "redfish-unreachable" Bmc "nobody answers at the BMC's address, or the connection broke off", "check redfish_address, that the BMC has power and network, and that nothing filters the way from the conductor to it", "DSP0266 clause 6";
    REDFISH_TIMEOUT "redfish-timeout" Bmc "the BMC takes requests and does not answer them in time", "wait for the BMC to recover, or reset it", "DSP0266 clause 6";
    REDFISH_TLS "redfish-tls" Bmc "the TLS connection to the BMC failed, or its certificate is not trusted", "set redfish_verify_ca to the authority that signed the BMC's certificate or to that certificate itself, and use a name that it is made out for", "DSP0266 clause 13";
    REDFISH_UNAUTHORIZED "redfish-unauthorized" Bmc "the BMC does not accept the credentials", "check redfish_username and redfish_password, and that the account is neither locked nor expired", "DSP0266 clause 13.3";
    REDFISH_REFUSED "redfish-refused" Bmc "the BMC answered and refused", "read what the BMC said; it may want another power state, a license or newer firmware first", "DSP0266 clause 8.6";
    REDFISH_NOT_FOUND "redfish-not-found" Bmc "the BMC does not know the path", "check redfish_address and redfish_system_id", "DSP0266 clause 8.6";
    REDFISH_NONSENSE "redfish-nonsense" Bmc "the BMC's answer makes no sense", "make sure that redfish_address is a Redfish service and no web page or proxy; a BMC that is just starting needs a few minutes", "DSP0266 clause 8";
    REDFISH_UNSUPPORTED "redfish-unsupported" Bmc "a resource of the BMC lacks the link or action that is needed", "look for newer firmware or a license, or choose another interface", "DSP0266 clause 9";
    REDFISH_SYSTEM_UNCLEAR "redfish-system-unclear" Request "the service has several systems and the node does not say which one is its own", "set redfish_system_id in the node's driver_info to one of the paths", "DSP0266 clause 9";
    REDFISH_TASK_FAILED "redfish-task-failed" Bmc "a task of the BMC ended badly", "read what the BMC said about its task, and look into the BMC's own log", "DSP0266 clause 12.2";
    REDFISH_TASK_TIMEOUT "redfish-task-timeout" Bmc "a task of the BMC did not end in time", "look at the BMC's task list: the task may still run, or wait for the node to restart", "DSP0266 clause 12.2";
    REDFISH_OUTCOME_UNKNOWN "redfish-outcome-unknown" Bmc "nobody can tell whether a change was carried out", "look at the node before asking for it again", "crates/redfish/README.md";
    REDFISH_SETTING_NOT_SHOWN "redfish-setting-not-shown" Bmc "the BMC accepted a change and does not show it", "look at the setting at the BMC's web page; some BMCs show it only after a reboot", "DSP0268, @Redfish.Settings";
    REDFISH_INVENTORY_EMPTY "redfish-inventory-empty" Bmc "the BMC tells neither memory nor processors nor disks of the node", "power the node on once so that its firmware reports them to the BMC, or inspect with the agent", "contract: hardware-interfaces section 5";
    BIOS_SETTINGS_NOT_APPLIED "bios-settings-not-applied" Node "the node restarted and its BIOS did not take on the settings", "look at the node's console and into the BMC's log; the values may depend on other settings", "DSP0268, Bios";
    POWER_STATE_UNKNOWN "power-state-unknown" Bmc "the BMC answers and does not know the power state", "look at the BMC's own page whether it is healthy; resetting the BMC often helps", "DSP0268, ComputerSystem PowerState";
    POWER_STATE_TIMEOUT "power-state-timeout" Bmc "the BMC did not tell the power state in time", "check that the BMC answers and is not overloaded", "contract: conductor section 4";
    POWER_STATE_NOT_REACHED "power-state-not-reached" Node "the BMC took the power change and the node did not get there in time", "look at the node's console and into the BMC's log", "contract: state-machine section 6";
    VMEDIA_NOT_SUPPORTED "vmedia-not-supported" Bmc "the BMC has no virtual media slot that takes a CD image", "look whether virtual media is licensed and enabled at the BMC, or choose another boot interface", "DSP0268, VirtualMedia";
    VMEDIA_INSERT_REFUSED "vmedia-insert-refused" Bmc "the BMC did not take the image", "make sure that the BMC reaches the image, and that it accepts images over this protocol", "DSP0268, VirtualMedia.InsertMedia";
    VMEDIA_NOT_INSERTED "vmedia-not-inserted" Bmc "the BMC accepted the image and did not insert it", "make sure that the BMC reaches the image: it fetches the image itself", "DSP0268, VirtualMedia Inserted";
    VMEDIA_EJECT_REFUSED "vmedia-eject-refused" Bmc "the BMC did not eject the image", "eject the image at the BMC's web page; a session of its remote console may hold it", "DSP0268, VirtualMedia.EjectMedia";

    IPMITOOL_MISSING "ipmitool-missing" Ferric "the conductor cannot run ipmitool", "install ipmitool on the conductors, or correct the key 'ipmi.program' of their configuration", "crates/ipmi/README.md";
    IPMI_TIMEOUT "ipmi-timeout" Bmc "ipmitool did not end in time", "look whether the BMC is overloaded; resetting the BMC often helps", "IPMI v2.0 section 13";
    IPMI_NO_SESSION "ipmi-no-session" Bmc "no IPMI session could be made with the BMC", "check ipmi_address and ipmi_port, that the conductor reaches the BMC over UDP, and the credentials", "IPMI v2.0 section 13";
    IPMI_SILENT "ipmi-silent" Bmc "the BMC did not answer the command", "look whether the BMC is overloaded; resetting the BMC often helps", "IPMI v2.0 section 13";
    IPMI_UNAUTHORIZED "ipmi-unauthorized" Bmc "the BMC does not accept the credentials, the privilege level or the cipher suite", "check ipmi_username, ipmi_password, ipmi_priv_level and ipmi_cipher_suite", "IPMI v2.0 section 13";
    IPMI_BUSY "ipmi-busy" Bmc "the BMC is too busy for the command", "try again later; if it stays, other tools may use up the sessions of the BMC", "IPMI v2.0 section 5.2";
    IPMI_REFUSED "ipmi-refused" Bmc "the BMC refused the command", "look into the BMC's log; a firmware update of the BMC may be needed", "IPMI v2.0 section 5.2";
    IPMI_NONSENSE "ipmi-nonsense" Bmc "the BMC's answer makes no sense", "run the command by hand to see what the BMC says; resetting the BMC often helps", "IPMI v2.0 section 5";

    BOOT_SOURCE_FAILED "boot-source-failed" Boot "the node asked for its boot image, and its kernel or ramdisk could not be fetched from where they lie", "check that the server of kernel and ramdisk runs, that this process reaches it, and that the files are there", "contract: boot-and-images section 5";
    BOOT_NEVER_FETCHED "boot-never-fetched" Boot "nothing that the node was to boot was ever fetched", "check that the node reaches the boot service, that it boots what it was told to, and for network cards what DHCP tells them", "contract: boot-and-images section 4";
    BOOT_LENGTH_ONLY "boot-length-only" Boot "it was asked how long the boot image is, which was then never fetched", "see whether the firmware has room for the image, and whether it takes the address it was given", "UEFI 2.10 section 24.7";
    BOOT_SCRIPT_ONLY "boot-script-only" Boot "the boot loader fetched its script and never asked for the kernel", "look at the node's console: the boot loader says there why it does not go on", "contract: boot-and-images section 4";
    BOOT_FETCH_STOPPED "boot-fetch-stopped" Boot "fetching stopped before all of it was there", "look at the network between the node, or its BMC, and the boot service, and whether the image fits into what the firmware reserves for it", "contract: boot-and-images section 5";
    BOOT_AGENT_SILENT "boot-agent-silent" Boot "everything was fetched and the ramdisk's agent was not heard of", "look at the node's console: the ramdisk does not start, has no network, or does not reach the API", "contract: state-machine section 8";
    BOOT_URL_NOT_SUPPORTED "boot-url-not-supported" Bmc "the BMC does not offer to boot from a URL", "update its firmware, or use the boot interface redfish-virtual-media", "DSP0268, ComputerSystem Boot";
    BOOT_URL_NOT_SHOWN "boot-url-not-shown" Bmc "the BMC accepted the URL to boot from and does not show it", "update the BMC's firmware, or use the boot interface redfish-virtual-media", "DSP0268, ComputerSystem HttpBootUri";
    DHCP_NOT_TOLD "dhcp-not-told" Ferric "the DHCP server cannot be told what the node boots", "let conductors write the folders of dnsmasq (dhcp.hostsdir, dhcp.optsdir), or set dhcp.provider to none", "contract: boot-and-images section 4";
    RAMDISK_SILENT "ramdisk-silent" Agent "the ramdisk's agent was not heard of in time", "look at the node's console: check that it booted the ramdisk and that the ramdisk reaches the API", "contract: state-machine section 8";

    INSTALLER_ORDER_INCOMPLETE "installer-order-incomplete" Request "the node does not say what its installer is, or what it installs", "complete the node's instance_info", "contract: boot-and-images section 9";
    INSTALLER_TEMPLATE_UNUSABLE "installer-template-unusable" Request "the template of the answer file cannot be rendered for this node", "correct the template; the variables are listed in crates/installer/README.md", "contract: boot-and-images section 9";
    INSTALLER_ANSWERS_REFUSED "installer-answers-refused" Request "the answer file would not be understood by the installer, or must not be given to it", "correct the template, or allow what is refused", "crates/installer/README.md";
    INSTALLER_STORAGE_DOES_NOT_FIT "installer-storage-does-not-fit" Request "the layout of the answer file cannot be made on the disks that inspection found", "change the layout or choose another node; inspect the node again if its disks were changed", "crates/installer/README.md";
    INSTALLER_SOURCE_UNUSABLE "installer-source-unusable" Image "kernel, ramdisk, second stage, image or template of an installer cannot be fetched", "check that their addresses are right and that their servers answer the conductor", "contract: boot-and-images section 9";
    INSTALLER_FAILED "installer-failed" Agent "the installer said that it failed", "read the installer's last log lines in the node's history, and look at its console", "contract: boot-and-images section 9";
    INSTALLER_STALLED "installer-stalled" Agent "an installer stayed longer in a phase than it may", "look at the node's console; the text names the phase, what was to come next and what was fetched last", "crates/control/README.md";

    AGENT_UNREACHABLE "agent-unreachable" Agent "the agent does not answer the conductor", "check that the conductor reaches the ramdisk's address and port (9999 by default), and look at the node's console", "contract: agent-protocol section 5";
    AGENT_BUSY "agent-busy" Agent "the agent works on another command", "wait until the running command ends, or abort and start again with a fresh ramdisk", "contract: agent-protocol section 5";
    AGENT_TOKEN_REFUSED "agent-token-refused" Agent "the agent does not accept the node's token", "power the node off and start again, so that a fresh ramdisk gets a fresh token; if it comes back, look for a second ramdisk at this address", "contract: agent-protocol section 3";
    AGENT_TOKEN_MISMATCH "agent-token-mismatch" Agent "an agent showed a token that is not the node's", "reboot the ramdisk by starting again: an agent keeps the token of its first lookup; look for a second ramdisk that runs for this node", "contract: agent-protocol section 3";
    AGENT_CHANGED "agent-changed" Agent "an agent called back from another address or with another certificate than before", "look for a second ramdisk that runs for this node, and for addresses that change", "contract: agent-protocol section 4";
    AGENT_COMMAND_FAILED "agent-command-failed" Agent "the agent reported that its work failed", "read what the agent said; the ramdisk's log on the console has the details", "contract: agent-protocol section 6";
    AGENT_VERSION_MISMATCH "agent-version-mismatch" Agent "the agent's hardware managers changed since the steps were read", "the node booted another ramdisk in between: start again, so that all steps come from the same one", "contract: agent-protocol section 6";
    AGENT_NONSENSE "agent-nonsense" Agent "the agent's answer makes no sense", "check what listens at the agent's address, and whether the ramdisk fits this version", "contract: agent-protocol section 5";
    AGENT_REBOOTED "agent-rebooted" Agent "the ramdisk was restarted while a command ran", "find out why the node restarted (power, watchdog, crash of the ramdisk), then start again", "contract: agent-protocol section 6";

    IMAGE_NOT_FOUND "image-not-found" Image "nothing is where the image should be", "publish the file there, or correct the URL in instance_info", "contract: boot-and-images section 6";
    IMAGE_DENIED "image-denied" Image "the image may not be read", "grant access to the conductor and to the ramdisk", "contract: boot-and-images section 6";
    IMAGE_UNREACHABLE "image-unreachable" Image "the image server cannot be reached, or has no time", "check that the image server runs, is not overloaded and can be reached", "contract: boot-and-images section 6";
    IMAGE_NONSENSE "image-nonsense" Image "what serves the image gave an unusable answer", "check what serves this URL", "contract: boot-and-images section 6";
    CONFIGDRIVE_NOT_BUILT "configdrive-not-built" Ferric "the configdrive could not be built", "read the conductor's log, and report this as a defect", "contract: boot-and-images section 8";

    NEUTRON_MISCONFIGURED "neutron-misconfigured" Ferric "the section 'neutron' of the conductors' configuration cannot be used", "correct the section 'neutron' of the conductors' configuration", "crates/neutron/README.md";
    NEUTRON_UNREACHABLE "neutron-unreachable" Network "Neutron or Keystone does not answer", "check that the conductor reaches the service, then try again", "contract: hardware-interfaces section 8";
    NEUTRON_UNAUTHORIZED "neutron-unauthorized" Network "Neutron or Keystone does not accept the conductor's user", "check user, password and project in the section 'neutron' of the conductors' configuration, and that the user may change the bindings of ports", "contract: hardware-interfaces section 8";
    NEUTRON_NOT_FOUND "neutron-not-found" Network "Neutron does not know what was named", "check that it exists in Neutron and was not deleted meanwhile", "contract: hardware-interfaces section 8";
    NEUTRON_REFUSED "neutron-refused" Network "Neutron refused", "do what Neutron asks for, then try again", "contract: hardware-interfaces section 8";
    NEUTRON_FAILED "neutron-failed" Network "Neutron failed", "look into the log of Neutron, then try again", "contract: hardware-interfaces section 8";
    NEUTRON_NONSENSE "neutron-nonsense" Network "the network service's answer makes no sense", "check that the address is that of the service and not of something else", "contract: hardware-interfaces section 8";
    NETWORK_NOT_NAMED "network-not-named" Request "no network is named for what is to be done", "name it in the node's driver_info or in the conductors' configuration", "contract: hardware-interfaces section 8";
    NETWORK_NO_PORT "network-no-port" Request "the node has no port that could be brought into the network", "create a port with pxe_enabled and, for the network interface neutron, with local_link_connection", "contract: hardware-interfaces section 8";
    VIF_NONE_ATTACHED "vif-none-attached" Request "no VIF is attached to the node", "attach a VIF to the node, or give it the network interface noop", "contract: hardware-interfaces section 8";
    VIF_ALREADY_ATTACHED "vif-already-attached" Request "the VIF is attached already", "detach it first, or leave it where it is", "contract: hardware-interfaces section 8";
    VIF_NO_FREE_PORT "vif-no-free-port" Request "no port of the node is free for the VIF", "detach another VIF, create ports, or correct their physical_network and local_link_connection", "contract: hardware-interfaces section 8";
    VIF_NOT_ATTACHED "vif-not-attached" Request "the VIF is not attached to the node", "list the VIFs of the node to see which there are", "contract: hardware-interfaces section 8";
    VIF_UNKNOWN "vif-unknown" Request "the VIF is no port of Neutron", "name a port of Neutron by its UUID", "contract: hardware-interfaces section 8";
    VIF_UNUSABLE "vif-unusable" Request "the node's cables do not reach the VIF's network", "use a port of Neutron that the node's cables reach", "contract: hardware-interfaces section 8";

    CLAIM_UNREADABLE "claim-unreadable" Ferric "the conductor cannot read what the control plane sent it", "upgrade conductors and control plane to the same version, then try again", "crates/proto/README.md";
    CONDUCTOR_PANICKED "conductor-panicked" Ferric "the conductor's own code failed", "report this with the conductor's log; trying again may work", "crates/conductor/README.md";
    UNDELIVERABLE "undeliverable" Ferric "no conductor could take the task up: its envelope was put aside several times", "look at what conductors of the node's group log when they claim it, then try again", "crates/control/README.md";
    CONDUCTORS_LOST "conductors-lost" Ferric "several conductors stopped answering while they worked on it", "look at why the conductors stopped (their logs and restarts) before trying again", "crates/control/README.md";
    CONSOLE_NO_PORT "console-no-port" Ferric "every port of the range for consoles is taken", "stop consoles that nobody needs, or widen the range of ports", "crates/console/README.md";
    CONSOLE_NOT_STARTED "console-not-started" Ferric "the program behind the console did not start", "read the conductor's log; look whether ipmitool, socat and setpriv are installed", "crates/console/README.md";
    CONSOLE_NOT_RUNNING "console-not-running" Node "the console is not running", "enable the console again", "crates/console/README.md";
    FIRMWARE_UPDATE_TIMEOUT "firmware-update-timeout" Bmc "the update of firmware did not end in time", "look at the BMC's task list and log before anything is installed again", "DSP0266 13.6";
    FIRMWARE_BMC_UNSETTLED "firmware-bmc-unsettled" Bmc "the BMC does not answer steadily after an update", "look at the BMC's own page and log; it may need to be reset", "contract: hardware-interfaces section 5";
    RELATED_NODE_FAILED "related-node-failed" Node "what was to be done on a related node, a parent or a child, failed", "look at the history of the related node, mend it, then try again", "contract: state-machine section 6";
    STEP_OUTCOME_UNKNOWN "step-outcome-unknown" Ferric "the conductor was lost during a step that must not run twice", "look at the node whether the step was done, then start over from where that leaves it", "crates/conductor/README.md";
}

/// Finds the row of a code; none for a code of another version.
pub fn find(code: &str) -> Option<&'static CodeRow> {
    CODES.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::CODES;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_distinct_and_rows_are_complete() {
        let distinct: BTreeSet<&str> = CODES.iter().map(|row| row.code).collect();
        assert_eq!(distinct.len(), CODES.len());
        for row in CODES {
            let plain = |text: &str| !text.is_empty() && !text.ends_with('.') && text.trim() == text;
            assert!(plain(row.means) && plain(row.remedy) && plain(row.source), "{}", row.code);
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(row.code.chars().all(fits), "{}", row.code);
        }
    }
}
