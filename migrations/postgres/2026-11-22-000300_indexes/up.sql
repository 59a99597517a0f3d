-- Filters of node lists, each in the order that pages have: a filtered page is one walk along an index. What only a few
-- nodes have is indexed for those nodes alone.
DROP INDEX nodes_provision_state;
CREATE INDEX nodes_provision_state ON nodes (provision_state, id);
DROP INDEX nodes_driver;
CREATE INDEX nodes_driver ON nodes (driver, id);
DROP INDEX nodes_resource_class;
CREATE INDEX nodes_resource_class ON nodes (resource_class, id);
DROP INDEX nodes_conductor_group;
CREATE INDEX nodes_conductor_group ON nodes (conductor_group, id);
DROP INDEX nodes_owner;
CREATE INDEX nodes_owner ON nodes (owner, id);
DROP INDEX nodes_lessee;
CREATE INDEX nodes_lessee ON nodes (lessee, id);
DROP INDEX nodes_shard;
CREATE INDEX nodes_shard ON nodes (shard, id);
DROP INDEX nodes_instance_name;
CREATE INDEX nodes_instance_name ON nodes (instance_name, id) WHERE instance_name IS NOT NULL;
DROP INDEX nodes_chassis_uuid;
CREATE INDEX nodes_chassis_uuid ON nodes (chassis_uuid, id) WHERE chassis_uuid IS NOT NULL;
DROP INDEX nodes_parent_node;
CREATE INDEX nodes_parent_node ON nodes (parent_node, id) WHERE parent_node IS NOT NULL;
DROP INDEX nodes_fault;
CREATE INDEX nodes_fault ON nodes (fault, id) WHERE fault IS NOT NULL;
CREATE INDEX nodes_associated ON nodes (id) WHERE instance_uuid IS NOT NULL;
-- Usual orders besides those.
CREATE INDEX nodes_name_id ON nodes (name, id);
CREATE INDEX nodes_created_at ON nodes (created_at, id);

DROP INDEX ports_node_uuid;
CREATE INDEX ports_node_uuid ON ports (node_uuid, id);
DROP INDEX node_history_node_uuid;
CREATE INDEX node_history_node_uuid ON node_history (node_uuid, created_at, id);

-- What is shown of a node may be kept as long as its generation stays: no write may leave it.
CREATE FUNCTION refuse_write_in_the_same_generation() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'a write of a node must count its generation up'; END $$;
CREATE TRIGGER nodes_generation BEFORE UPDATE ON nodes
    FOR EACH ROW WHEN (NEW.generation <= OLD.generation)
    EXECUTE FUNCTION refuse_write_in_the_same_generation();
