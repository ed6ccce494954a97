"""MLflow as the peer. `client.py` runs in its environment, everything else in ours."""
