"""`make trace-demo`: starts Phoenix and a gateway, makes calls of every kind, and says where their traces are."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import httpx2

from demo.calls import CALLS, Call
from demo.children import LOOPBACK, Child, NotReady, port, surroundings
from demo.phoenix import PROJECT, Phoenix, installed

SETTINGS: Final = Path(__file__).resolve().with_name("gateways.yaml")
RATES: Final = {("input", "PROMPT"): 250.0, ("output", "COMPLETION"): 1000.0}
"""What gateways.yaml says of the demo's models."""

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

LOOK: Final = """
The list shows one line per call. A trace is the call (SERVER), below it one span for each attempt at a provider.

  tokens, cost   on attempts: gen_ai.usage.*; gen_ai.usage.cost is what the log and cf-aig-cost say. Phoenix shows
                 its own sum, from its own prices: the demo gave it the same ones as gateways.yaml has.
  errors         "retried", "fallen back" and "universal": the failed attempts stand beside the one that served
  streams        gen_ai.response.time_to_first_chunk
  prompts        only in the calls "with prompts": everywhere else trace_content is off, as it is by default
  whose call     gateway.account, gateway.gateway, and metadata: the first call has team = search
"""


class Gateway:
    """`gateway serve` with the demo's settings, its spans bound for `collector`."""

    def __init__(self, collector: str, folder: Path, wanted: int = 0) -> None:
        self.port = port(wanted)
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.client = httpx2.Client(base_url=self.url, timeout=60, trust_env=False)
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(SETTINGS), "--port", str(self.port)]
        self.child = Child("The gateway", command, surroundings(variables(collector)), folder / "gateway.log")

    def wait_until_ready(self) -> None:
        """Come back once it answers; raises NotReady."""
        self.child.wait_until(self.ready, 30)

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            self.client.get("/")
        except httpx2.TransportError:
            return False
        return True

    def call(self, call: Call) -> httpx2.Response:
        """Make one of the demo's calls; the answer is read whole."""
        headers = {"content-type": "application/json", **call.headers}
        return self.client.post(call.path, content=call.content, headers=headers)

    def stop(self) -> None:
        """End it; the spans that wait go out."""
        self.client.close()
        self.child.stop()


def variables(collector: str) -> dict[str, str]:
    """OpenTelemetry's variables, as any OTLP backend wants them; the project's name is Phoenix's own."""
    return {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector}/v1/traces",
        "OTEL_RESOURCE_ATTRIBUTES": f"openinference.project.name={PROJECT}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }


@contextmanager
def running(phoenix_port: int, gateway_port: int) -> Iterator[tuple[Phoenix, Gateway]]:
    """Both, ready, and ended at the end."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="trace-demo-", ignore_cleanup_errors=True))
        )
        phoenix = Phoenix(folder, phoenix_port)
        stack.callback(phoenix.stop)
        gateway = Gateway(phoenix.url, folder, gateway_port)
        stack.callback(gateway.stop)
        gateway.wait_until_ready()
        phoenix.wait_until_ready()
        phoenix.price("gateway demo", "^demo", RATES)
        yield phoenix, gateway


def show(phoenix: Phoenix, gateway: Gateway) -> None:
    """Make the calls, and print each with the address of its trace."""
    traces: dict[str, tuple[Call, int]] = {}
    for call in CALLS:
        answer = gateway.call(call)
        traces[answer.headers["traceparent"].split("-")[1]] = call, answer.status_code
    phoenix.wait_for(set(traces))
    place = f"{phoenix.url}/projects/{phoenix.project()}"
    for trace_id, (call, status) in traces.items():
        print(f"  {status}  {call.name:<28}{call.look}\n       {place}/traces/{trace_id}")
    print(LOOK)
    print(f"Phoenix: {place}/traces\ngateway: {gateway.url}\nCtrl-C stops both.", flush=True)


def interrupted(number: int, _: FrameType | None) -> None:
    """Take any signal to end as a Ctrl-C, and no other while everything stops, which is a matter of seconds."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


def main() -> int:
    """Run until a Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m demo.trace_demo", description=__doc__)
    parser.add_argument("--phoenix-port", type=int, default=6006, help="another is taken where this one is not free")
    parser.add_argument("--gateway-port", type=int, default=8787, help="the same")
    chosen = parser.parse_args()
    if not installed():
        print("There is no Phoenix in .phoenix: `make trace-demo` installs it.", file=sys.stderr)
        return 1
    for number in ENDING:
        signal.signal(number, interrupted)
    print("Phoenix and the gateway start; Phoenix takes up to a minute.", flush=True)
    try:
        with running(chosen.phoenix_port, chosen.gateway_port) as (phoenix, gateway):
            show(phoenix, gateway)
            signal.pause()
    except NotReady as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
