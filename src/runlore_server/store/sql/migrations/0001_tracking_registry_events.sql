-- Tracking, registry, the event log and what they share.
--
-- Portable on purpose (Citus, YugabyteDB, Aurora): no sequences, triggers, PL/pgSQL or advisory locks; every key
-- begins with the run or the model; ids are made by the server or the client.

-- One row: this server's identity, and the head of the event log. The row lock on it is the sequencer's turn.
CREATE TABLE event_log (
    singleton     boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    log_id        text   NOT NULL,
    last_position bigint NOT NULL DEFAULT 0,
    -- Signs page tokens, so that one that was tampered with is noticed.
    token_key     bytea  NOT NULL
);

-- Every change, in the form that is verified: `body` is canonical JSON (RFC 8785) and the columns beside it are for
-- finding it. `position` is null until the sequencer has numbered the event.
CREATE TABLE event (
    resource_id uuid        NOT NULL,
    revision    bigint      NOT NULL,
    position    bigint,
    workspace   text        NOT NULL,
    kind        smallint    NOT NULL,
    subject     text        NOT NULL, -- the alias of an alias event, else empty
    time        timestamptz NOT NULL,
    hash        bytea, -- registry events only
    body        bytea       NOT NULL,
    PRIMARY KEY (resource_id, revision)
);
CREATE UNIQUE INDEX event_position ON event (position);
CREATE INDEX event_unnumbered ON event (time, resource_id, revision) WHERE position IS NULL;

-- Responses of mutations by request id, kept at least 24 hours, so that a retry is answered and not done again.
CREATE TABLE request (
    workspace   text        NOT NULL,
    actor       text        NOT NULL,
    method      text        NOT NULL,
    request_id  text        NOT NULL,
    body_sha256 bytea       NOT NULL,
    response    bytea       NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace, actor, method, request_id)
);
CREATE INDEX request_create_time ON request (create_time);

CREATE TABLE experiment (
    experiment_id   uuid PRIMARY KEY,
    workspace       text        NOT NULL,
    name            text        NOT NULL,
    description     text        NOT NULL,
    tags            jsonb       NOT NULL,
    is_default      boolean     NOT NULL,
    lifecycle_state smallint    NOT NULL,
    create_time     timestamptz NOT NULL,
    revision        bigint      NOT NULL,
    event_time      timestamptz NOT NULL, -- of the last event, and so the record's update time
    UNIQUE (workspace, name)
);
CREATE UNIQUE INDEX experiment_default ON experiment (workspace) WHERE is_default;

CREATE TABLE run (
    run_id          uuid PRIMARY KEY,
    workspace       text        NOT NULL,
    experiment_id   uuid        NOT NULL REFERENCES experiment,
    parent_run_id   uuid,
    name            text        NOT NULL,
    status          smallint    NOT NULL,
    start_time      timestamptz NOT NULL,
    end_time        timestamptz,
    params          jsonb       NOT NULL,
    tags            jsonb       NOT NULL,
    manifest_digest bytea,
    lifecycle_state smallint    NOT NULL,
    created_by      bytea       NOT NULL, -- a serialized Actor
    create_time     timestamptz NOT NULL,
    revision        bigint      NOT NULL,
    event_time      timestamptz NOT NULL
);
CREATE INDEX run_by_start ON run (experiment_id, start_time DESC, run_id);
CREATE INDEX run_by_parent ON run (parent_run_id) WHERE parent_run_id IS NOT NULL;

-- How far each writer of a run has come: committed with the points, so that a batch is stored once.
CREATE TABLE run_writer (
    run_id    uuid   NOT NULL,
    writer_id text   NOT NULL,
    sequence  bigint NOT NULL,
    PRIMARY KEY (run_id, writer_id)
) WITH (fillfactor = 50);

-- Metric points as columns: one row holds a stretch of one series. `first_index` is the place of its first point in
-- the series in the order written (steps may repeat, so a step cannot be the key).
CREATE TABLE metric_block (
    run_id      uuid   NOT NULL,
    key         text   NOT NULL,
    first_index bigint NOT NULL,
    count       integer NOT NULL,
    first_step  bigint NOT NULL,
    last_step   bigint NOT NULL,
    min         float8, -- NaN left out; null when all are NaN
    max         float8,
    steps       int8[]   NOT NULL,
    times       int8[]   NOT NULL, -- microseconds since the Unix epoch
    "values"    float8[] NOT NULL,
    PRIMARY KEY (run_id, key, first_index)
);
-- Compressing arrays of noise costs time and saves nothing.
ALTER TABLE metric_block ALTER COLUMN steps SET STORAGE EXTERNAL;
ALTER TABLE metric_block ALTER COLUMN times SET STORAGE EXTERNAL;
ALTER TABLE metric_block ALTER COLUMN "values" SET STORAGE EXTERNAL;

-- One row a series: what is known of it without reading points. proto: MetricSummary.
CREATE TABLE run_metric (
    run_id    uuid   NOT NULL,
    key       text   NOT NULL,
    last      float8 NOT NULL,
    last_step bigint NOT NULL,
    last_time bigint NOT NULL,
    min       float8,
    min_step  bigint NOT NULL,
    max       float8,
    max_step  bigint NOT NULL,
    count     bigint NOT NULL,
    PRIMARY KEY (run_id, key)
) WITH (fillfactor = 50);

-- The points as rows, for people with a SQL client.
CREATE VIEW metric_point AS
SELECT b.run_id,
       b.key,
       b.first_index + p.i - 1                             AS index,
       p.step,
       to_timestamp(p.time / 1000000.0)                    AS time,
       p.value
FROM metric_block b,
     unnest(b.steps, b.times, b."values") WITH ORDINALITY AS p (step, time, value, i);

CREATE TABLE registered_model (
    model_id       uuid PRIMARY KEY,
    workspace      text        NOT NULL,
    name           text        NOT NULL,
    description    text        NOT NULL,
    tags           jsonb       NOT NULL,
    latest_version bigint      NOT NULL,
    created_by     bytea       NOT NULL, -- a serialized Actor
    create_time    timestamptz NOT NULL,
    revision       bigint      NOT NULL,
    event_time     timestamptz NOT NULL,
    chain_hash     bytea       NOT NULL, -- of the last event
    UNIQUE (workspace, name)
);

CREATE TABLE model_version (
    model_id        uuid        NOT NULL REFERENCES registered_model,
    version         bigint      NOT NULL,
    run_id          uuid,
    artifact_path   text        NOT NULL,
    manifest_digest bytea       NOT NULL,
    size            bigint      NOT NULL,
    file_count      bigint      NOT NULL,
    status          smallint    NOT NULL,
    description     text        NOT NULL,
    tags            jsonb       NOT NULL,
    evidence        bytea       NOT NULL, -- a serialized Evidence
    created_by      bytea       NOT NULL,
    create_time     timestamptz NOT NULL,
    PRIMARY KEY (model_id, version)
);

CREATE TABLE model_alias (
    model_id uuid        NOT NULL REFERENCES registered_model,
    alias    text        NOT NULL,
    version  bigint      NOT NULL,
    set_time timestamptz NOT NULL,
    set_by   bytea       NOT NULL, -- a serialized Actor
    reason   text        NOT NULL,
    PRIMARY KEY (model_id, alias),
    FOREIGN KEY (model_id, version) REFERENCES model_version
);
CREATE INDEX model_alias_by_version ON model_alias (model_id, version);
