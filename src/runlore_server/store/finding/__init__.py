"""Finding a page of runs among a million, within a budget: `planner.py` decides how; README.md of the server, why."""
