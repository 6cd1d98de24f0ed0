"""Without the tools the chart's tests are skipped, except where they are promised (`HELM_TESTS=required`)."""

import os

import pytest

from tests.helm import fetch

MISSING = fetch.missing()


@pytest.fixture(autouse=True)
def _tools(request):
    if MISSING and not getattr(request.module, "WITHOUT_TOOLS", False):
        if os.environ.get("HELM_TESTS") == "required":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
