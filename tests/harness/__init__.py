"""What tests share: a Postgres with a fresh database per test, real servers, and the reading of refusals."""
