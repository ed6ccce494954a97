"""The search language: text in, a typed tree out. It knows nothing of SQL; `store/search.py` turns the tree into it."""
