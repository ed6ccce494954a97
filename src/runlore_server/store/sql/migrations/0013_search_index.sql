-- What finds runs among a million: thin tables beside the runs, in the orders in which searches walk. They are filled
-- in the background (store/indexing.py); a search reads runs whose entries are not up to date from the runs themselves.

-- Keys of params, tags and metrics, and experiments, by small numbers that begin the indexes below. A number never
-- means another key; a key that nothing has any more keeps its own.
CREATE TABLE search_key (
    key_no    int      PRIMARY KEY,
    workspace text     NOT NULL,
    kind      smallint NOT NULL, -- store/finding/keys.py: KeyKind
    key       text     NOT NULL COLLATE "C",
    UNIQUE (workspace, kind, key)
);

-- An entry for each param and tag of a run, and its name. `value` is the beginning of the text, of at most 250
-- characters, as many as an order looks at. `neg_start` is the run's start in microseconds before the Unix epoch,
-- so that one ascending index has the latest run first among equals.
CREATE TABLE search_text (
    neg_start     bigint NOT NULL,
    run_id        uuid   NOT NULL,
    key_no        int    NOT NULL,
    experiment_no int    NOT NULL,
    value         text   NOT NULL COLLATE "C"
) WITH (autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_analyze_scale_factor = 0.02);

-- An entry for each metric of a run, null where a value is NaN or there is none.
CREATE TABLE search_metric (
    neg_start     bigint NOT NULL,
    last          float8,
    min           float8,
    max           float8,
    run_id        uuid   NOT NULL,
    key_no        int    NOT NULL,
    experiment_no int    NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_analyze_scale_factor = 0.02);

-- The experiment is in them so that a walk need not look at the table.
CREATE UNIQUE INDEX search_text_value ON search_text (key_no, value, neg_start, run_id) INCLUDE (experiment_no);
CREATE INDEX search_metric_last ON search_metric (key_no, last, neg_start, run_id) INCLUDE (experiment_no);
CREATE INDEX search_metric_min ON search_metric (key_no, min, neg_start, run_id) INCLUDE (experiment_no);
CREATE INDEX search_metric_max ON search_metric (key_no, max, neg_start, run_id) INCLUDE (experiment_no);
-- A run's entries, when it changes or goes. Equal keys share their place, so it is small.
CREATE INDEX search_text_run ON search_text (run_id);
CREATE INDEX search_metric_run ON search_metric (run_id);

-- Whose row is locked by the server that fills them.
CREATE TABLE search_indexing (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton)
);
INSERT INTO search_indexing (singleton) VALUES (true);

-- As of which revision a run's entries are; 0: it has none. Whatever changes a run moves its revision, and thereby says
-- that the entries are not up to date, also when it knows nothing of them; a change that leaves name, params and tags
-- alone may take the entries along.
ALTER TABLE run
    ADD COLUMN indexed_revision bigint NOT NULL DEFAULT 0,
    ADD COLUMN unindexed boolean NOT NULL GENERATED ALWAYS AS (revision <> indexed_revision) STORED;
-- As of which version the entries of a run's metrics are. A new row has no metrics, and so nothing to be indexed.
ALTER TABLE run_live
    ADD COLUMN indexed_version bigint NOT NULL DEFAULT -1,
    ADD COLUMN unindexed boolean NOT NULL GENERATED ALWAYS AS (version <> indexed_version) STORED;
ALTER TABLE run_live ALTER COLUMN indexed_version SET DEFAULT 0;

-- What failed, was killed, or has not begun; `run_running` has the rest of what few runs are.
CREATE INDEX run_unfinished ON run (status, start_time, run_id) WHERE status <> 1 AND status <> 3;
CREATE INDEX run_unindexed ON run (run_id) WHERE unindexed;
CREATE INDEX run_live_unindexed ON run_live (run_id) WHERE unindexed;

-- Walks in the order of starts, with what a walk can look at without the run itself. Its columns are those that other
-- indexes depend on too, so that no change of a run costs more for them.
DROP INDEX run_by_start;
CREATE INDEX run_by_start ON run (experiment_id, start_time DESC, run_id) INCLUDE (status, lifecycle_state);
CREATE INDEX run_of_workspace ON run (workspace, start_time DESC, run_id)
    INCLUDE (experiment_id, status, lifecycle_state);
