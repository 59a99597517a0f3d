-- What changes with every action is in no index any more: nobody looks for nodes by who holds them, and of tasks only the
-- few that have not ended are looked for by anything but their identity. So both rows are written in place, for which
-- pages keep some room.
DROP INDEX nodes_reservation;
ALTER TABLE nodes SET (fillfactor = 80);
ALTER TABLE tasks SET (fillfactor = 70);
DROP INDEX tasks_lease;
DROP INDEX tasks_deadline;
DROP INDEX tasks_queued;
CREATE INDEX tasks_unfinished ON tasks (node_uuid) WHERE finished_at IS NULL;
CREATE INDEX tasks_deadline ON tasks (deadline_at) WHERE deadline_at IS NOT NULL;
