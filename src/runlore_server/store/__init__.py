"""The store: one module per aggregate, each taking a connection; the only callers of SQL."""
