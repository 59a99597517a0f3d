-- Failures: what was said to BMCs, what makes two of them the same, and what went wrong before one.
ALTER TABLE node_history ADD COLUMN fingerprint TEXT;
ALTER TABLE node_history ADD COLUMN exchange TEXT;
CREATE INDEX node_history_fingerprint ON node_history (fingerprint, node_uuid) WHERE fingerprint IS NOT NULL;
-- The history of all nodes, newest first.
CREATE INDEX node_history_created_at ON node_history (created_at, id);

-- One row for each kind of failure there ever was; counted in the transaction that writes the entry.
CREATE TABLE error_fingerprints (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    step TEXT,
    message_id TEXT,
    template TEXT NOT NULL,
    first_seen TIMESTAMP NOT NULL,
    last_seen TIMESTAMP NOT NULL,
    seen BIGINT NOT NULL
);
CREATE INDEX error_fingerprints_seen ON error_fingerprints (seen, fingerprint);
CREATE INDEX error_fingerprints_last_seen ON error_fingerprints (last_seen);

-- What went wrong during a task without ending it, one row for each code.
CREATE TABLE task_troubles (
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    summary TEXT NOT NULL,
    evidence TEXT,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (task_id, code)
);

-- What a node is, as far as failures may have to do with it; unlike an inventory it can be grouped by.
CREATE TABLE node_hardware (
    node_uuid TEXT NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    vendor TEXT,
    model TEXT,
    bmc_firmware TEXT,
    bios_version TEXT
);
CREATE INDEX node_hardware_model ON node_hardware (vendor, model, bmc_firmware);
