-- Measurements of versions after their registration. Rows are only ever added; they go with a version that is purged.

CREATE TABLE model_evaluation (
    model_id        uuid        NOT NULL,
    version         bigint      NOT NULL,
    revision        bigint      NOT NULL, -- the model's, of the event that recorded it
    key             text COLLATE "C" NOT NULL,
    value           float8      NOT NULL,
    dataset_digest  text        NOT NULL,
    dataset_name    text        NOT NULL,
    run_id          uuid, -- the run that measured, which may be gone
    evaluation_time timestamptz NOT NULL, -- by the caller's clock
    record_time     timestamptz NOT NULL,
    recorded_by     bytea       NOT NULL, -- a serialized Actor
    PRIMARY KEY (model_id, version, key, revision),
    FOREIGN KEY (model_id, version) REFERENCES model_version ON DELETE CASCADE
);
CREATE INDEX model_evaluation_by_revision ON model_evaluation (model_id, version, revision, key);
