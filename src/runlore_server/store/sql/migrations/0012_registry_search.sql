-- What searches for versions begin with, beyond 0008: in the orders by number and of a stage, and by frozen params and metrics.

CREATE INDEX model_version_by_number ON model_version (version, model_id) WHERE delete_time IS NULL;
CREATE INDEX model_version_by_param ON model_version USING gin (params jsonb_path_ops);
-- Stage 1 is none, in which most versions are: their order's own index serves as well.
CREATE INDEX model_version_in_stage_by_number ON model_version (stage, version, model_id)
    WHERE delete_time IS NULL AND stage <> 1;
CREATE INDEX model_version_in_stage_by_creation ON model_version (stage, create_time)
    WHERE delete_time IS NULL AND stage <> 1;
CREATE INDEX model_version_in_stage_by_update ON model_version (stage, (coalesce(update_time, create_time)))
    WHERE delete_time IS NULL AND stage <> 1;
-- The newest version of a model, with its stage.
CREATE INDEX model_version_newest ON model_version (model_id, version, stage) WHERE delete_time IS NULL;
CREATE INDEX model_alias_by_alias ON model_alias (alias, model_id);

-- `model_version.metrics` again, a row a metric: JSON has no index by the size of its numbers. Constraints come after the rows of
-- the versions that there are: checked one by one, a million versions would take minutes.
CREATE TABLE model_version_metric (
    model_id uuid   NOT NULL,
    version  bigint NOT NULL,
    key      text COLLATE "C" NOT NULL,
    last     float8 NOT NULL
);
INSERT INTO model_version_metric (model_id, version, key, last)
SELECT v.model_id, v.version, e.key, e.value::float8
FROM model_version v, jsonb_each_text(v.metrics) AS e;
ALTER TABLE model_version_metric
    ADD PRIMARY KEY (model_id, version, key),
    ADD FOREIGN KEY (model_id, version) REFERENCES model_version ON DELETE CASCADE;
CREATE INDEX model_version_metric_by_last ON model_version_metric (key, last, model_id, version);

-- In which form what is searched for is noted, of params, metrics and the rows above; null: an earlier server wrote the row.
ALTER TABLE model_version ADD COLUMN searched smallint DEFAULT 1;
ALTER TABLE model_version ALTER COLUMN searched DROP DEFAULT;
DROP INDEX model_version_unfilled;
-- What is searched for of a PENDING version (1) is noted when it is complete.
CREATE INDEX model_version_unfilled ON model_version (model_id, version)
    WHERE (searched IS NULL OR params IS NULL) AND status <> 1;
