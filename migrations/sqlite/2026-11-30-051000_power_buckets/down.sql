DROP INDEX nodes_bucket;
