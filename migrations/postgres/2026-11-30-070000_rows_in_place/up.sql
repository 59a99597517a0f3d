-- Who holds a node, and how a task stands, change with every action and are in no index any more: nobody looks for nodes by
-- their holder, and tasks that have not ended are few enough to be looked through. So rows are mostly written in place, for
-- which pages keep some room.
DROP INDEX nodes_reservation;
ALTER TABLE nodes SET (fillfactor = 80);
ALTER TABLE tasks SET (fillfactor = 70);
DROP INDEX tasks_lease;
DROP INDEX tasks_deadline;
DROP INDEX tasks_queued;
CREATE INDEX tasks_unfinished ON tasks (node_uuid) WHERE finished_at IS NULL;
CREATE INDEX tasks_deadline ON tasks (deadline_at) WHERE deadline_at IS NOT NULL;
