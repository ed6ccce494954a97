-- name: hold
-- Locks the run's live row, so that its streams wait.
SELECT is_live FROM run_live WHERE run_id = %(run_id)s::uuid FOR NO KEY UPDATE;

-- name: writer
SELECT sequence FROM run_writer WHERE run_id = %(run_id)s::uuid AND writer_id = %(writer_id)s;

