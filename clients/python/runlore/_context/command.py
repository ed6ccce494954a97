"""The program that started a run."""

from __future__ import annotations

import functools
import os
import shlex
import sys
import sysconfig
from pathlib import Path

from runlore._context import masking


def tags(root: str = "") -> dict[str, str]:
    """Return command line, entry point and working directory; a script below `root` is told relative to it."""
    return {
        "runlore.command": shlex.join(masking.arguments(sys.orig_argv)),
        "runlore.entry_point": entry_point(root),
        "runlore.working_directory": str(Path.cwd()),
    }


def entry_point(root: str = "") -> str:
    """Return the script's path, the module's name, a notebook's path, `-c` or `interactive`."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name not in ("ipykernel_launcher", "colab_kernel_launcher"):
        return str(spec.name).removesuffix(".__main__")
    if notebook := _notebook(main):
        return _relative(notebook, root)
    file = getattr(main, "__file__", None)
    if file:
        return _relative(os.path.abspath(file), root)
    return "-c" if sys.argv[:1] == ["-c"] else "interactive"


def folders() -> list[str]:
    """Return where the program's repository may be: the script's folder, then the working directory."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    found = [os.getcwd()]
    if file:
        folder = os.path.dirname(os.path.abspath(file))
        # A command that an installation brought along says nothing about whose code it runs.
        if os.path.isdir(folder) and not any(Path(folder).is_relative_to(place) for place in _installed()):
            found.insert(0, folder)
    return list(dict.fromkeys(found))


@functools.cache
def _installed() -> list[str]:
    """Return the folders that Python and its packages are installed in."""
    places = sysconfig.get_paths()
    return [places[name] for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")]


def _notebook(main: object) -> str:
    if "ipykernel" not in sys.modules:
        return ""
    # The first is VS Code's, the second that of Jupyter's own server.
    return str(getattr(main, "__vsc_ipynb_file__", "") or os.environ.get("JPY_SESSION_NAME", "") or "notebook")


def _relative(path: str, root: str) -> str:
    real = os.path.realpath(path)
    if root and os.path.isabs(path) and Path(real).is_relative_to(os.path.realpath(root)):
        return Path(real).relative_to(os.path.realpath(root)).as_posix()
    return path
