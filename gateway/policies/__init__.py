"""Rules around a handler, one file each."""
