-- What time does to runs: closed when their writers are silent, purged when they were deleted long ago.

-- Null while active. A binary of the migration before does not write it: purging looks after that.
ALTER TABLE experiment ADD COLUMN delete_time timestamptz;
ALTER TABLE run ADD COLUMN delete_time timestamptz;
UPDATE experiment SET delete_time = event_time WHERE lifecycle_state = 2;
UPDATE run SET delete_time = event_time WHERE lifecycle_state = 2;
CREATE INDEX run_deleted ON run (delete_time) WHERE lifecycle_state = 2;

-- Why the server gave the run its status; empty when a client did.
ALTER TABLE run ADD COLUMN status_message text NOT NULL DEFAULT '';
-- The runs among which stale ones are looked for: few, however many have ended.
CREATE INDEX run_running ON run (run_id) WHERE status = 1;

-- Runs that are purged, while something of what they logged is left.
CREATE TABLE purged_run (
    run_id uuid PRIMARY KEY
);
