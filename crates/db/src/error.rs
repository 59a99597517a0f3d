//! What can go wrong with the database, by what the caller can do about it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// A failure of the database. No text of it holds SQL, values or the password; those stay in `source`, for logs.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// `database.url` cannot be used; only an operator can mend it.
    #[error("database.url: {problem}")]
    Config {
        /// What is wrong with it.
        problem: String,
    },
    /// The server does not answer, refuses connections or dropped this one.
    #[error("the database named by database.url cannot be reached: {reason}")]
    Unreachable {
        /// What the network or the server said.
        reason: String,
    },
    /// Something took longer than it may.
    #[error("the database took too long to {doing}")]
    Timeout {
        /// What was being waited for.
        doing: &'static str,
    },
    /// Others wrote the same rows at the same time, again and again.
    #[error("the database is busy with conflicting writes")]
    Busy,
    /// The write would break a rule between rows.
    #[error("{constraint}")]
    Conflict {
        /// Which rule.
        constraint: Conflict,
    },
    /// Lists cannot be sorted by this key.
    #[error("cannot sort by '{0}'")]
    UnsupportedSort(String),
    /// A stored value that this version does not understand.
    #[error("the database holds an unknown value in {column}: {value}")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// The word found, or what is wrong with a document.
        value: String,
    },
    /// The schema could not be brought to this version.
    #[error("migration failed: {reason}")]
    Migration {
        /// Which migration, and what the database said.
        reason: String,
    },
    /// A defect: the database refused a statement.
    #[error("the database refused a statement")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Rules between rows that a write can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Conflict {
    /// Two nodes with one UUID.
    #[error("a node with this UUID already exists")]
    NodeUuid,
    /// Two nodes with one name.
    #[error("a node with this name already exists")]
    NodeName,
    /// An instance on two nodes.
    #[error("the instance is already associated with another node")]
    InstanceUuid,
    /// Two ports with one UUID.
    #[error("a port with this UUID already exists")]
    PortUuid,
    /// Two ports with one MAC address.
    #[error("a port with this address already exists")]
    PortAddress,
    /// Two ports with one name.
    #[error("a port with this name already exists")]
    PortName,
    /// Two inspection rules with one UUID.
    #[error("an inspection rule with this UUID already exists")]
    InspectionRuleUuid,
    /// Two allocations with one UUID.
    #[error("an allocation with this UUID already exists")]
    AllocationUuid,
    /// Two allocations with one name.
    #[error("an allocation with this name already exists")]
    AllocationName,
    /// Two allocations with one node.
    #[error("the node has an allocation already")]
    AllocationNode,
    /// Two deploy templates with one UUID.
    #[error("a deploy template with this UUID already exists")]
    DeployTemplateUuid,
    /// Two deploy templates with one name.
    #[error("a deploy template with this name already exists")]
    DeployTemplateName,
    /// Two runbooks with one UUID.
    #[error("a runbook with this UUID already exists")]
    RunbookUuid,
    /// Two runbooks with one name.
    #[error("a runbook with this name already exists")]
    RunbookName,
    /// Two volume connectors with one UUID.
    #[error("a volume connector with this UUID already exists")]
    VolumeConnectorUuid,
    /// Two volume connectors of one type with one name.
    #[error("a volume connector with this type and name already exists")]
    VolumeConnectorName,
    /// Two volume targets with one UUID.
    #[error("a volume target with this UUID already exists")]
    VolumeTargetUuid,
    /// Two volume targets of one node with one boot index.
    #[error("a volume target with this boot index already exists")]
    VolumeTargetBootIndex,
    /// Two tasks with one identity or one boot token.
    #[error("the task already exists")]
    Task,
    /// Two entries with one UUID.
    #[error("the history entry already exists")]
    HistoryUuid,
    /// The node that the row belongs to does not exist (any more).
    #[error("the node does not exist")]
    NodeGone,
    /// Two chassis with one UUID.
    #[error("a chassis with this UUID already exists")]
    ChassisUuid,
    /// The chassis that a node names does not exist (any more).
    #[error("the chassis does not exist")]
    ChassisGone,
    /// A chassis that nodes name cannot be deleted.
    #[error("the chassis contains nodes")]
    ChassisInUse,
    /// Two portgroups with one UUID.
    #[error("a portgroup with this UUID already exists")]
    PortgroupUuid,
    /// Two portgroups with one name.
    #[error("a portgroup with this name already exists")]
    PortgroupName,
    /// Two portgroups with one MAC address.
    #[error("a portgroup with this address already exists")]
    PortgroupAddress,
    /// A portgroup that has ports cannot be deleted.
    #[error("the portgroup contains ports")]
    PortgroupInUse,
    /// Two operations with one UUID.
    #[error("an operation with this UUID already exists")]
    OperationUuid,
    /// A rule without a name here: a defect.
    #[error("the row contradicts another one")]
    Other,
}

