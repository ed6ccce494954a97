-- Any 64-bit time can be logged; Postgres has none before 4714 BC, and one such point made the view fail for its run.
-- It is shown as at -infinity. What a run has merged is joined, and not looked up again for every point.
CREATE OR REPLACE VIEW metric_point AS
SELECT b.run_id,
       b.key,
       b.first_index + p.i - 1                             AS index,
       p.step,
       CASE WHEN p.time < -210866803200000000 THEN '-infinity' ELSE to_timestamp(p.time / 1000000.0) END AS time,
       p.value
FROM metric_block b,
     unnest(b.steps, b.times, b."values") WITH ORDINALITY AS p (step, time, value, i)
UNION ALL
SELECT f.run_id,
       f.key,
       coalesce(m.count, 0) + row_number() OVER (PARTITION BY f.run_id, f.key ORDER BY f.frame, f.i) - 1,
       f.step,
       CASE WHEN f.time < -210866803200000000 THEN '-infinity' ELSE to_timestamp(f.time / 1000000.0) END,
       f.value
FROM (SELECT f.run_id, l.keys[p.slot + 1] AS key, f.frame, p.i, p.step, p.time, p.value
      FROM metric_frame f
      JOIN run_live l USING (run_id),
           unnest(f.slots, f.steps, f.times, f."values") WITH ORDINALITY AS p (slot, step, time, value, i)) f
LEFT JOIN run_metric m ON m.run_id = f.run_id AND m.key = f.key;
