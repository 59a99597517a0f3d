-- Nodes: what is filtered, sorted or compared-and-set is a column, the rest lies in two documents.
CREATE TABLE nodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    generation BIGINT NOT NULL,
    name TEXT,
    driver TEXT NOT NULL,
    provision_state TEXT NOT NULL,
    target_provision_state TEXT,
    provision_updated_at TIMESTAMP,
    power_state TEXT,
    target_power_state TEXT,
    maintenance BOOLEAN NOT NULL,
    fault TEXT,
    reservation TEXT,
    instance_uuid TEXT,
    instance_name TEXT,
    allocation_uuid TEXT,
    resource_class TEXT,
    conductor_group TEXT NOT NULL,
    owner TEXT,
    lessee TEXT,
    shard TEXT,
    parent_node TEXT,
    chassis_uuid TEXT,
    retired BOOLEAN NOT NULL,
    description TEXT,
    traits TEXT NOT NULL,
    inspection_started_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP,
    spec TEXT NOT NULL,
    status TEXT NOT NULL
);
CREATE UNIQUE INDEX nodes_uuid ON nodes (uuid);
CREATE UNIQUE INDEX nodes_name ON nodes (name);
CREATE UNIQUE INDEX nodes_instance_uuid ON nodes (instance_uuid);
CREATE INDEX nodes_provision_state ON nodes (provision_state);
CREATE INDEX nodes_driver ON nodes (driver);
CREATE INDEX nodes_resource_class ON nodes (resource_class);
CREATE INDEX nodes_conductor_group ON nodes (conductor_group);
CREATE INDEX nodes_owner ON nodes (owner);
CREATE INDEX nodes_lessee ON nodes (lessee);
CREATE INDEX nodes_shard ON nodes (shard);
CREATE INDEX nodes_instance_name ON nodes (instance_name);
CREATE INDEX nodes_chassis_uuid ON nodes (chassis_uuid) WHERE chassis_uuid IS NOT NULL;
CREATE INDEX nodes_parent_node ON nodes (parent_node) WHERE parent_node IS NOT NULL;
CREATE INDEX nodes_reservation ON nodes (reservation) WHERE reservation IS NOT NULL;
CREATE INDEX nodes_fault ON nodes (fault) WHERE fault IS NOT NULL;
CREATE INDEX nodes_maintenance ON nodes (id) WHERE maintenance;
CREATE INDEX nodes_retired ON nodes (id) WHERE retired;

CREATE TABLE ports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    node_uuid TEXT NOT NULL REFERENCES nodes (uuid) ON DELETE CASCADE,
    address TEXT NOT NULL,
    name TEXT,
    portgroup_uuid TEXT,
    pxe_enabled BOOLEAN NOT NULL,
    physical_network TEXT,
    detail TEXT NOT NULL,
    created_at TIMESTAMP,
    updated_at TIMESTAMP
);
CREATE UNIQUE INDEX ports_uuid ON ports (uuid);
CREATE UNIQUE INDEX ports_address ON ports (address);
CREATE UNIQUE INDEX ports_name ON ports (name);
CREATE INDEX ports_node_uuid ON ports (node_uuid);
CREATE INDEX ports_portgroup_uuid ON ports (portgroup_uuid) WHERE portgroup_uuid IS NOT NULL;

CREATE TABLE conductors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hostname TEXT NOT NULL,
    conductor_group TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    drivers TEXT NOT NULL,
    online BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX conductors_hostname ON conductors (hostname);
CREATE INDEX conductors_updated_at ON conductors (updated_at);

-- One accepted execution of an action; (epoch, sequence) is the fence of every write.
CREATE TABLE tasks (
    id TEXT NOT NULL PRIMARY KEY,
    node_uuid TEXT NOT NULL,
    conductor_group TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    params TEXT NOT NULL,
    progress TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    lost_leases INTEGER NOT NULL,
    claimed_by TEXT,
    lease_expires_at TIMESTAMP,
    deadline_at TIMESTAMP,
    boot_token TEXT,
    requested_by TEXT,
    project TEXT,
    request_id TEXT,
    result TEXT,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP
);
CREATE UNIQUE INDEX tasks_boot_token ON tasks (boot_token);
CREATE INDEX tasks_node_uuid ON tasks (node_uuid);
CREATE INDEX tasks_lease ON tasks (state, lease_expires_at);
CREATE INDEX tasks_deadline ON tasks (state, deadline_at);
CREATE INDEX tasks_queued ON tasks (state, created_at);
CREATE INDEX tasks_finished_at ON tasks (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    conductor_group TEXT NOT NULL,
    payload BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE node_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL,
    node_uuid TEXT NOT NULL REFERENCES nodes (uuid) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    conductor TEXT,
    event_type TEXT NOT NULL,
    severity TEXT NOT NULL,
    event TEXT NOT NULL,
    requested_by TEXT,
    project TEXT,
    state TEXT,
    target_provision_state TEXT,
    duration_seconds BIGINT,
    details TEXT NOT NULL
);
CREATE UNIQUE INDEX node_history_uuid ON node_history (uuid);
CREATE INDEX node_history_node_uuid ON node_history (node_uuid, created_at);

CREATE TABLE node_inventory (
    node_uuid TEXT NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    inventory TEXT NOT NULL,
    plugin_data TEXT NOT NULL
);
