//! Names for groups of callers, one per row, and the roles that contain others.
//!
//! Source: `contract: rbac` section 4. Policy files may refer to these rows and replace them.

/// Roles from the mightiest down: each contains those behind it.
pub(super) const LADDER: [&str; 4] = ["admin", "manager", "member", "reader"];

/// Name and check of each row.
#[rustfmt::skip]
pub(super) const ROLES: &[(&str, &str)] = &[
    ("service_role", "role:service and project_name:%(config.service_project_name)s"),

    ("SYSTEM_ADMIN", "role:admin and system_scope:all"),
    ("SYSTEM_MEMBER", "(role:member and system_scope:all) or rule:service_role"),
    ("SYSTEM_READER", "(role:reader and system_scope:all) or rule:SYSTEM_SERVICE or rule:service_role"),
    ("SYSTEM_SERVICE", "role:service and system_scope:all"),
    ("API_READER", "role:reader or role:service"),

    ("OWNER_ADMIN", "role:admin and project_id:%(node.owner)s"),
    ("OWNER_MANAGER", "role:manager and project_id:%(node.owner)s"),
    ("OWNER_MEMBER", "role:member and project_id:%(node.owner)s"),
    ("OWNER_READER", "role:reader and project_id:%(node.owner)s"),
    ("LESSEE_ADMIN", "role:admin and project_id:%(node.lessee)s"),
    ("LESSEE_MANAGER", "role:manager and project_id:%(node.lessee)s"),
    ("LESSEE_MEMBER", "role:member and project_id:%(node.lessee)s"),
    ("LESSEE_READER", "role:reader and project_id:%(node.lessee)s"),
    ("PROJECT_SERVICE", "role:service and project_id:%(node.owner)s"),
    ("PROJECT_ADMIN", "rule:OWNER_ADMIN"),

    ("SYSTEM_OR_PROJECT_MEMBER", "rule:SYSTEM_MEMBER or rule:OWNER_MEMBER or rule:LESSEE_MEMBER or rule:SYSTEM_SERVICE"),
    ("SYSTEM_OR_PROJECT_READER", "rule:SYSTEM_READER or rule:OWNER_READER or rule:LESSEE_READER or rule:PROJECT_SERVICE"),
    ("SYSTEM_OR_OWNER_READER", "rule:SYSTEM_READER or rule:SYSTEM_SERVICE or rule:OWNER_READER or rule:PROJECT_SERVICE"),
    ("SYSTEM_MEMBER_OR_OWNER_MEMBER", "rule:SYSTEM_MEMBER or rule:SYSTEM_SERVICE or rule:OWNER_MEMBER or rule:PROJECT_SERVICE"),
    ("SYSTEM_MEMBER_OR_OWNER_ADMIN", "rule:SYSTEM_MEMBER or rule:SYSTEM_SERVICE or rule:OWNER_ADMIN or rule:OWNER_MANAGER or rule:PROJECT_SERVICE"),
    ("SYSTEM_ADMIN_OR_OWNER_ADMIN", "rule:SYSTEM_ADMIN or rule:SYSTEM_SERVICE or rule:OWNER_ADMIN or rule:OWNER_MANAGER or rule:PROJECT_SERVICE"),
    ("SYSTEM_OR_OWNER_MEMBER_AND_LESSEE_ADMIN", "rule:SYSTEM_MEMBER or rule:SYSTEM_SERVICE or rule:OWNER_MEMBER or rule:LESSEE_ADMIN or rule:LESSEE_MANAGER or rule:PROJECT_SERVICE"),
    ("SYSTEM_MEMBER_OR_OWNER_LESSEE_ADMIN", "rule:SYSTEM_MEMBER or rule:SYSTEM_SERVICE or rule:OWNER_ADMIN or rule:OWNER_MANAGER or rule:LESSEE_ADMIN or rule:LESSEE_MANAGER or rule:PROJECT_SERVICE"),

    ("ALLOCATION_MEMBER", "rule:SYSTEM_MEMBER or (role:member and project_id:%(allocation.owner)s)"),
    ("ALLOCATION_READER", "rule:SYSTEM_READER or (role:reader and project_id:%(allocation.owner)s)"),
    ("ALLOCATION_CREATOR", "rule:SYSTEM_MEMBER or role:member"),
    ("RUNBOOK_ADMIN", "rule:SYSTEM_MEMBER or (role:manager and project_id:%(runbook.owner)s) or role:service"),
    ("RUNBOOK_READER", "rule:SYSTEM_READER or (role:reader and project_id:%(runbook.owner)s) or role:service"),
    ("RUNBOOK_CREATOR", "rule:SYSTEM_MEMBER or role:manager or role:service"),
    ("OPERATION_READER", "rule:SYSTEM_READER or ((role:reader or role:service) and project_id:%(operation.owner)s)"),
    ("OPERATION_MEMBER", "rule:SYSTEM_MEMBER or rule:SYSTEM_SERVICE or ((role:member or role:service) and project_id:%(operation.owner)s)"),
    ("TARGET_PROPERTIES_READER", "rule:SYSTEM_READER or role:admin"),

    // What rules were made of before there were scopes.
    ("admin_api", "role:admin or role:administrator"),
    ("public_api", "is_public_api:True"),
    ("is_member", "(project_domain_id:default or project_domain_id:None) and (project_name:demo or project_name:baremetal)"),
    ("is_observer", "rule:is_member and (role:observer or role:baremetal_observer)"),
    ("is_admin", "rule:admin_api or (rule:is_member and role:baremetal_admin)"),
    ("is_node_owner", "project_id:%(node.owner)s"),
    ("is_node_lessee", "project_id:%(node.lessee)s"),
    ("is_allocation_owner", "project_id:%(allocation.owner)s"),
];
