-- API processes that live: they share the connections to this database.
CREATE TABLE api_processes (
    id TEXT PRIMARY KEY,
    seen_at TIMESTAMP NOT NULL
);
