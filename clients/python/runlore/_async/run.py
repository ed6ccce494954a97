"""The handle of a run in progress."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, SupportsFloat, SupportsIndex

from runlore import _exit, v1
from runlore._async import plotting, uploads
from runlore._async.inputs import InputMethods
from runlore._async_tools import call_in_thread
from runlore._words import strings
from runlore.errors import RunloreError, invalid_field

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from runlore._async.tracking import TrackingMethods

FinalStatus = Literal["FINISHED", "FAILED", "KILLED"]


class Companion(Protocol):
    """Something that goes on beside a run. Its methods may block and must not raise."""

    def settle(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, until what it has to store of the run's beginning is stored."""

    def finish(self, timeout: float) -> None:
        """End it, in at most `timeout` seconds."""


class Run(InputMethods):
    """A run that this program records.

    As a context manager it ends the run: FINISHED, or FAILED after an exception, or KILLED after Ctrl-C, a
    cancellation or SystemExit. A run that nobody ends is ended when the interpreter exits.

    Metric points go to a spool on disk, from where a background thread sends them; params, tags and artifacts are
    stored, or refused, before their call returns. In a forked child the handle logs on as another writer; the run stays
    the parent's to end.
    """

    def __init__(self, client: TrackingMethods, created: v1.Run) -> None:
        """Use `start_run`, `start_child` or `resume_run`; `created` is the run as the server has it."""
        self._client = client
        self._created = created
        # Where a resumed run goes on counting steps.
        next_steps = {metric.key: metric.last_step + 1 for metric in created.metrics}
        self._points = client.sender.open(created.run_id, created.workspace, created.name, next_steps=next_steps)
        self._add = self._points.add
        self._ended = False
        #: What `start_run` set going beside the run; it ends with it.
        self._companions: list[Companion] = []

    def __repr__(self) -> str:
        return f"<Run {self.name} {self.run_id} in {self._created.experiment_name}>"

    @property
    def run_id(self) -> str:
        """The run's id, 32 hex digits."""
        return self._created.run_id

    @property
    def name(self) -> str:
        """The run's name; made by the server when none was given."""
        return self._created.name

    @property
    def experiment_id(self) -> str:
        """The id of the run's experiment."""
        return self._created.experiment_id

    @property
    def dropped_points(self) -> int:
        """How many points this process had to drop so far, for want of room in its spool."""
        return self._points.dropped_in_all

    def log(self, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | None = None) -> None:
        """Add one point for each metric. Returns at once, with the points in the spool on this machine.

        A background thread sends them within about 0.1 s, or when the server can be reached again; `runlore sync`
        sends what a killed process has left. `step` may be any 64-bit whole number, in any order; None counts 0, 1, 2
        for each metric by itself. Values may be NaN or infinite. Raises InvalidArgumentError on what cannot be stored.
        A full spool or disk raises nothing: points are dropped then, and counted as the run's `dropped_points`.
        """
        if self._ended:
            raise RunloreError(f"run {self.run_id} was ended: it takes no more points")
        self._add(metrics, step)

    def log_metrics(self, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | None = None) -> None:
        """Do the same as `log`."""
        self.log(metrics, step)

    def log_metric(self, key: str, value: SupportsFloat, step: SupportsIndex | None = None) -> None:
        """Add one point, as `log` does."""
        self.log({key: value}, step)

    async def log_params(self, params: Mapping[str, object]) -> None:
        """Record inputs of the run; values are stored as their `str`.

        Params never change: raises InvalidArgumentError (PARAM_CONFLICT) when one has another value already.
        """
        await self._client.tracking.LogBatch(self._batch(params=strings(params)))

    async def log_param(self, key: str, value: object) -> None:
        """Record one input of the run, as `log_params` does."""
        await self.log_params({key: value})

    async def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set labels of the run; values are stored as their `str`, and replace earlier ones."""
        await self._client.tracking.LogBatch(self._batch(tags=strings(tags)))

    async def set_tag(self, key: str, value: object) -> None:
        """Set one label of the run, as `set_tags` does."""
        await self.set_tags({key: value})

    async def delete_tags(self, keys: Iterable[str]) -> None:
        """Delete labels of the run; those that it does not have are left alone."""
        wanted = [keys] if isinstance(keys, str) else list(keys)
        if wanted:
            await self._client.tracking.DeleteRunTags(
                v1.DeleteRunTagsRequest(workspace=self._created.workspace, run_id=self.run_id, keys=wanted)
            )

    def _batch(self, **content: Any) -> v1.LogBatchRequest:
        return v1.LogBatchRequest(workspace=self._created.workspace, run_id=self.run_id, **content)

    async def log_artifact(self, path: str | os.PathLike[str], artifact_path: str | None = None) -> v1.Manifest:
        """Store a file or a folder under its own name, in the folder `artifact_path` of the run's artifacts if given.

        Returns the manifest of all of the run's artifacts. Bytes that are stored already are not sent again. Raises
        FileNotFoundError, InvalidArgumentError (a link that leads out of the folder, a name that cannot be stored)
        and FileChangedError.
        """
        return await uploads.upload(self._client, self._created, path, artifact_path, keep_name=True)

    async def log_artifacts(self, path: str | os.PathLike[str], artifact_path: str | None = None) -> v1.Manifest:
        """Store what is in a folder at the top of the run's artifacts, or in their folder `artifact_path`.

        Otherwise as `log_artifact`.
        """
        return await uploads.upload(self._client, self._created, path, artifact_path, keep_name=False)

    async def start_child(
        self,
        name: str = "",
        *,
        params: Mapping[str, object] | None = None,
        tags: Mapping[str, object] | None = None,
        run_id: str = "",
    ) -> Run:
        """Start a run that is a part of this one, in the same experiment."""
        return await self._client.create_run(
            v1.CreateRunRequest(
                workspace=self._created.workspace,
                # A run that was made offline knows its experiment by name only.
                experiment_id=self.experiment_id or None,  # type: ignore[arg-type]  # None: the field is not set
                experiment_name=None if self.experiment_id else self._created.experiment_name or None,  # type: ignore[arg-type]
                run_id=run_id,
                parent_run_id=self.run_id,
                name=name,
                params=strings(params),
                tags=strings(tags),
            )
        )

    async def plot(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        keys: Sequence[str] | None = None,
        x: Literal["step", "time"] = "step",
    ) -> Figure:
        """Draw the run's metrics, with what was logged up to here, as `Client.plot` does."""
        if not self._ended:
            await self.flush()
        return await plotting.plot(self._client, [self.run_id], path, keys, x)

    async def history(
        self,
        keys: str | Iterable[str] = (),
        *,
        min_step: int | None = None,
        max_step: int | None = None,
        max_points: int = 0,
    ) -> pd.DataFrame:
        """Return the run's points, those just logged too, as a pandas frame: run_id, key, step, time (UTC), value.

        Arguments as those of `metric_history`, which has more of them and does without pandas.
        """
        found = await self._client.metric_history(
            self, keys, min_step=min_step, max_step=max_step, max_points=max_points
        )
        return found.to_pandas()

    async def flush(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait until every point logged so far is stored, and what `start_run` captured.

        Raises UnavailableError or DeadlineError after `timeout` seconds (None: the client's); the points are then
        still being sent. Raises the server's error when it refused points for good.
        """
        await call_in_thread(self._client.sender.flush, self._points, timeout)
        for companion in self._companions:
            await call_in_thread(companion.settle, self._client.settings.timeout if timeout is None else timeout)

    async def finish(self, status: FinalStatus = "FINISHED") -> None:
        """Store what is left and end the run. Ending it again does nothing.

        While the server cannot be reached for that, points and end stay in the spool, for `runlore sync`, and a warning
        says so.
        """
        if self._ended:
            return
        try:
            value = v1.RunStatus.Value(f"RUN_STATUS_{status}")
        except (ValueError, TypeError):
            value = v1.RUN_STATUS_UNSPECIFIED
        if value not in (v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_FAILED, v1.RUN_STATUS_KILLED):
            raise invalid_field("status", f"is {status!r}: give FINISHED, FAILED or KILLED")
        await self._end(value)

    async def _end(self, status: v1.RunStatus.ValueType) -> None:
        for companion in self._companions:
            await call_in_thread(companion.finish, self._client.settings.timeout)
        # What is refused from here on is refused for good, and what is not stored stays in the spool: no use in twice.
        self._ended = True
        await call_in_thread(self._client.sender.finish, self._points, status)

    async def __aenter__(self) -> Run:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._ended:
            return
        try:
            if self._points.ours:
                await self._end(_exit.status_after(kind))
            else:
                # A forked child left the block: the run goes on in the parent.
                await call_in_thread(self._client.sender.leave, self._points)
        except RunloreError as failure:
            if error is None:
                raise
            # What went wrong in the caller's code matters more.
            error.add_note(f"runlore: run {self.run_id} was not ended properly: {failure}")
