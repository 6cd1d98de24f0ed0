"""How property tests choose their examples, and what fails a run beside its tests.

The gate tries the same examples each time, so that a red run is a change's own doing; `HYPOTHESIS_PROFILE=search`
tries new ones, to look for what nobody has met yet. No example has a deadline: the machine may be busy with others.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("gate", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

LEFT_OPEN: list[str] = []


def pytest_warning_recorded(warning_message: object, nodeid: str) -> None:
    """Note what a test left open in uvloop."""
    if "unclosed resource" in str(warning_message):
        LEFT_OPEN.append(nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run in which something was left open has failed, whatever its tests say."""
    if LEFT_OPEN and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests left something open."""
    for nodeid in sorted(set(LEFT_OPEN)):
        terminalreporter.write_line(f"LEFT OPEN {nodeid}", red=True)
