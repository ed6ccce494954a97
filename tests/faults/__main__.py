"""`make test-faults`: inject faults, compare with the record, and say what was injected."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.faults.ledger import SEED, Ledger

HERE = Path(__file__).resolve().parent
RESULT = HERE.parents[1] / "build" / "faults.json"


def main(arguments: list[str]) -> int:
    """Run the suite, or a part of it by pytest's own arguments; fails when all of it injected less than it should."""
    os.environ["RUNLORE_FAULTS_SEED"] = str(SEED)
    RESULT.unlink(missing_ok=True)
    code = int(pytest.main(["-o", "python_files=faults_*.py", "-rs", str(HERE), *arguments]))
    faults = Ledger.read(RESULT) if RESULT.exists() else {}
    total = sum(faults.values())
    for kind, count in sorted(faults.items()):
        print(f"{count:6} {kind}")
    print(f"{total:6} faults injected; to repeat them: make test-faults SEED={SEED}")
    least = int(os.environ.get("RUNLORE_FAULTS_AT_LEAST", "0"))
    if code == 0 and total < least:
        print(f"error: at least {least} were to be injected", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
