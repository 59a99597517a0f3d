DROP INDEX tasks_unfinished;
DROP INDEX tasks_deadline;
CREATE INDEX tasks_lease ON tasks (state, lease_expires_at);
CREATE INDEX tasks_deadline ON tasks (state, deadline_at);
CREATE INDEX tasks_queued ON tasks (state, created_at);
ALTER TABLE tasks RESET (fillfactor);
ALTER TABLE nodes RESET (fillfactor);
CREATE INDEX nodes_reservation ON nodes (reservation) WHERE reservation IS NOT NULL;
