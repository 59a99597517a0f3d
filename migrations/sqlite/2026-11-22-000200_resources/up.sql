-- Everything else that the REST API speaks of. Documents that nothing searches by are JSON in text.

-- Chassis group nodes.
CREATE TABLE chassis (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    description TEXT,
    extra TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX chassis_uuid ON chassis (uuid);

-- Ports that are bonded.
CREATE TABLE portgroups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    node_uuid TEXT NOT NULL REFERENCES nodes (uuid) ON DELETE CASCADE,
    name TEXT,
    address TEXT,
    mode TEXT,
    standalone_ports_supported BOOLEAN NOT NULL,
    physical_network TEXT,
    category TEXT,
    dynamic_portgroup BOOLEAN NOT NULL,
    detail TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX portgroups_uuid ON portgroups (uuid);
CREATE UNIQUE INDEX portgroups_name ON portgroups (name);
CREATE UNIQUE INDEX portgroups_address ON portgroups (address);
CREATE INDEX portgroups_node_uuid ON portgroups (node_uuid);

-- Requests for a node, and which node they got.
CREATE TABLE allocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    generation BIGINT NOT NULL,
    name TEXT,
    node_uuid TEXT REFERENCES nodes (uuid) ON DELETE CASCADE,
    state TEXT NOT NULL,
    resource_class TEXT,
    owner TEXT,
    last_error TEXT,
    traits TEXT NOT NULL,
    candidate_nodes TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX allocations_uuid ON allocations (uuid);
CREATE UNIQUE INDEX allocations_name ON allocations (name);
CREATE UNIQUE INDEX allocations_node_uuid ON allocations (node_uuid);
CREATE INDEX allocations_state ON allocations (state);
CREATE INDEX allocations_resource_class ON allocations (resource_class);
CREATE INDEX allocations_owner ON allocations (owner);
-- Nodes that an allocation may get.
CREATE INDEX nodes_free ON nodes (resource_class) WHERE provision_state = 'available' AND instance_uuid IS NULL;

-- Steps that a trait of an instance adds to its deployment.
CREATE TABLE deploy_templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    generation BIGINT NOT NULL,
    name TEXT NOT NULL,
    steps TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX deploy_templates_uuid ON deploy_templates (uuid);
CREATE UNIQUE INDEX deploy_templates_name ON deploy_templates (name);

-- Steps that somebody approved under a name.
CREATE TABLE runbooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    generation BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    disable_ramdisk BOOLEAN NOT NULL,
    public BOOLEAN NOT NULL,
    owner TEXT,
    traits TEXT NOT NULL,
    steps TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX runbooks_uuid ON runbooks (uuid);
CREATE UNIQUE INDEX runbooks_name ON runbooks (name);
CREATE INDEX runbooks_owner ON runbooks (owner);

-- How a node identifies itself to remote storage.
CREATE TABLE volume_connectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    node_uuid TEXT NOT NULL REFERENCES nodes (uuid) ON DELETE CASCADE,
    type TEXT NOT NULL,
    connector_id TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX volume_connectors_uuid ON volume_connectors (uuid);
CREATE UNIQUE INDEX volume_connectors_type_connector_id ON volume_connectors (type, connector_id);
CREATE INDEX volume_connectors_node_uuid ON volume_connectors (node_uuid);

-- Remote volumes that a node uses.
CREATE TABLE volume_targets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    node_uuid TEXT NOT NULL REFERENCES nodes (uuid) ON DELETE CASCADE,
    volume_type TEXT NOT NULL,
    boot_index BIGINT NOT NULL,
    volume_id TEXT NOT NULL,
    properties TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX volume_targets_uuid ON volume_targets (uuid);
CREATE UNIQUE INDEX volume_targets_node_uuid_boot_index ON volume_targets (node_uuid, boot_index);

-- What to do with what inspection finds.
CREATE TABLE inspection_rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    priority BIGINT NOT NULL,
    description TEXT,
    phase TEXT,
    sensitive BOOLEAN NOT NULL,
    conditions TEXT NOT NULL,
    actions TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX inspection_rules_uuid ON inspection_rules (uuid);
CREATE INDEX inspection_rules_phase ON inspection_rules (phase);

-- Work on many nodes that one request asked for.
CREATE TABLE operations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    generation BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    max_parallel BIGINT NOT NULL,
    failure_budget BIGINT,
    params TEXT NOT NULL,
    owner TEXT NOT NULL,
    actor TEXT NOT NULL,
    total BIGINT NOT NULL,
    lease_expires_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE UNIQUE INDEX operations_uuid ON operations (uuid);
CREATE INDEX operations_unfinished ON operations (id) WHERE finished_at IS NULL;
CREATE INDEX operations_owner ON operations (owner);

-- One node, or one document, of such work.
CREATE TABLE operation_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_uuid TEXT NOT NULL REFERENCES operations (uuid) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    document TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    retry_at TIMESTAMP,
    task_id TEXT,
    result TEXT,
    finished_at TIMESTAMP
);
CREATE UNIQUE INDEX operation_items_operation_uuid_position ON operation_items (operation_uuid, position);
CREATE INDEX operation_items_operation_uuid_state ON operation_items (operation_uuid, state);

-- The item whose work a task is.
ALTER TABLE tasks ADD COLUMN operation_item BIGINT;
CREATE INDEX tasks_operation_item ON tasks (operation_item) WHERE operation_item IS NOT NULL;

-- Answers to requests that may be sent again.
CREATE TABLE idempotency_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    identity TEXT NOT NULL,
    status BIGINT,
    location TEXT,
    body TEXT,
    claimed_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX idempotency_keys_caller_key ON idempotency_keys (caller, key);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- BIOS settings of a node, as last read.
CREATE TABLE node_bios (
    node_uuid TEXT NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    settings TEXT NOT NULL
);

-- Firmware components of a node, as last read.
CREATE TABLE node_firmware (
    node_uuid TEXT NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    components TEXT NOT NULL
);

-- Calls of vendor methods of hardware types, until their results are forgotten.
CREATE TABLE driver_calls (
    id TEXT NOT NULL PRIMARY KEY,
    conductor_group TEXT NOT NULL,
    driver TEXT NOT NULL,
    interface TEXT NOT NULL,
    method TEXT NOT NULL,
    http_method TEXT NOT NULL,
    args TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_by TEXT,
    result TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX driver_calls_created_at ON driver_calls (created_at);

-- What nodes and ports name exists, and cannot be deleted as long as they name it. Nothing was named before, so that the
-- columns may be made anew.
DROP INDEX nodes_chassis_uuid;
ALTER TABLE nodes DROP COLUMN chassis_uuid;
ALTER TABLE nodes ADD COLUMN chassis_uuid TEXT REFERENCES chassis (uuid);
CREATE INDEX nodes_chassis_uuid ON nodes (chassis_uuid) WHERE chassis_uuid IS NOT NULL;
DROP INDEX ports_portgroup_uuid;
ALTER TABLE ports DROP COLUMN portgroup_uuid;
ALTER TABLE ports ADD COLUMN portgroup_uuid TEXT REFERENCES portgroups (uuid);
CREATE INDEX ports_portgroup_uuid ON ports (portgroup_uuid) WHERE portgroup_uuid IS NOT NULL;
