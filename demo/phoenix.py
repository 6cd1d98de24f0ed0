"""Arize Phoenix on the loopback, from the virtual environment that `make .phoenix/.stamp` fills, and what it says."""

import json
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2

from demo.children import LOOPBACK, Child, port, surroundings

PYTHON: Final = Path(__file__).resolve().parents[1] / ".phoenix" / "bin" / "python"
LAUNCH: Final = Path(__file__).resolve().with_name("launch_phoenix.py")
PROJECT: Final = "gateway"
PROBE: Final = "is-the-price-known"
NOTHING: Final = {"total": {"cost": None}}
STARTING: Final = 180.0
"""Seconds until Phoenix must answer; it takes 15 to 50 on two cores."""

SPANS: Final = """query ($project: ID!, $after: String) { node(id: $project) { ... on Project {
  spans(first: 200, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    id spanId parentId name spanKind statusCode tokenCountPrompt tokenCountCompletion attributes
    trace { traceId } costSummary { total { cost tokens } } } } } } } }"""
TRACE: Final = """query ($project: ID!, $trace: ID!) { node(id: $project) { ... on Project {
  trace(traceId: $trace) { numSpans costSummary { total { cost tokens } } } } } }"""
MODEL: Final = "mutation ($model: CreateModelMutationInput!) { createModel(input: $model) { model { id } } }"


class Phoenix:
    """A Phoenix whose traces are gone with `folder`; it reports to nobody and has no assistant."""

    def __init__(self, folder: Path, wanted: int = 0) -> None:
        self.port, self.grpc_port = port(wanted), port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.client = httpx2.Client(base_url=self.url, timeout=30, trust_env=False)
        self.child = Child("Phoenix", [str(PYTHON), "-P", str(LAUNCH)], self.environ(folder), folder / "phoenix.log")

    def environ(self, folder: Path) -> dict[str, str]:
        """What keeps it here, silent and harmless."""
        return surroundings(
            {
                "PHOENIX_WORKING_DIR": str(folder),
                "PHOENIX_HOST": LOOPBACK,
                "PHOENIX_PORT": str(self.port),
                "PHOENIX_GRPC_PORT": str(self.grpc_port),
                "PHOENIX_TELEMETRY_ENABLED": "false",
                "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
                "PHOENIX_DISABLE_AGENT_ASSISTANT": "true",
                "PHOENIX_AGENTS_DISABLE_BASH": "true",
                "PHOENIX_AGENTS_DISABLE_WEB_ACCESS": "true",
            }
        )

    def wait_until_ready(self) -> None:
        """Come back once it answers; raises NotReady."""
        self.child.wait_until(self.ready, STARTING)

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def ask(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - GraphQL's JSON
        """The answer to a GraphQL query; raises RuntimeError with what it complains of."""
        answer = self.client.post("/graphql", json={"query": query, "variables": variables}).json()
        if answer.get("errors"):
            raise RuntimeError(str(answer["errors"]))
        return answer["data"]

    def price(self, name: str, pattern: str, rates: dict[tuple[str, str], float]) -> None:
        """Give models a price in US dollars per million tokens: Phoenix counts by its own table, not by our spans.

        It reads a new price within some seconds, and prices no span again; so wait until it prices a span of ours.
        """
        costs = [
            {"tokenType": kind, "kind": side, "costPerMillionTokens": rate} for (kind, side), rate in rates.items()
        ]
        self.ask(MODEL, model={"name": name, "namePattern": pattern, "costs": costs})
        end = time.monotonic() + 60
        while not any((span["costSummary"] or NOTHING)["total"]["cost"] for span in self.spans(PROBE)):
            if time.monotonic() > end:
                raise TimeoutError("Phoenix does not take the price")
            self.client.post(f"/v1/projects/{PROBE}/spans", json={"data": [priced(pattern.strip("^"))]})
            time.sleep(1)
        self.client.delete(f"/v1/projects/{PROBE}")

    def project(self, name: str = PROJECT) -> str:
        """The GraphQL id of a project; empty until its first span is there."""
        found = self.client.get("/v1/projects").json()["data"]
        return next((one["id"] for one in found if one["name"] == name), "")

    def spans(self, name: str = PROJECT) -> list[dict[str, Any]]:
        """All spans of a project, their attributes as a tree."""
        made: list[dict[str, Any]] = []
        project, after, more = self.project(name), None, True
        while project and more:
            page = self.ask(SPANS, project=project, after=after)["node"]["spans"]
            made += [{**edge["node"], "attributes": json.loads(edge["node"]["attributes"])} for edge in page["edges"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        return made

    def trace(self, trace_id: str) -> dict[str, Any] | None:
        """What Phoenix adds up of one trace; None while it has none of that id."""
        project = self.project()
        found = self.ask(TRACE, project=project, trace=trace_id)["node"]["trace"] if project else None
        return dict(found) if found else None

    def wait_for(self, trace_ids: set[str], seconds: float = 20) -> None:
        """Come back once all the traces are there; raises TimeoutError."""
        end = time.monotonic() + seconds
        while trace_ids - {span["trace"]["traceId"] for span in self.spans()}:
            if time.monotonic() > end:
                raise TimeoutError("Phoenix has not got all the traces")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it."""
        self.client.close()
        self.child.stop()


def priced(model: str) -> dict[str, Any]:
    """A span with tokens of `model`, as Phoenix's own API takes it."""
    now = datetime.now(UTC).isoformat()
    counts = {"llm.model_name": model, "llm.token_count.prompt": 1000, "llm.token_count.completion": 1000}
    return {
        "name": model,
        "context": {"trace_id": secrets.token_hex(16), "span_id": secrets.token_hex(8)},
        "span_kind": "LLM",
        "start_time": now,
        "end_time": now,
        "status_code": "OK",
        "attributes": counts,
    }


def installed() -> bool:
    """Whether there is a Phoenix to start."""
    return os.access(PYTHON, os.X_OK) and any(PYTHON.parent.glob("phoenix"))
