"""Request logs: one JSON line per call, made from its Record."""