/// Unique indexes: the name that PostgreSQL reports, the column that SQLite reports, and what it means.
const UNIQUE: &[(&str, &str, Conflict)] = &[
    ("nodes_uuid", "nodes.uuid", Conflict::NodeUuid),
    ("nodes_name", "nodes.name", Conflict::NodeName),
    ("nodes_instance_uuid", "nodes.instance_uuid", Conflict::InstanceUuid),
    ("ports_uuid", "ports.uuid", Conflict::PortUuid),
    ("ports_address", "ports.address", Conflict::PortAddress),
    ("ports_name", "ports.name", Conflict::PortName),
    ("inspection_rules_uuid", "inspection_rules.uuid", Conflict::InspectionRuleUuid),
    ("allocations_uuid", "allocations.uuid", Conflict::AllocationUuid),
    ("allocations_name", "allocations.name", Conflict::AllocationName),
    ("allocations_node_uuid", "allocations.node_uuid", Conflict::AllocationNode),
    ("deploy_templates_uuid", "deploy_templates.uuid", Conflict::DeployTemplateUuid),
    ("deploy_templates_name", "deploy_templates.name", Conflict::DeployTemplateName),
    ("runbooks_uuid", "runbooks.uuid", Conflict::RunbookUuid),
    ("runbooks_name", "runbooks.name", Conflict::RunbookName),
    ("volume_connectors_uuid", "volume_connectors.uuid", Conflict::VolumeConnectorUuid),
    (
        "volume_connectors_type_connector_id",
        "volume_connectors.type, volume_connectors.connector_id",
        Conflict::VolumeConnectorName,
    ),
    ("volume_targets_uuid", "volume_targets.uuid", Conflict::VolumeTargetUuid),
    (
        "volume_targets_node_uuid_boot_index",
        "volume_targets.node_uuid, volume_targets.boot_index",
        Conflict::VolumeTargetBootIndex,
    ),
    ("tasks_pkey", "tasks.id", Conflict::Task),
    ("tasks_boot_token", "tasks.boot_token", Conflict::Task),
    ("node_history_uuid", "node_history.uuid", Conflict::HistoryUuid),
    ("portgroups_uuid", "portgroups.uuid", Conflict::PortgroupUuid),
    ("portgroups_name", "portgroups.name", Conflict::PortgroupName),
    ("portgroups_address", "portgroups.address", Conflict::PortgroupAddress),
    ("chassis_uuid", "chassis.uuid", Conflict::ChassisUuid),
    ("operations_uuid", "operations.uuid", Conflict::OperationUuid),
];

impl DbError {
    /// A short constant word for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Busy => "busy",
            Self::Conflict { .. } => "conflict",
            Self::UnsupportedSort(_) => "unsupported_sort",
            Self::Corrupt { .. } => "corrupt",
            Self::Migration { .. } => "migration",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether the same call may succeed later.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::Busy)
    }

    /// The same failure for somebody else who waited for the same, where it is not about one of them.
    pub fn for_another(&self) -> Option<Self> {
        match self {
            Self::Unreachable { reason } => Some(Self::Unreachable { reason: reason.clone() }),
            Self::Timeout { doing } => Some(Self::Timeout { doing }),
            Self::Busy => Some(Self::Busy),
            _ => None,
        }
    }

    /// The same, where a broken foreign key of the statement means `rule`: SQLite does not say which one was broken.
    pub(crate) fn foreign_key_is(self, rule: Conflict) -> Self {
        match self {
            Self::Conflict { constraint: Conflict::NodeGone } => Self::Conflict { constraint: rule },
            other => other,
        }
    }

    /// Sorts what diesel says.
    pub(crate) fn from_diesel(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        let DieselError::DatabaseError(kind, information) = &error else {
            return Self::Internal(Box::new(error));
        };
        let message = information.message();
        match kind {
            Kind::UniqueViolation => Self::Conflict { constraint: broken_rule(information.as_ref()) },
            Kind::ForeignKeyViolation => Self::Conflict { constraint: Conflict::NodeGone },
            Kind::SerializationFailure => Self::Busy,
            Kind::ClosedConnection | Kind::UnableToSendCommand => {
                Self::Unreachable { reason: message.to_owned() }
            }
            _ if PASSING.iter().any(|text| message.contains(text)) => Self::Busy,
            _ if ENDING.iter().any(|text| message.contains(text)) => {
                Self::Unreachable { reason: message.to_owned() }
            }
            _ if message.contains("statement timeout") => Self::Timeout { doing: "run a statement" },
            _ => Self::Internal(Box::new(error)),
        }
    }
}

/// Texts of failures that pass by themselves; diesel keeps no error code for them.
const PASSING: [&str; 4] =
    ["database is locked", "database table is locked", "deadlock detected", "lock timeout"];

/// Texts of a server that goes away or is not ready yet.
const ENDING: [&str; 4] = [
    "terminating connection",
    "the database system is shutting down",
    "the database system is starting up",
    "idle-in-transaction timeout",
];

fn broken_rule(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Conflict {
    let index = information.constraint_name();
    let columns = information.message().rsplit(": ").next();
    UNIQUE
        .iter()
        .find(|(name, column, _)| index == Some(*name) || (index.is_none() && columns == Some(*column)))
        .map_or(Conflict::Other, |row| row.2)
}
