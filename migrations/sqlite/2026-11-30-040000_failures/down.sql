DROP TABLE node_hardware;
DROP TABLE task_troubles;
DROP TABLE error_fingerprints;
DROP INDEX node_history_created_at;
DROP INDEX node_history_fingerprint;
ALTER TABLE node_history DROP COLUMN exchange;
ALTER TABLE node_history DROP COLUMN fingerprint;
