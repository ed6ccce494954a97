"""The `runlore` command. Importing it stays cheap: commands import the client when they run, not before."""

from runlore.cli.app import main

__all__ = ["main"]
