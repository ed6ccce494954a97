"""One call of LogStream, and the threads that it takes."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

import grpc

from runlore import v1
from runlore.errors import RunloreError

log = logging.getLogger("runlore")


class StreamCall:
    """One LogStream call, and the thread that reads its answers. gRPC itself runs a thread that takes requests."""

    def __init__(
        self,
        stub: v1.TrackingServiceStub,
        opening: v1.LogStreamOpen,
        on_answer: Callable[[], None],
    ) -> None:
        """Begin; raises RunloreError, and RuntimeError when the interpreter is too near its end for new threads."""
        self.opened: v1.LogStreamOpened | None = None
        #: The number, for the server, of the last committed point.
        self.committed = 0
        #: Whether nothing more is to be sent.
        self.finishing = False
        self.over = False
        #: Why it is over; None when it ended well.
        self.error: RunloreError | None = None
        self._on_answer = on_answer
        self._requests: queue.SimpleQueue[v1.LogStreamRequest | None] = queue.SimpleQueue()
        self._requests.put(v1.LogStreamRequest(open=opening))
        self._answers = stub.LogStream(iter(self._requests.get, None))
        self._thread = threading.Thread(target=self._read, name="runlore-acknowledgements", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self.cancel()
            raise

    def send(self, frame: v1.LogStreamFrame) -> None:
        """Send a frame; never waits."""
        self._requests.put(v1.LogStreamRequest(frame=frame))

    def finish(self) -> None:
        """Send no more; the server ends the stream once everything is committed."""
        self.finishing = True
        self._requests.put(None)

    def cancel(self) -> None:
        """End it at once; what was sent may or may not be committed."""
        self.finishing = True
        self._answers.cancel()
        self._requests.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the thread to end."""
        self._thread.join(timeout)

    def _read(self) -> None:
        try:
            for answer in self._answers:
                if answer.HasField("opened"):
                    self.committed = answer.opened.committed_points
                    self.opened = answer.opened
                else:
                    self.committed = answer.acknowledged.committed_points
                self._on_answer()
        except RunloreError as error:
            self.error = error
        except Exception as error:
            # The thread's end must be told whatever it was.
            log.debug("reading a stream failed", exc_info=True)
            self.error = RunloreError(f"reading a stream failed: {error}", code=grpc.StatusCode.UNKNOWN)
        finally:
            self.over = True
            self._requests.put(None)
            self._on_answer()
