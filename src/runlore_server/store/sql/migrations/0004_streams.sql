-- What LogStream writes: a small row a frame, and one row a run that is updated with each. Frames are merged into blocks
-- in the background.

-- A LogStream writer's watermark: how many of its points are committed.
CREATE TABLE run_stream (
    run_id         uuid   NOT NULL,
    writer_id      text   NOT NULL,
    points         bigint NOT NULL,
    dropped_points bigint NOT NULL,
    PRIMARY KEY (run_id, writer_id)
) WITH (fillfactor = 50);

-- A run that has had points: what a commit of its points must agree with, and the summaries of the series that have
-- points in frames. `version` moves with every commit of points, so that one comparison proves that what a server
-- remembers of the run (summaries, watermarks, next frame) still stands. Entry i of each array is about keys[i]; frames
-- name keys by that place (a slot). Summaries are absolute: they count merged points too.
CREATE TABLE run_live (
    run_id         uuid        PRIMARY KEY,
    version        bigint      NOT NULL,
    next_frame     bigint      NOT NULL,
    first_frame    bigint      NOT NULL,
    heartbeat_time timestamptz NOT NULL,
    is_live        boolean     NOT NULL,
    keys           text[]      NOT NULL,
    last           float8[]    NOT NULL,
    last_step      bigint[]    NOT NULL,
    last_time      bigint[]    NOT NULL,
    min            float8[]    NOT NULL,
    min_step       bigint[]    NOT NULL,
    max            float8[]    NOT NULL,
    max_step       bigint[]    NOT NULL,
    count          bigint[]    NOT NULL
) WITH (fillfactor = 50, toast_tuple_target = 4080);

-- The runs whose summaries here are newer than run_metric's, or that have frames to merge.
CREATE INDEX run_live_now ON run_live (run_id) WHERE is_live;

-- Points as they came, in the order written: point i is (slots[i], steps[i], times[i], values[i]).
CREATE TABLE metric_frame (
    run_id   uuid     NOT NULL,
    frame    bigint   NOT NULL,
    slots    int[]    NOT NULL,
    steps    bigint[] NOT NULL,
    times    bigint[] NOT NULL,
    "values" float8[] NOT NULL,
    PRIMARY KEY (run_id, frame)
);
