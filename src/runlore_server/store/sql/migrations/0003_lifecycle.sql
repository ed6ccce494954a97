-- Deleting and restoring, trees of runs and sweeps; where another tool keeps files.

-- The defaults serve a binary of the migration before, which does not know the columns.
ALTER TABLE experiment ADD COLUMN artifact_location text NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN artifact_location text NOT NULL DEFAULT '';

-- Children in the order in which a tree lists them.
CREATE INDEX run_by_parent_start ON run (parent_run_id, start_time, run_id) WHERE parent_run_id IS NOT NULL;
DROP INDEX run_by_parent;
