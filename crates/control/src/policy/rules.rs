//! The rules, one per row: who may do what unless the operator decides otherwise.
//!
//! Source: `contract: rbac` section 5. A check is written in the grammar of oslo.policy; words in capitals are rows of
//! `roles`. Behind `or` stands what the rule was before there were scopes.

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct RuleRow {
    /// The rule.
    pub rule: Rule,
    /// Its name in policy files and refusals.
    pub name: &'static str,
    /// Who may.
    pub check: &'static str,
    /// Who may besides while `enforce_new_defaults` is off and the operator has no check of their own.
    pub legacy: Option<&'static str>,
}

/// Declares the rules and their table.
macro_rules! rules {
    ($($rule:ident $name:literal $check:literal $(or $legacy:literal)?;)*) => {
        /// What a caller may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each is named as its row")]
        pub enum Rule {
            $($rule,)*
        }

        /// Every rule in the order of the enum.
        pub const RULES: &[RuleRow] =
            &[$(RuleRow { rule: Rule::$rule, name: $name, check: $check, legacy: rules!(@ $($legacy)?) },)*];
    };
    (@) => { None };
    (@ $legacy:literal) => { Some($legacy) };
}

rules! {
    ShowPassword "show_password" "!";
    ShowInstanceSecrets "show_instance_secrets" "!";
    NodeCreate "baremetal:node:create" "(role:admin and system_scope:all) or (role:service and system_scope:all)" or "rule:is_admin";
    NodeCreateSelfOwnedNode "baremetal:node:create:self_owned_node" "role:admin or role:service";
    NodeList "baremetal:node:list" "rule:API_READER" or "rule:baremetal:node:get";
    NodeListAll "baremetal:node:list_all" "rule:SYSTEM_READER" or "rule:baremetal:node:get";
    NodeGet "baremetal:node:get" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    NodeGetFilterThreshold "baremetal:node:get:filter_threshold" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    NodeGetLastError "baremetal:node:get:last_error" "rule:SYSTEM_OR_OWNER_READER" or "rule:is_admin or rule:is_observer";
    NodeGetReservation "baremetal:node:get:reservation" "rule:SYSTEM_OR_OWNER_READER" or "rule:is_admin or rule:is_observer";
    NodeGetDriverInternalInfo "baremetal:node:get:driver_internal_info" "rule:SYSTEM_OR_OWNER_READER" or "rule:is_admin or rule:is_observer";
    NodeGetDriverInfo "baremetal:node:get:driver_info" "rule:SYSTEM_OR_OWNER_READER" or "rule:is_admin or rule:is_observer";
    NodeUpdateDriverInfo "baremetal:node:update:driver_info" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdateProperties "baremetal:node:update:properties" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdateChassisUuid "baremetal:node:update:chassis_uuid" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    NodeUpdateInstanceUuid "baremetal:node:update:instance_uuid" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdateLessee "baremetal:node:update:lessee" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdateOwner "baremetal:node:update:owner" "rule:SYSTEM_MEMBER" or "rule:is_admin";
    NodeUpdateDriverInterfaces "baremetal:node:update:driver_interfaces" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    NodeUpdateNetworkData "baremetal:node:update:network_data" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdateConductorGroup "baremetal:node:update:conductor_group" "rule:SYSTEM_MEMBER" or "rule:is_admin";
    NodeUpdateName "baremetal:node:update:name" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdateRetired "baremetal:node:update:retired" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeUpdate "baremetal:node:update" "rule:SYSTEM_OR_PROJECT_MEMBER" or "rule:is_admin";
    NodeUpdateExtra "baremetal:node:update_extra" "rule:SYSTEM_OR_PROJECT_MEMBER" or "rule:baremetal:node:update";
    NodeUpdateInstanceInfo "baremetal:node:update_instance_info" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:baremetal:node:update";
    NodeUpdateOwnerProvisioned "baremetal:node:update_owner_provisioned" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    NodeDelete "baremetal:node:delete" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    NodeDeleteSelfOwnedNode "baremetal:node:delete:self_owned_node" "rule:PROJECT_ADMIN";
    NodeValidate "baremetal:node:validate" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    NodeSetMaintenance "baremetal:node:set_maintenance" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    NodeClearMaintenance "baremetal:node:clear_maintenance" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    NodeGetBootDevice "baremetal:node:get_boot_device" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin or rule:is_observer";
    NodeSetBootDevice "baremetal:node:set_boot_device" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    NodeGetIndicatorState "baremetal:node:get_indicator_state" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    NodeSetIndicatorState "baremetal:node:set_indicator_state" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeInjectNmi "baremetal:node:inject_nmi" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    NodeGetStates "baremetal:node:get_states" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    NodeSetPowerState "baremetal:node:set_power_state" "rule:SYSTEM_OR_PROJECT_MEMBER" or "rule:is_admin";
    NodeSetBootMode "baremetal:node:set_boot_mode" "rule:SYSTEM_OR_PROJECT_MEMBER" or "rule:is_admin";
    NodeSetSecureBoot "baremetal:node:set_secure_boot" "rule:SYSTEM_OR_PROJECT_MEMBER" or "rule:is_admin";
    NodeSetProvisionState "baremetal:node:set_provision_state" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    NodeSetProvisionStateCleanSteps "baremetal:node:set_provision_state:clean_steps" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeSetProvisionStateServiceSteps "baremetal:node:set_provision_state:service_steps" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeSetRaidState "baremetal:node:set_raid_state" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeGetConsole "baremetal:node:get_console" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeSetConsoleState "baremetal:node:set_console_state" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER" or "rule:is_admin";
    NodeVifList "baremetal:node:vif:list" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin";
    NodeVifAttach "baremetal:node:vif:attach" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    NodeVifDetach "baremetal:node:vif:detach" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    NodeTraitsList "baremetal:node:traits:list" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    NodeTraitsSet "baremetal:node:traits:set" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    NodeTraitsDelete "baremetal:node:traits:delete" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    NodeBiosGet "baremetal:node:bios:get" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    NodeDisableCleaning "baremetal:node:disable_cleaning" "rule:SYSTEM_ADMIN" or "rule:baremetal:node:update";
    NodeHistoryGet "baremetal:node:history:get" "rule:SYSTEM_OR_OWNER_READER" or "rule:is_admin or rule:is_observer";
    NodeInventoryGet "baremetal:node:inventory:get" "rule:SYSTEM_OR_OWNER_READER" or "rule:is_admin or rule:is_observer";
    NodeUpdateShard "baremetal:node:update:shard" "rule:SYSTEM_ADMIN";
    ShardsGet "baremetal:shards:get" "rule:SYSTEM_READER";
    NodeUpdateParentNode "baremetal:node:update:parent_node" "rule:SYSTEM_MEMBER";
    NodeUpdateDisablePowerOff "baremetal:node:update:disable_power_off" "rule:SYSTEM_ADMIN";
    NodeFirmwareGet "baremetal:node:firmware:get" "rule:SYSTEM_OR_PROJECT_READER";
    NodeVmediaAttach "baremetal:node:vmedia:attach" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeVmediaDetach "baremetal:node:vmedia:detach" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeVmediaGet "baremetal:node:vmedia:get" "rule:SYSTEM_OR_PROJECT_READER";
    PortGet "baremetal:port:get" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    PortList "baremetal:port:list" "rule:API_READER" or "rule:baremetal:port:get";
    PortListAll "baremetal:port:list_all" "rule:SYSTEM_READER" or "rule:baremetal:port:get";
    PortCreate "baremetal:port:create" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN" or "rule:is_admin";
    PortDelete "baremetal:port:delete" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN" or "rule:is_admin";
    PortUpdate "baremetal:port:update" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    PortgroupGet "baremetal:portgroup:get" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    PortgroupCreate "baremetal:portgroup:create" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN" or "rule:is_admin";
    PortgroupDelete "baremetal:portgroup:delete" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN" or "rule:is_admin";
    PortgroupUpdate "baremetal:portgroup:update" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN" or "rule:is_admin";
    PortgroupList "baremetal:portgroup:list" "rule:API_READER" or "rule:is_admin or rule:is_observer";
    PortgroupListAll "baremetal:portgroup:list_all" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    ChassisGet "baremetal:chassis:get" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    ChassisCreate "baremetal:chassis:create" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    ChassisDelete "baremetal:chassis:delete" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    ChassisUpdate "baremetal:chassis:update" "rule:SYSTEM_MEMBER" or "rule:is_admin";
    DriverGet "baremetal:driver:get" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    DriverGetProperties "baremetal:driver:get_properties" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    DriverGetRaidLogicalDiskProperties "baremetal:driver:get_raid_logical_disk_properties" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    NodeVendorPassthru "baremetal:node:vendor_passthru" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    DriverVendorPassthru "baremetal:driver:vendor_passthru" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    NodeIpaHeartbeat "baremetal:node:ipa_heartbeat" "" or "rule:public_api";
    DriverIpaLookup "baremetal:driver:ipa_lookup" "" or "rule:public_api";
    DriverIpaContinueInspection "baremetal:driver:ipa_continue_inspection" "";
    VolumeListAll "baremetal:volume:list_all" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    VolumeList "baremetal:volume:list" "rule:API_READER" or "rule:is_admin or rule:is_observer";
    VolumeGet "baremetal:volume:get" "rule:SYSTEM_OR_PROJECT_READER" or "rule:is_admin or rule:is_observer";
    VolumeCreate "baremetal:volume:create" "rule:SYSTEM_MEMBER_OR_OWNER_LESSEE_ADMIN" or "rule:is_admin";
    VolumeDelete "baremetal:volume:delete" "rule:SYSTEM_MEMBER_OR_OWNER_LESSEE_ADMIN" or "rule:is_admin";
    VolumeUpdate "baremetal:volume:update" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN" or "rule:is_admin";
    VolumeViewTargetProperties "baremetal:volume:view_target_properties" "rule:TARGET_PROPERTIES_READER" or "rule:is_admin";
    ConductorGet "baremetal:conductor:get" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    AllocationGet "baremetal:allocation:get" "rule:ALLOCATION_READER" or "rule:is_admin or rule:is_observer";
    AllocationList "baremetal:allocation:list" "rule:API_READER" or "rule:baremetal:allocation:get";
    AllocationListAll "baremetal:allocation:list_all" "rule:SYSTEM_READER" or "rule:baremetal:allocation:get and is_admin_project:True";
    AllocationCreate "baremetal:allocation:create" "rule:ALLOCATION_CREATOR" or "rule:is_admin and is_admin_project:True";
    AllocationCreateRestricted "baremetal:allocation:create_restricted" "rule:SYSTEM_MEMBER" or "rule:baremetal:allocation:create";
    AllocationDelete "baremetal:allocation:delete" "rule:ALLOCATION_MEMBER" or "rule:is_admin";
    AllocationUpdate "baremetal:allocation:update" "rule:ALLOCATION_MEMBER" or "rule:is_admin";
    AllocationCreatePreRbac "baremetal:allocation:create_pre_rbac" "(rule:is_member and role:baremetal_admin) or (is_admin_project:True and role:admin)";
    EventsPost "baremetal:events:post" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    DeployTemplateGet "baremetal:deploy_template:get" "rule:SYSTEM_READER" or "rule:is_admin or rule:is_observer";
    DeployTemplateCreate "baremetal:deploy_template:create" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    DeployTemplateDelete "baremetal:deploy_template:delete" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    DeployTemplateUpdate "baremetal:deploy_template:update" "rule:SYSTEM_ADMIN" or "rule:is_admin";
    RunbookGet "baremetal:runbook:get" "rule:RUNBOOK_READER";
    RunbookList "baremetal:runbook:list" "rule:API_READER";
    RunbookListAll "baremetal:runbook:list_all" "rule:SYSTEM_READER";
    RunbookCreate "baremetal:runbook:create" "rule:RUNBOOK_CREATOR";
    RunbookDelete "baremetal:runbook:delete" "rule:RUNBOOK_ADMIN";
    RunbookUpdate "baremetal:runbook:update" "rule:RUNBOOK_ADMIN";
    RunbookUpdatePublic "baremetal:runbook:update:public" "rule:SYSTEM_MEMBER";
    RunbookUpdateOwner "baremetal:runbook:update:owner" "rule:SYSTEM_MEMBER";
    RunbookUse "baremetal:runbook:use" "rule:RUNBOOK_ADMIN";
    InspectionRuleGet "baremetal:inspection_rule:get" "rule:SYSTEM_READER";
    InspectionRuleListAll "baremetal:inspection_rule:list_all" "rule:SYSTEM_READER";
    InspectionRuleCreate "baremetal:inspection_rule:create" "rule:SYSTEM_ADMIN";
    InspectionRuleUpdate "baremetal:inspection_rule:update" "rule:SYSTEM_ADMIN";
    InspectionRuleDelete "baremetal:inspection_rule:delete" "rule:SYSTEM_ADMIN";
    // Those from here on are Ferric's own.
    BulkCreate "baremetal:bulk:create" "role:member or role:service";
    BulkGet "baremetal:bulk:get" "rule:OPERATION_READER";
    BulkList "baremetal:bulk:list" "rule:API_READER";
    BulkListAll "baremetal:bulk:list_all" "rule:SYSTEM_READER";
    BulkCancel "baremetal:bulk:cancel" "rule:OPERATION_MEMBER";
    HistoryList "baremetal:history:list" "rule:API_READER";
    HistoryListAll "baremetal:history:list_all" "rule:SYSTEM_READER";
    FirmwareCompatGet "baremetal:firmware_compat:get" "rule:SYSTEM_READER";
}

impl Rule {
    /// Its name, as policy files and refusals have it.
    pub const fn name(self) -> &'static str {
        RULES[self as usize].name
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn rows_stand_where_their_rules_say() {
        assert!(RULES.iter().enumerate().all(|(index, row)| row.rule as usize == index));
        assert_eq!(RULES.iter().filter(|row| row.name.starts_with("baremetal:")).count(), 122 + 8);
    }
}
