DROP TABLE node_inventory;
DROP TABLE node_history;
DROP TABLE outbox;
DROP TABLE tasks;
DROP TABLE conductors;
DROP TABLE ports;
DROP TABLE nodes;
