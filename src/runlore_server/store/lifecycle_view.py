"""Which records a search returns by their lifecycle, as conditions."""

from __future__ import annotations

from typing import LiteralString

from runlore import v1
from runlore_server.store.keyset import Statement


def of_experiments(statement: Statement, view: v1.LifecycleView.ValueType) -> list[LiteralString]:
    """Return the conditions on an experiment `e`."""
    if view == v1.LIFECYCLE_VIEW_ALL:
        return []
    return [_is(statement, "e.lifecycle_state", deleted=view == v1.LIFECYCLE_VIEW_DELETED)]


def of_members(
    statement: Statement, record: LiteralString, workspace: str, view: v1.LifecycleView.ValueType
) -> list[LiteralString]:
    """Return the conditions on a run or a logged model `record`, which is active when it and its experiment are.

    The workspace's deleted experiments are few, and read once.
    """
    if view == v1.LIFECYCLE_VIEW_ALL:
        return []
    gone: LiteralString = (
        f"SELECT e.experiment_id FROM experiment e WHERE e.workspace = {statement.bind(workspace)} "
        f"AND {_is(statement, 'e.lifecycle_state', deleted=True)}"
    )
    if view == v1.LIFECYCLE_VIEW_DELETED:
        return [f"({_is(statement, f'{record}.lifecycle_state', deleted=True)} OR {record}.experiment_id IN ({gone}))"]
    return [_is(statement, f"{record}.lifecycle_state", deleted=False), f"{record}.experiment_id NOT IN ({gone})"]


def _is(statement: Statement, column: LiteralString, *, deleted: bool) -> LiteralString:
    state = v1.LIFECYCLE_STATE_DELETED if deleted else v1.LIFECYCLE_STATE_ACTIVE
    return f"{column} = {statement.bind(int(state))}"
