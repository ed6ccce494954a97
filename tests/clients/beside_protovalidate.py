"""The client beside protovalidate 1.x and 2.x, installed for real: `make test-beside` (needs a package index).

protovalidate 1.x brings or expects a generated `buf/validate/validate.proto`, and protobuf's descriptor pool holds one
file of a name. Ours registers none, so that either may be imported first, and its rules can still be read.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2]
CHECK = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
import protovalidate
from runlore import v1
try:
    protovalidate.validate(v1.GetRunRequest(run_id="x"))
except protovalidate.ValidationError as error:
    (violation,) = error.violations
    assert violation.proto.rule_id == "string.pattern", violation
else:
    raise AssertionError("the rule of GetRunRequest.run_id was not found")
protovalidate.validate(v1.GetRunRequest(run_id="0" * 32))
"""


def main() -> int:
    """Install and import, in both orders, each major version; the argument is the uv to install with."""
    uv = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        generated = Path(scratch, "generated")
        generated.mkdir()
        rules = ROOT / "protos" / "third_party"
        known = resources.files("grpc_tools") / "_proto"
        arguments = [f"-I{rules}", f"-I{known}", f"--python_out={generated}", "buf/validate/validate.proto"]
        if protoc.main(["protoc", *arguments]) != 0:
            return 1
        for major, others in (("1", "buf.validate.validate_pb2"), ("2", "protovalidate")):
            environment = Path(scratch, f"venv-{major}")
            python = environment / "bin" / "python"
            subprocess.run([uv, "venv", "-q", environment], check=True)
            wanted = [f"protovalidate=={major}.*", str(ROOT / "clients" / "python")]
            # protobuf 6: the oldest line that the client supports.
            subprocess.run([uv, "pip", "install", "-q", "--python", python, "protobuf<7", *wanted], check=True)
            for order in (["runlore.v1", others], [others, "runlore.v1"]):
                subprocess.run([python, "-c", CHECK, *order], check=True, env={"PYTHONPATH": str(generated)})
                print(f"protovalidate {major}.x: ok ({order[0]} first)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
