"""`runlore import mlflow`: everything that an MLflow store holds, carried over and compared.

It reads with MLflow's own client, so whatever MLflow can open can be imported, and writes what any client may write.
The records in Runlore are the only state: an import that was killed is begun again, finds what is there and adds
what is missing.
"""
