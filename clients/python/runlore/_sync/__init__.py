"""The synchronous client: generated from `runlore/_async` by `make gen`."""
