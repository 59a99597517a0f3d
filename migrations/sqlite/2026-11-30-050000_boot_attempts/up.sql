-- Attempts to boot, and what was seen of the files of each: the evidence from which a failure to boot is explained.
CREATE TABLE boot_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    node_uuid TEXT NOT NULL REFERENCES nodes (uuid) ON DELETE CASCADE,
    task_id TEXT,
    purpose TEXT NOT NULL,
    token TEXT NOT NULL,
    interface TEXT NOT NULL,
    number INTEGER NOT NULL,
    started_at TIMESTAMP NOT NULL,
    deadline_at TIMESTAMP,
    ended_at TIMESTAMP
);
CREATE UNIQUE INDEX boot_attempts_token ON boot_attempts (token);
CREATE INDEX boot_attempts_node_uuid ON boot_attempts (node_uuid);
CREATE INDEX boot_attempts_deadline ON boot_attempts (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX boot_attempts_ended_at ON boot_attempts (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE boot_files (
    attempt_id BIGINT NOT NULL REFERENCES boot_attempts (id) ON DELETE CASCADE,
    file TEXT NOT NULL,
    head_at TIMESTAMP,
    get_at TIMESTAMP,
    bytes BIGINT NOT NULL,
    total_bytes BIGINT NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    error TEXT,
    PRIMARY KEY (attempt_id, file)
);
