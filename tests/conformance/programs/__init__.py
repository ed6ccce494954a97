"""Drivers that are written in Python; those of other languages are in `clients/`."""
