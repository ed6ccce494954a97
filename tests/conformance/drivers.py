"""Every client that runs the cases, and how its driver is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = "tests.conformance.programs"


@dataclass(frozen=True)
class Kind:
    """How one client's driver is started, from the root of the checkout."""

    command: tuple[str, ...]
    #: What has to be there, and the command that makes it.
    needs: str = ""
    made_by: str = ""
    #: Whether it talks to the web port.
    web: bool = False
    #: Whether the client tries again what was cut; a tool that makes raw calls does not.
    retries: bool = True


def _python(program: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"{_PROGRAMS}.{program}", *arguments)


def _typescript(protocol: str, *, web: bool) -> Kind:
    program = "clients/typescript/build/conformance.js"
    return Kind(("node", program, protocol), program, "make -C clients/typescript driver", web=web)


DRIVERS = {
    "python-sync": Kind(_python("python_sync")),
    "python-aio": Kind(_python("python_aio")),
    "go": Kind(("clients/go/build/conformance",), "clients/go/build/conformance", "make -C clients/go driver"),
    "typescript-grpc": _typescript("grpc", web=False),
    "typescript-connect": _typescript("connect", web=True),
    "typescript-grpc-web": _typescript("grpc-web", web=True),
    "java": Kind(
        ("java", "-jar", "clients/java/target/conformance.jar"),
        "clients/java/target/conformance.jar",
        "make -C clients/java driver",
    ),
    "grpcurl": Kind(
        _python("grpcurl", "build/bin/grpcurl"), "build/bin/grpcurl", "make build/bin/grpcurl", retries=False
    ),
    "web-json": Kind(_python("web_json"), web=True, retries=False),
}
