-- Nodes are spread over 1024 buckets by their row number; what is done now and then for every node is done for some buckets
-- at a time. Row numbers are dense, so that the buckets are even whatever UUIDs the nodes have.
CREATE INDEX nodes_bucket ON nodes ((id % 1024), id);
