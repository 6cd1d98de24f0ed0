"""A self-hosted AI gateway: one process, one YAML file."""

__version__ = "0.1.0"
