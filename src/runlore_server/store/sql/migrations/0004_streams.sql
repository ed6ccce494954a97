-- What LogStream writes: one row a run that moves with each commit, and the points of the commit as a row of their own.
-- These frames are merged into blocks in the background.

-- A LogStream writer's watermark: how many of its points are committed.
CREATE TABLE run_stream (
    run_id         uuid   NOT NULL,
    writer_id      text   NOT NULL,
    points         bigint NOT NULL,
    dropped_points bigint NOT NULL,
    PRIMARY KEY (run_id, writer_id)
) WITH (fillfactor = 50);

-- A run that has had a writer of points: when it was last heard of, what a commit of its points must agree with, and the
-- summaries of the series that have points in frames.
--
-- `version` moves with every commit of points, by whichever way: that it is still the same proves that what a server
-- remembers of the run (summaries, slots, watermarks) still stands. It moves by more than one for a commit of many
-- points, and is the number of the commit's frame: so `version - first_frame` says how much there is to merge.
--
-- Entry i of each array is about keys[i]; frames name keys by that place (a slot, counted from 0). Summaries are
-- absolute: they count merged points too. While `is_live`, they stand before those of run_metric; else the arrays are
-- empty. `first_frame` is a hint that is set right after each merge: no frame before it is left.
--
-- Whoever deletes a run's points deletes this row first, in the same transaction: a commit in flight then either came
-- before, or finds no row.
CREATE TABLE run_live (
    run_id         uuid        PRIMARY KEY,
    version        bigint      NOT NULL,
    first_frame    bigint      NOT NULL,
    heartbeat_time timestamptz NOT NULL,
    is_live        boolean     NOT NULL,
    keys           text[]      NOT NULL,
    last           float8[]    NOT NULL,
    last_step      bigint[]    NOT NULL,
    last_time      bigint[]    NOT NULL,
    min            float8[]    NOT NULL, -- NaN where run_metric has null
    min_step       bigint[]    NOT NULL,
    max            float8[]    NOT NULL,
    max_step       bigint[]    NOT NULL,
    count          bigint[]    NOT NULL
) WITH (fillfactor = 50, toast_tuple_target = 4080);

-- What the merger looks through.
CREATE INDEX run_live_now ON run_live (run_id) WHERE is_live;

-- Points in the order written: point i is (slots[i], steps[i], times[i], values[i]). A run's frames come after all of
-- its blocks.
CREATE TABLE metric_frame (
    run_id   uuid     NOT NULL,
    frame    bigint   NOT NULL,
    slots    int[]    NOT NULL,
    steps    bigint[] NOT NULL,
    times    bigint[] NOT NULL,
    "values" float8[] NOT NULL,
    PRIMARY KEY (run_id, frame)
);

-- What is known of every series, whether its points are merged or not. proto: MetricSummary.
CREATE VIEW metric_summary AS
SELECT m.run_id, m.key, m.last, m.last_step, m.last_time, m.min, m.min_step, m.max, m.max_step, m.count
FROM run_metric m
WHERE NOT EXISTS (SELECT FROM run_live l WHERE l.run_id = m.run_id AND l.is_live AND m.key = ANY (l.keys))
UNION ALL
SELECT l.run_id, s.key, s.last, s.last_step, s.last_time, nullif(s.min, 'NaN'), s.min_step, nullif(s.max, 'NaN'),
       s.max_step, s.count
FROM run_live l,
     unnest(l.keys, l.last, l.last_step, l.last_time, l.min, l.min_step, l.max, l.max_step, l.count)
         AS s (key, last, last_step, last_time, min, min_step, max, max_step, count)
WHERE l.is_live AND s.count > 0;

-- The points as rows, for people with a SQL client.
CREATE OR REPLACE VIEW metric_point AS
SELECT b.run_id,
       b.key,
       b.first_index + p.i - 1                             AS index,
       p.step,
       to_timestamp(p.time / 1000000.0)                    AS time,
       p.value
FROM metric_block b,
     unnest(b.steps, b.times, b."values") WITH ORDINALITY AS p (step, time, value, i)
UNION ALL
SELECT f.run_id,
       f.key,
       coalesce((SELECT m.count FROM run_metric m WHERE m.run_id = f.run_id AND m.key = f.key), 0)
           + row_number() OVER (PARTITION BY f.run_id, f.key ORDER BY f.frame, f.i) - 1,
       f.step,
       to_timestamp(f.time / 1000000.0),
       f.value
FROM (SELECT f.run_id, l.keys[p.slot + 1] AS key, f.frame, p.i, p.step, p.time, p.value
      FROM metric_frame f
      JOIN run_live l USING (run_id),
           unnest(f.slots, f.steps, f.times, f."values") WITH ORDINALITY AS p (slot, step, time, value, i)) f;

-- A block of up to a hundred points stays in its row, which then takes a third of a page; by the default, a quarter, one
-- of its columns would go elsewhere, and cost an insert of its own.
ALTER TABLE metric_block SET (toast_tuple_target = 2712);
