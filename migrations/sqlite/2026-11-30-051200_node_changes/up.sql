-- Every write of a node, for those who watch: noted with the write itself, whoever makes it.
CREATE TABLE node_changes (
    revision INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    node_uuid TEXT NOT NULL,
    generation BIGINT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT,
    lessee TEXT,
    owner_before TEXT,
    lessee_before TEXT
);
CREATE TRIGGER nodes_created AFTER INSERT ON nodes
    BEGIN
        INSERT INTO node_changes (node_uuid, generation, kind, owner, lessee)
            VALUES (NEW.uuid, NEW.generation, 'created', NEW.owner, NEW.lessee);
    END;
CREATE TRIGGER nodes_updated AFTER UPDATE ON nodes
    BEGIN
        INSERT INTO node_changes (node_uuid, generation, kind, owner, lessee, owner_before, lessee_before)
            VALUES (NEW.uuid, NEW.generation, 'updated', NEW.owner, NEW.lessee, OLD.owner, OLD.lessee);
    END;
CREATE TRIGGER nodes_deleted AFTER DELETE ON nodes
    BEGIN
        INSERT INTO node_changes (node_uuid, generation, kind, owner_before, lessee_before)
            VALUES (OLD.uuid, OLD.generation, 'deleted', OLD.owner, OLD.lessee);
    END;
