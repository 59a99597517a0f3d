DROP TRIGGER nodes_changed ON nodes;
DROP FUNCTION note_node_change();
DROP TABLE node_changes;
