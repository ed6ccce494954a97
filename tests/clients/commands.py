"""What became of a `runlore` command."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any


@dataclass
class Done:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    def failed(self, code: int, *texts: str) -> None:
        """Assert that it failed with this code, said each text, and that what it said is short and clean."""
        assert self.code == code, f"{self.out}\n{self.err}"
        assert self.out == ""
        assert len(re.findall(r"^error: ", self.err, re.M)) == 1
        assert "Traceback" not in self.err
        for text in texts:
            assert text in self.err
