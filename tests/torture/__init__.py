"""Kill, crowd and starve ingests, and see what is left: `make torture`."""
