-- When a parked task goes on by itself, and the task that waits for its end.
ALTER TABLE tasks ADD COLUMN resume_at TIMESTAMP;
ALTER TABLE tasks ADD COLUMN awaited_by TEXT COLLATE "C";
CREATE INDEX tasks_resume_at ON tasks (resume_at) WHERE resume_at IS NOT NULL;
CREATE INDEX tasks_awaited_by ON tasks (awaited_by) WHERE awaited_by IS NOT NULL;
