"""The storyteller: starts a server, runs the story's steps as processes, shows what each did and how long it took.

Nothing is simulated: a real server on a real Postgres, real training, and every step a command that you could type.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The commands of the environment that runs this script, be it a checkout's or one with the wheels installed.
BIN = Path(sys.executable).parent
STEP_SECONDS = 60.0
START_SECONDS = 60.0
STOP_SECONDS = 20.0
QUERY = "parent_run_id = '{search}' and metrics.val_auc > 0.98 and (num(params.C) < 1 or metrics.val_loss < 0.2)"

bold, faint, red, green = "1", "2", "31", "32"
styled = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class StoryError(Exception):
    """A step did not do what the story says; the text says which and how."""


def style(text: str, code: str) -> str:
    """Colour the text on a terminal."""
    return f"\033[{code}m{text}\033[0m" if styled else text


def say(text: str = "") -> None:
    """Print a line now."""
    print(text, flush=True)


class Server:
    """A `runlore-server` on a free port, its data in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Start it; `wait_ready` says when it can be used."""
        self.log = folder / "server.log"
        command = [str(BIN / "runlore-server"), "serve", "--listen", "127.0.0.1:0", "--data", str(folder / "data")]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment())
        self.ready = ""
        self.address = ""

    def wait_ready(self) -> None:
        """Wait for the line that says where it listens and on what."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if found := re.search(r"^runlore-server ready on (\S+).*$", self.log.read_text(errors="replace"), re.M):
                self.ready, self.address = found[0], found[1]
                return
            if self.process.poll() is not None:
                raise StoryError(f"runlore-server ended with exit code {self.process.returncode} before it was ready")
            time.sleep(0.05)
        raise StoryError(f"runlore-server was not ready after {START_SECONDS:.0f} s")

    def stop(self) -> None:
        """Ask it to stop, as an orchestrator would, and see that it does so cleanly."""
        if self.process.poll() is not None:
            raise StoryError(f"runlore-server had ended by itself with exit code {self.process.returncode}")
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise StoryError(f"runlore-server did not stop within {STOP_SECONDS:.0f} s of SIGTERM") from None
        if code:
            raise StoryError(f"runlore-server ended with exit code {code} on SIGTERM")

    def tail(self, lines: int = 20) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Story:
    """Numbers the steps, runs their commands against one server, and checks what they say."""

    def __init__(self, address: str, folder: Path) -> None:
        """Tell the story to the server at this address, keeping what pods download under the folder."""
        self.folder = folder
        self.environment = environment(RUNLORE_ADDRESS=address, RUNLORE_CACHE=str(folder / "cache"))
        if self.environment.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Else each process would compile scikit-learn anew, which is most of its time.
            self.environment["PYTHONPYCACHEPREFIX"] = str(folder / "pycache")
        self.number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, and say how long it took."""
        self.number += 1
        say(f"\n{style(f'{self.number}. {title}', bold)}")
        start = time.monotonic()
        yield
        say(style(f"   {time.monotonic() - start:.1f} s", faint))

    def script(self, name: str, actor: str, expect: str) -> str:
        """Run one of the scripts beside this one."""
        return self._run(f"python {name}", [sys.executable, str(HERE / name)], actor, expect, 0)

    def runlore(self, *arguments: str, actor: str = "user:ada", expect: str = "", code: int = 0) -> str:
        """Run the `runlore` command; it has to say `expect` and end with this exit code."""
        return self._run(typed("runlore", *arguments), [str(BIN / "runlore"), *arguments], actor, expect, code)

    def _run(self, shown: str, command: list[str], actor: str, expect: str, code: int) -> str:
        say(f"   {style(f'{actor} $', faint)} {style(shown, green)}")
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=self.environment | {"RUNLORE_ACTOR": actor},
        )
        alarm = threading.Timer(STEP_SECONDS, process.kill)
        alarm.start()
        lines = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                say(f"     {line.rstrip()}")
            ended = process.wait()
            overdue = alarm.finished.is_set()
        finally:
            alarm.cancel()
            process.kill()
            process.wait()
        output = "".join(lines)
        name = shown.partition(" --")[0]
        if overdue:
            raise StoryError(f"`{name}` did not end within {STEP_SECONDS:.0f} s")
        if ended != code:
            raise StoryError(f"`{name}` ended with exit code {ended} instead of {code}")
        if code:
            say(style(f"     exit code {code}", faint))
        if expect not in output:
            raise StoryError(f"`{name}` did not say '{expect}'")
        return output


def environment(**extra: str) -> dict[str, str]:
    """Return this environment for a child process, without settings of another Runlore."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNLORE_")}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"} | extra


def typed(*words: str) -> str:
    """Return a command as a person would type it: quoted, and an option that does not fit on the line on the next."""
    lines = [""]
    for word in words:
        quoted = word if re.fullmatch(r"[\w@%+=:,./-]+", word) else f'"{word}"'
        if word.startswith("--") and len(lines[-1]) > 72:
            lines[-1] += " \\"
            lines.append("      ")
        lines[-1] += f" {quoted}" if lines[-1] else quoted
    return "\n".join(lines)


def missing() -> list[str]:
    """Return what the story needs and this environment lacks."""
    commands = [name for name in ("runlore", "runlore-server") if not (BIN / name).exists()]
    return commands + [name for name in ("sklearn", "matplotlib") if importlib.util.find_spec(name) is None]


