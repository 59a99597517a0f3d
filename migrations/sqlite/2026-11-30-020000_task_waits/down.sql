DROP INDEX tasks_awaited_by;
DROP INDEX tasks_resume_at;
ALTER TABLE tasks DROP COLUMN awaited_by;
ALTER TABLE tasks DROP COLUMN resume_at;
