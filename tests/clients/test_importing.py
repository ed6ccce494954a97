"""What importing the package costs, and what else it lives beside."""

from __future__ import annotations

import subprocess
import sys

import pytest

FOREIGN_RULES = """
from google.protobuf import descriptor_pb2, descriptor_pool
foreign = descriptor_pb2.FileDescriptorProto(syntax="proto2")
foreign.name, foreign.package = "buf/validate/validate.proto", "buf.validate"
foreign.dependency.append("google/protobuf/descriptor.proto")
foreign.message_type.add(name="FieldRules").field.add(name="other", number=1, type=9, label=1)
extension = foreign.extension.add(name="field", number=1159, type=11, label=1)
extension.type_name, extension.extendee = ".buf.validate.FieldRules", ".google.protobuf.FieldOptions"
register = lambda: descriptor_pool.Default().AddSerializedFile(foreign.SerializeToString())
use = lambda: runlore.v1.CreateRunRequest(name="x").SerializeToString()
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_importing_imports_nothing_heavy() -> None:
    done = run(
        "import sys, time; began = time.perf_counter(); import runlore; took = time.perf_counter() - began\n"
        "print([m for m in ('grpc', 'google.protobuf', 'numpy', 'pandas', 'click') if m in sys.modules])\n"
        "print(took < 0.2, took)\n"
        "runlore.Client, runlore.connect, runlore.aio.Client, runlore.v1.Run\n"
        "print([m for m in ('numpy', 'pandas', 'click') if m in sys.modules])\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "[]"
    assert done.stdout.splitlines()[1].startswith("True"), done.stdout
    assert done.stdout.splitlines()[2] == "[]"


def test_every_public_name_is_there_and_no_other() -> None:
    done = run(
        "import runlore\n"
        "for name in runlore.__all__: getattr(runlore, name)\n"
        "assert set(runlore.__all__) <= set(dir(runlore))\n"
        "assert runlore.__version__\n"
        "from runlore import *\n"
        "try: runlore.nonsense\n"
        "except AttributeError as error: print(error)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "module 'runlore' has no attribute 'nonsense'\n"


@pytest.mark.parametrize(
    "order", ["register(); import runlore; use()", "import runlore; use(); register()"], ids=["before", "after"]
)
def test_it_lives_beside_another_distributions_copy_of_the_rules(order: str) -> None:
    done = run(FOREIGN_RULES + order + "\nprint('fine')")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "fine\n"