def tell(story: Story) -> None:
    """The steps."""
    with story.step("Search C of a logistic regression: a parent run and 12 child runs"):
        trained = story.script("train.py", "user:ada", expect="trial-12")
        search = trained.split()[1]

    with story.step("Sum up the sweep in one call, and find the best children by validation AUC"):
        story.runlore("runs", "sweep", search, "--metric", "max:val_auc", expect="12 finished")
        query = ["--filter", QUERY.format(search=search), "--order-by", "metrics.val_auc desc", "--limit", "3"]
        found = story.runlore("runs", "list", "--experiment", "tumour", *query, expect="trial-")
        leaders = re.findall(r"^[0-9a-f]{32}", found, re.M)
        best = leaders[0]

    with story.step("Compare them, on the terminal and as a report with their curves in one file"):
        report = story.folder / "report.html"
        compare = ["runs", "compare", *leaders, "--best", "max:val_auc", "--html", str(report)]
        story.runlore(*compare, expect="Params that differ")
        if "<svg" not in report.read_text(encoding="utf-8"):
            raise StoryError("the report has no curves")

    with story.step("What the search recorded by itself (commit, command, machine), and the data that it read"):
        story.runlore("runs", "show", search, expect="tumour-training")

    with story.step("Register it as tumour-lr version 1, and make it the champion"):
        story.runlore("register", "tumour-lr", "--run", best, "--path", "model", expect="version 1")
        reason = "best of 12 trials by validation AUC"
        promote = ["promote", "tumour-lr", "1", "--alias", "champion", "--expect", "absent", "--reason", reason]
        story.runlore(*promote, expect="-> version 1")

    with story.step("An inference pod, a separate process, boots on the champion"):
        story.script("pod.py", "service:pod-1", expect="@champion: version 1\n")

    with story.step("A retrained candidate is measured beside the champion, on the same new rows"):
        story.script("retrain.py", "user:bo", expect="evaluate version 2")

    better = ["promote", "tumour-lr", "2", "--alias", "champion", "--expect", "1"]
    better += ["--if-better", "max:auc", "--evaluated", "--if-tag", "reviewed=yes"]
    better += ["--reason", "better on the newest rows"]
    with story.step("It takes over only if it is better there, and reviewed; a mover with an old belief is refused"):
        story.runlore(*better, actor="user:bo", expect="does not have the tag", code=5)
        story.runlore("tag", "tumour-lr", "2", "--tag", "reviewed=yes", actor="user:cy")
        story.runlore(*better, actor="user:bo", expect="version 1 -> version 2")
        late = ["promote", "tumour-lr", "2", "--alias", "champion", "--expect", "1", "--reason", "version 2 looks good"]
        story.runlore(*late, actor="user:cy", expect="you expected version 1", code=4)

    with story.step("Roll back, with a reason; a pod that boots now gets version 1"):
        reason = "the second clinic's microscope reports only 10 of the 30 measurements"
        story.runlore("rollback", "tumour-lr", "--alias", "champion", "--expect", "2", "--reason", reason)
        story.script("pod.py", "service:pod-2", expect="@champion: version 1\n")

    with story.step("Which data made the champion, and which other runs used that data"):
        resolved = story.runlore("resolve", "models:/tumour-lr@champion", expect="for training")
        digest = re.findall(r"tumour-training (\w+) for training", resolved)[0]
        query = f"dataset.digest LIKE '{digest}%' and dataset.context = 'training' and metrics.val_auc > 0.98"
        by_data = ["--filter", query, "--order-by", "metrics.val_auc desc", "--limit", "3"]
        found = story.runlore("runs", "list", *by_data, expect=best)
        if "all-30-columns" in found:
            raise StoryError("the retrained candidate used other data")

    with story.step("What differs between the two versions"):
        story.runlore("diff", "models:/tumour-lr/1", "models:/tumour-lr/2", expect="auc on tumour-recent")

    with story.step("Who moved what, when, why, from what to what; all about version 2 on one page, for the auditor"):
        story.runlore("history", "tumour-lr", expect="rolled back")
        page = story.folder / "audit.html"
        story.runlore("audit", "models:/tumour-lr/2", "--format", "html", "--output", str(page), expect="audit.html")
        if "history verified" not in page.read_text(encoding="utf-8"):
            raise StoryError("the history on the audit page is not verified")


def main() -> int:
    """Tell the story; return 0 when all of it came true."""
    # A terminal of another encoding shows a question mark where it lacks a character.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    if lacking := missing():
        say(f"{', '.join(lacking)}: not installed beside {sys.executable}; README.md says what to install")
        return 1
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="runlore-demo-") as temporary:
        folder = Path(temporary)
        # Started by root, Postgres runs as another user, who has to reach its own folder in here.
        folder.chmod(0o755)
        say(style("Starting a server on an embedded Postgres and a local artifact folder", bold))
        say(f"   {style('$ runlore-server serve --listen 127.0.0.1:0 --data DIR', green)}")
        server = Server(folder)
        try:
            server.wait_ready()
            say(f"     {server.ready}")
            say(style(f"   {time.monotonic() - start:.1f} s", faint))
            tell(Story(server.address, folder))
            say(f"\n{style('Stopping the server', bold)}")
            stopping = time.monotonic()
            server.stop()
            say(style(f"   {time.monotonic() - stopping:.1f} s", faint))
        except (StoryError, KeyboardInterrupt) as problem:
            failed = not isinstance(problem, KeyboardInterrupt)
            say(f"\n{style(f'The story broke off: {problem}' if failed else 'Interrupted', red)}")
            try:
                server.stop()
            except StoryError as another:
                # It had ended already, perhaps: then that is why the step failed.
                say(str(another))
            if failed:
                say(f"The end of the server's log:\n{server.tail()}")
            return 1 if failed else 130
    say(f"\n{style(f'Done: the whole story in {time.monotonic() - start:.1f} s.', bold)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
