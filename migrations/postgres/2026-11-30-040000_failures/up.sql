-- Failures: what was said to BMCs, what makes two of them the same, and what went wrong before one.
ALTER TABLE node_history ADD COLUMN fingerprint TEXT COLLATE "C";
ALTER TABLE node_history ADD COLUMN exchange TEXT COLLATE "C";
CREATE INDEX node_history_fingerprint ON node_history (fingerprint, node_uuid) WHERE fingerprint IS NOT NULL;
-- The history of all nodes, newest first.
CREATE INDEX node_history_created_at ON node_history (created_at, id);

-- One row for each kind of failure there ever was; counted in the transaction that writes the entry.
CREATE TABLE error_fingerprints (
    fingerprint TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C",
    message_id TEXT COLLATE "C",
    template TEXT COLLATE "C" NOT NULL,
    first_seen TIMESTAMP NOT NULL,
    last_seen TIMESTAMP NOT NULL,
    seen BIGINT NOT NULL
);
CREATE INDEX error_fingerprints_seen ON error_fingerprints (seen, fingerprint);
CREATE INDEX error_fingerprints_last_seen ON error_fingerprints (last_seen);

-- What went wrong during a task without ending it, one row for each code.
CREATE TABLE task_troubles (
    task_id TEXT COLLATE "C" NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    code TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C",
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (task_id, code)
);

-- What a node is, as far as failures may have to do with it; unlike an inventory it can be grouped by.
CREATE TABLE node_hardware (
    node_uuid TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    vendor TEXT COLLATE "C",
    model TEXT COLLATE "C",
    bmc_firmware TEXT COLLATE "C",
    bios_version TEXT COLLATE "C"
);
CREATE INDEX node_hardware_model ON node_hardware (vendor, model, bmc_firmware);
