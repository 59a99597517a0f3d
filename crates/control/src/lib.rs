#![doc = include_str!("../README.md")]

mod actor;
mod agent;
mod allocations;
mod begin;
mod belonging;
mod boot;
mod bulk;
mod chassis;
mod claim;
mod commit;
mod conductors;
mod conductors_list;
mod console;
mod control;
mod deploy_templates;
mod document;
mod drivers;
mod errands;
mod error;
mod fast_track;
mod health;
mod history;
mod inspection;
mod inspection_rules;
mod keyed;
mod management;
mod nodes;
mod observe;
mod operation;
mod outbox;
mod paging;
mod policy;
mod portgroups;
mod ports;
mod power;
mod provision;
mod raid;
mod report;
mod request_reads;
mod runbooks;
mod settings;
mod shards;
mod stored_steps;
mod sweep;
mod task_read;
mod trouble;
mod vendor;
mod vmedia_outcomes;
mod volume;
mod watch;

pub use actor::{Actor, RequestContext};
pub use agent::{Heartbeat, Lookup};
pub use allocations::NewAllocation;
pub use bulk::{BulkItems, BulkNews, BulkReading, NewBulk};
pub use chassis::NewChassis;
pub use claim::{ClaimAnswer, Grant};
pub use conductors::LeaseTerms;
pub use control::{Control, pick_conductor, pick_host};
pub use deploy_templates::NewDeployTemplate;
pub use document::DocumentShape;
pub use drivers::Driver;
pub use error::ControlError;
pub use ferric_bus::{Bus, BusConfig, connect as connect_bus};
pub use ferric_db::allocations::AllocationFilter;
pub use ferric_db::idempotency::StoredAnswer;
pub use ferric_db::nodes::{NodeFilter, NodeIdent, OfNodes};
pub use ferric_db::portgroups::PortgroupFilter;
pub use ferric_db::ports::PortFilter;
pub use ferric_db::vmedia_outcomes::VmediaFilter;
pub use ferric_db::{Cost, DatabaseConfig, Ident, Statement, Store, Tally};
pub use health::Readiness;
pub use history::{FingerprintQuery, HistoryQuery};
pub use inspection::{AddPorts, AutoDiscoverySettings, HookNames, InspectionSettings, KeepPorts, PciAlias};
pub use inspection_rules::NewInspectionRule;
pub use keyed::{Keyed, KeyedOutcome};
pub use management::VIRTUAL_MEDIA;
pub use nodes::{InterfaceVerdict, NewNode, PATCHABLE, UpdateNode};
pub use policy::{NodeSight, NodeSights, PolicyError, RULES, Rule, RuleRow, Scope, Target};
pub use portgroups::{NewPortgroup, UpdatePortgroup};
pub use ports::{NewPort, UpdatePort};
pub use provision::{
    CLEAN_STEPS, CONFIGDRIVE, DEPLOY_STEPS, ProvisionRequest, hash_rescue_password, read_clean_steps,
    read_configdrive, read_deploy_steps, read_service_steps, runbook_steps,
};
pub use report::ReportAnswer;
pub use request_reads::in_request;
pub use runbooks::NewRunbook;
pub use settings::{CleaningSource, ControlSettings};
pub use sweep::PowerReading;
pub use vendor::{VendorReply, VendorRequest};
pub use volume::{NewVolumeConnector, NewVolumeTarget};

#[cfg(feature = "testing")]
pub use ferric_db::testing;

use outbox::pause as outbox_pause;
