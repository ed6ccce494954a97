"""`runlore import`: from other products.

What reads another product is in the distribution of that product's plugin, because it needs the product itself. It is
imported by name when it is asked for: there are few, and known, importers, which a table says better than entry points.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class _Importer:
    distribution: str
    module: str
    help: str


_IMPORTERS = {
    "mlflow": _Importer(
        "runlore-mlflow", "runlore_mlflow.importing.command", "Carry over all that an MLflow store holds."
    )
}


class _Importers(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(_IMPORTERS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        importer = _IMPORTERS.get(name)
        if importer is None:
            return None
        try:
            command: click.Command = importlib.import_module(importer.module).command
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] != importer.module.partition(".")[0]:
                raise
            return _absent(name, importer)
        command.name = name
        return command


def _absent(name: str, importer: _Importer) -> click.Command:
    def fail() -> None:
        raise click.UsageError(f"this needs {importer.distribution}: pip install {importer.distribution}")

    return click.Command(
        name,
        callback=lambda: fail(),
        help=f"{importer.help} Needs: pip install {importer.distribution}",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


@click.command("import", cls=_Importers)
def import_() -> None:
    """Carry records over from another product."""


COMMANDS = (import_,)
