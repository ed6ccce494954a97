"""Metric points of logged models. A point is its own key, so logging one again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("logged_models")

#: What tells a series of a model from its others: key, dataset's name and digest, run.
_Series = tuple[str, str, str, str]
_Place = tuple[int, int, float]


async def fill(conn: Connection, models: Sequence[v1.LoggedModel]) -> None:
    """Put into logged models the last point of each of their series."""
    by_id = {model.model_id: model for model in models}
    for row in await _stored(conn, list(by_id)):
        by_id[row.model_id].metrics.append(_point(row, row.last_time, row.last_step, row.last))


async def add(conn: Connection, model_id: str, points: Iterable[v1.LoggedModelMetric]) -> None:
    """Store the points that are not there yet; the model must be locked, so that its series get different numbers."""
    stored = await _stored(conn, [model_id])
    numbers = {(row.key, row.dataset_name, row.dataset_digest, row.run_id or ""): int(row.series) for row in stored}
    rows: list[tuple[int, _Place]] = []
    last: dict[_Series, _Place] = {}
    for point in points:
        series = (point.key, point.dataset_name, point.dataset_digest, point.run_id)
        place = (point.time_unix_us, point.step, point.value)
        rows.append((numbers.setdefault(series, len(numbers)), place))
        if series not in last or _order(place) > _order(last[series]):
            last[series] = place
    async with conn.cursor() as cursor:
        await cursor.executemany(sql.put_series, [_series_row(model_id, numbers[s], s, last[s]) for s in last])
    await conn.execute(
        sql.add_points,
        {
            "model_id": model_id,
            "series": [number for number, _ in rows],
            "times": [place[0] for _, place in rows],
            "steps": [place[1] for _, place in rows],
            "values": [place[2] for _, place in rows],
        },
    )


async def page(
    conn: Connection, model_id: str, after: Sequence[Any] | None, limit: int
) -> list[tuple[v1.LoggedModelMetric, list[Any]]]:
    """Return up to `limit` points with the place of each, those after an earlier place only."""
    names = ("after", "after_time", "after_step", "after_value")
    params = {"model_id": model_id, "limit": limit, **dict(zip(names, after or [None] * 4, strict=True))}
    rows = await (await conn.execute(sql.points, params, binary=True)).fetchall()
    return [(_point(r, r.time, r.step, r.value), [r.series, r.time, r.step, r.value]) for r in rows]


def _order(place: _Place) -> tuple[int, int, bool, float]:
    """As Postgres orders places: NaN is the greatest value."""
    time, step, value = place
    is_nan = value != value
    return time, step, is_nan, 0.0 if is_nan else value


def _series_row(model_id: str, number: int, series: _Series, last: _Place) -> dict[str, Any]:
    key, name, digest, run_id = series
    return {
        "model_id": model_id,
        "series": number,
        "key": key,
        "dataset_name": name,
        "dataset_digest": digest,
        "run_id": run_id or None,
        "time": last[0],
        "step": last[1],
        "value": last[2],
    }


async def _stored(conn: Connection, model_ids: Sequence[str]) -> list[Any]:
    return await (await conn.execute(sql.series, {"model_ids": list(model_ids)}, binary=True)).fetchall()


def _point(row: Any, time: int, step: int, value: float) -> v1.LoggedModelMetric:
    return v1.LoggedModelMetric(
        key=row.key,
        value=value,
        step=step,
        time_unix_us=time,
        dataset_name=row.dataset_name,
        dataset_digest=row.dataset_digest,
        run_id=row.run_id or "",
    )
