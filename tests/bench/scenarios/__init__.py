"""One module a scenario, each with `scenario(bench)`."""
