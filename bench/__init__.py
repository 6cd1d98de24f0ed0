"""Measures what the gateway costs beside a bare route: `make bench`."""
