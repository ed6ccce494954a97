-- What runs read and made: datasets and logged models.

-- A dataset's record under the sha256 of its workspace and all of its fields, so that a record never changes.
CREATE TABLE dataset (
    dataset_id  bytea PRIMARY KEY,
    workspace   text    NOT NULL,
    name        text    NOT NULL,
    digest      text    NOT NULL,
    source_type text    NOT NULL,
    source      text    NOT NULL,
    schema      text    NOT NULL,
    profile     text    NOT NULL,
    size        integer NOT NULL -- bytes of the texts above
);
CREATE INDEX dataset_by_name ON dataset (workspace, name COLLATE "C", dataset_id);
CREATE INDEX dataset_by_digest ON dataset (workspace, digest);

-- What each experiment's runs used a dataset for: a row for what would else be gathered from all of those runs.
CREATE TABLE dataset_use (
    dataset_id    bytea NOT NULL REFERENCES dataset,
    experiment_id uuid  NOT NULL REFERENCES experiment,
    context       text  NOT NULL,
    PRIMARY KEY (dataset_id, experiment_id, context)
);
CREATE INDEX dataset_use_by_experiment ON dataset_use (experiment_id, dataset_id);

-- The datasets that a run read; `place` is their order.
CREATE TABLE run_dataset (
    run_id     uuid    NOT NULL,
    dataset_id bytea   NOT NULL REFERENCES dataset,
    context    text    NOT NULL,
    place      integer NOT NULL,
    tags       jsonb   NOT NULL,
    PRIMARY KEY (run_id, dataset_id, context)
);
CREATE INDEX run_dataset_by_dataset ON run_dataset (dataset_id, run_id);

CREATE TABLE logged_model (
    model_id          uuid PRIMARY KEY,
    workspace         text        NOT NULL,
    experiment_id     uuid        NOT NULL REFERENCES experiment,
    source_run_id     uuid,
    name              text        NOT NULL,
    model_type        text        NOT NULL,
    status            smallint    NOT NULL,
    status_message    text        NOT NULL,
    params            jsonb       NOT NULL,
    tags              jsonb       NOT NULL,
    manifest_digest   bytea,
    artifact_location text        NOT NULL,
    lifecycle_state   smallint    NOT NULL,
    created_by        bytea       NOT NULL, -- a serialized Actor
    create_time       timestamptz NOT NULL,
    revision          bigint      NOT NULL,
    event_time        timestamptz NOT NULL
);
CREATE INDEX logged_model_by_creation ON logged_model (experiment_id, create_time DESC, model_id);
CREATE INDEX logged_model_by_name ON logged_model (workspace, name);
CREATE INDEX logged_model_by_run ON logged_model (source_run_id) WHERE source_run_id IS NOT NULL;

-- A series of a logged model's metric points: one key on one dataset by one run, with its last point. Numbered, because
-- the texts that name it are too long for the key of every point.
CREATE TABLE logged_model_series (
    model_id       uuid    NOT NULL REFERENCES logged_model,
    series         integer NOT NULL,
    key            text    NOT NULL,
    dataset_name   text    NOT NULL,
    dataset_digest text    NOT NULL,
    run_id         uuid,
    last_time      bigint  NOT NULL, -- microseconds since the Unix epoch
    last_step      bigint  NOT NULL,
    last           float8  NOT NULL,
    PRIMARY KEY (model_id, series)
);

-- A point is its own key: the same point again is the same row.
CREATE TABLE logged_model_metric (
    model_id uuid    NOT NULL,
    series   integer NOT NULL,
    time     bigint  NOT NULL,
    step     bigint  NOT NULL,
    value    float8  NOT NULL,
    PRIMARY KEY (model_id, series, time, step, value),
    FOREIGN KEY (model_id, series) REFERENCES logged_model_series
);

-- The logged models that a run read and made; `place` is their order.
CREATE TABLE run_model (
    run_id    uuid    NOT NULL,
    model_id  uuid    NOT NULL REFERENCES logged_model,
    is_output boolean NOT NULL,
    step      bigint  NOT NULL, -- 0 for an input
    place     integer NOT NULL,
    PRIMARY KEY (run_id, is_output, model_id, step)
);
CREATE INDEX run_model_by_model ON run_model (model_id, run_id);

-- The default serves a binary of the migration before, which does not know the column.
ALTER TABLE model_version ADD COLUMN logged_model_id uuid;
