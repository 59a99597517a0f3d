-- What the installer of a node logged last; one row for each node, of its last installation.
CREATE TABLE installer_logs (
    node_uuid TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES nodes (uuid) ON DELETE CASCADE,
    task_id TEXT COLLATE "C" NOT NULL,
    tail TEXT COLLATE "C" NOT NULL
);
