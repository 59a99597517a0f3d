//! The rules, one per row: who may do what unless the operator decides otherwise.
//!
//! Source: `contract: rbac` section 5. A check is written in the grammar of oslo.policy; words in capitals are roles.

/// Declares the rules and their table.
macro_rules! rules {
    ($($rule:ident $name:literal $check:literal;)*) => {
        /// What a caller may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each is named as its row")]
        pub enum Rule {
            $($rule,)*
        }

        /// Every rule in the order of the enum: its name behind `baremetal:`, and its check.
        pub const RULES: &[(Rule, &str, &str)] = &[$((Rule::$rule, $name, $check),)*];
    };
}

rules! {
    NodeCreate "node:create" "(role:admin and system_scope:all) or (role:service and system_scope:all)";
    NodeCreateSelfOwnedNode "node:create:self_owned_node" "role:admin or role:service";
    NodeList "node:list" "rule:API_READER";
    NodeListAll "node:list_all" "rule:SYSTEM_READER";
    NodeGet "node:get" "rule:SYSTEM_OR_PROJECT_READER";
    NodeGetFilterThreshold "node:get:filter_threshold" "rule:SYSTEM_READER";
    NodeGetLastError "node:get:last_error" "rule:SYSTEM_OR_OWNER_READER";
    NodeGetReservation "node:get:reservation" "rule:SYSTEM_OR_OWNER_READER";
    NodeGetDriverInternalInfo "node:get:driver_internal_info" "rule:SYSTEM_OR_OWNER_READER";
    NodeGetDriverInfo "node:get:driver_info" "rule:SYSTEM_OR_OWNER_READER";
    NodeUpdateDriverInfo "node:update:driver_info" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdateProperties "node:update:properties" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdateChassisUuid "node:update:chassis_uuid" "rule:SYSTEM_ADMIN";
    NodeUpdateInstanceUuid "node:update:instance_uuid" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdateLessee "node:update:lessee" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdateOwner "node:update:owner" "rule:SYSTEM_MEMBER";
    NodeUpdateDriverInterfaces "node:update:driver_interfaces" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    NodeUpdateNetworkData "node:update:network_data" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdateConductorGroup "node:update:conductor_group" "rule:SYSTEM_MEMBER";
    NodeUpdateName "node:update:name" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdateRetired "node:update:retired" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeUpdate "node:update" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeUpdateExtra "node:update_extra" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeUpdateInstanceInfo "node:update_instance_info" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeUpdateOwnerProvisioned "node:update_owner_provisioned" "rule:SYSTEM_ADMIN";
    NodeDelete "node:delete" "rule:SYSTEM_ADMIN";
    NodeDeleteSelfOwnedNode "node:delete:self_owned_node" "rule:PROJECT_ADMIN";
    NodeValidate "node:validate" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeSetMaintenance "node:set_maintenance" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeClearMaintenance "node:clear_maintenance" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeGetBootDevice "node:get_boot_device" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    NodeSetBootDevice "node:set_boot_device" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    NodeGetIndicatorState "node:get_indicator_state" "rule:SYSTEM_OR_PROJECT_READER";
    NodeSetIndicatorState "node:set_indicator_state" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeInjectNmi "node:inject_nmi" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    NodeGetStates "node:get_states" "rule:SYSTEM_OR_PROJECT_READER";
    NodeSetPowerState "node:set_power_state" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeSetBootMode "node:set_boot_mode" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeSetSecureBoot "node:set_secure_boot" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeSetProvisionState "node:set_provision_state" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeSetProvisionStateCleanSteps "node:set_provision_state:clean_steps" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeSetProvisionStateServiceSteps "node:set_provision_state:service_steps" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeSetRaidState "node:set_raid_state" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeGetConsole "node:get_console" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeSetConsoleState "node:set_console_state" "rule:SYSTEM_MEMBER_OR_OWNER_MEMBER";
    NodeVifList "node:vif:list" "rule:SYSTEM_OR_PROJECT_READER";
    NodeVifAttach "node:vif:attach" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeVifDetach "node:vif:detach" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    NodeTraitsList "node:traits:list" "rule:SYSTEM_OR_PROJECT_READER";
    NodeTraitsSet "node:traits:set" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    NodeTraitsDelete "node:traits:delete" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    NodeBiosGet "node:bios:get" "rule:SYSTEM_OR_PROJECT_READER";
    NodeDisableCleaning "node:disable_cleaning" "rule:SYSTEM_ADMIN";
    NodeHistoryGet "node:history:get" "rule:SYSTEM_OR_OWNER_READER";
    NodeInventoryGet "node:inventory:get" "rule:SYSTEM_OR_OWNER_READER";
    NodeUpdateShard "node:update:shard" "rule:SYSTEM_ADMIN";
    ShardsGet "shards:get" "rule:SYSTEM_READER";
    NodeUpdateParentNode "node:update:parent_node" "rule:SYSTEM_MEMBER";
    NodeUpdateDisablePowerOff "node:update:disable_power_off" "rule:SYSTEM_ADMIN";
    NodeFirmwareGet "node:firmware:get" "rule:SYSTEM_OR_PROJECT_READER";
    NodeVmediaAttach "node:vmedia:attach" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeVmediaDetach "node:vmedia:detach" "rule:SYSTEM_OR_PROJECT_MEMBER";
    NodeVmediaGet "node:vmedia:get" "rule:SYSTEM_OR_PROJECT_READER";
    PortGet "port:get" "rule:SYSTEM_OR_PROJECT_READER";
    PortList "port:list" "rule:API_READER";
    PortListAll "port:list_all" "rule:SYSTEM_READER";
    PortCreate "port:create" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN";
    PortDelete "port:delete" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN";
    PortUpdate "port:update" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    PortgroupGet "portgroup:get" "rule:SYSTEM_OR_PROJECT_READER";
    PortgroupCreate "portgroup:create" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN";
    PortgroupDelete "portgroup:delete" "rule:SYSTEM_ADMIN_OR_OWNER_ADMIN";
    PortgroupUpdate "portgroup:update" "rule:SYSTEM_MEMBER_OR_OWNER_ADMIN";
    PortgroupList "portgroup:list" "rule:API_READER";
    PortgroupListAll "portgroup:list_all" "rule:SYSTEM_READER";
    ChassisGet "chassis:get" "rule:SYSTEM_READER";
    ChassisCreate "chassis:create" "rule:SYSTEM_ADMIN";
    ChassisDelete "chassis:delete" "rule:SYSTEM_ADMIN";
    ChassisUpdate "chassis:update" "rule:SYSTEM_MEMBER";
    DriverGet "driver:get" "rule:SYSTEM_READER";
    DriverGetProperties "driver:get_properties" "rule:SYSTEM_READER";
    DriverGetRaidLogicalDiskProperties "driver:get_raid_logical_disk_properties" "rule:SYSTEM_READER";
    NodeVendorPassthru "node:vendor_passthru" "rule:SYSTEM_ADMIN";
    DriverVendorPassthru "driver:vendor_passthru" "rule:SYSTEM_ADMIN";
    NodeIpaHeartbeat "node:ipa_heartbeat" "";
    DriverIpaLookup "driver:ipa_lookup" "";
    DriverIpaContinueInspection "driver:ipa_continue_inspection" "";
    VolumeListAll "volume:list_all" "rule:SYSTEM_READER";
    VolumeList "volume:list" "rule:API_READER";
    VolumeGet "volume:get" "rule:SYSTEM_OR_PROJECT_READER";
    VolumeCreate "volume:create" "rule:SYSTEM_MEMBER_OR_OWNER_LESSEE_ADMIN";
    VolumeDelete "volume:delete" "rule:SYSTEM_MEMBER_OR_OWNER_LESSEE_ADMIN";
    VolumeUpdate "volume:update" "rule:SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN";
    VolumeViewTargetProperties "volume:view_target_properties" "rule:TARGET_PROPERTIES_READER";
    ConductorGet "conductor:get" "rule:SYSTEM_READER";
    AllocationGet "allocation:get" "rule:ALLOCATION_READER";
    AllocationList "allocation:list" "rule:API_READER";
    AllocationListAll "allocation:list_all" "rule:SYSTEM_READER";
    AllocationCreate "allocation:create" "rule:ALLOCATION_CREATOR";
    AllocationCreateRestricted "allocation:create_restricted" "rule:SYSTEM_MEMBER";
    AllocationDelete "allocation:delete" "rule:ALLOCATION_MEMBER";
    AllocationUpdate "allocation:update" "rule:ALLOCATION_MEMBER";
    AllocationCreatePreRbac "allocation:create_pre_rbac" "(rule:is_member and role:baremetal_admin) or (is_admin_project:True and role:admin)";
    EventsPost "events:post" "rule:SYSTEM_ADMIN";
    DeployTemplateGet "deploy_template:get" "rule:SYSTEM_READER";
    DeployTemplateCreate "deploy_template:create" "rule:SYSTEM_ADMIN";
    DeployTemplateDelete "deploy_template:delete" "rule:SYSTEM_ADMIN";
    DeployTemplateUpdate "deploy_template:update" "rule:SYSTEM_ADMIN";
    RunbookGet "runbook:get" "rule:RUNBOOK_READER";
    RunbookList "runbook:list" "rule:API_READER";
    RunbookListAll "runbook:list_all" "rule:SYSTEM_READER";
    RunbookCreate "runbook:create" "rule:RUNBOOK_CREATOR";
    RunbookDelete "runbook:delete" "rule:RUNBOOK_ADMIN";
    RunbookUpdate "runbook:update" "rule:RUNBOOK_ADMIN";
    RunbookUpdatePublic "runbook:update:public" "rule:SYSTEM_MEMBER";
    RunbookUpdateOwner "runbook:update:owner" "rule:SYSTEM_MEMBER";
    RunbookUse "runbook:use" "rule:RUNBOOK_ADMIN";
    InspectionRuleGet "inspection_rule:get" "rule:SYSTEM_READER";
    InspectionRuleListAll "inspection_rule:list_all" "rule:SYSTEM_READER";
    InspectionRuleCreate "inspection_rule:create" "rule:SYSTEM_ADMIN";
    InspectionRuleUpdate "inspection_rule:update" "rule:SYSTEM_ADMIN";
    InspectionRuleDelete "inspection_rule:delete" "rule:SYSTEM_ADMIN";
}

impl Rule {
    /// Its name, as policy files and refusals have it.
    pub fn name(self) -> String {
        format!("baremetal:{}", RULES[self as usize].1)
    }
}
