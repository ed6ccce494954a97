"""What was injected: each fault by kind, and the seeds to inject it again."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path

#: The seed that every test's own is derived from; printed by each run, and given to repeat one.
SEED = int(os.environ.get("RUNLORE_FAULTS_SEED") or random.SystemRandom().randrange(10**9))


class Ledger:
    """Counts faults as they are injected."""

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()

    def add(self, kind: str, count: int = 1) -> None:
        """Count a fault that was injected just now."""
        self.faults[kind] += count

    def write(self, file: Path) -> None:
        """Write what `read` reads."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self.faults))

    @staticmethod
    def read(file: Path) -> Counter[str]:
        """Return what was injected, by kind."""
        return Counter(json.loads(file.read_text()))


def rng(name: str) -> random.Random:
    """Return the random numbers of one test, and print what repeats them."""
    print(f"seed {SEED} ({name})", flush=True)
    return random.Random(f"{SEED} {name}")
