"""Frameworks through a gateway, in front of a scripted model."""

import pytest

from tests.compat.stage import open_stage
from tests.frameworks.runs import Run


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Run:
    """Runs a framework's script with cases."""
    with open_stage(tmp_path_factory.mktemp("frameworks")) as stage:
        yield Run(stage)
        assert "Traceback" not in stage.gateway.errors()
