DROP TRIGGER nodes_created;
DROP TRIGGER nodes_updated;
DROP TRIGGER nodes_deleted;
DROP TABLE node_changes;
