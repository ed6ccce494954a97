"""Speed, shown side by side: `make bench`."""
