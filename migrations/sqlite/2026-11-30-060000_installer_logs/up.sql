-- What the installer of a node logged last; one row for each node, of its last installation.
CREATE TABLE installer_logs (
    node_uuid TEXT NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    tail TEXT NOT NULL
);
