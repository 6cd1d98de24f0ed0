"""The CLIENT span of one attempt, with OpenTelemetry's GenAI attributes (v1.41.1)."""

from collections.abc import Mapping
from typing import Final

from gateway.call import Attempt, Record
from gateway.telemetry import protobuf as pb

OPERATION: Final = pb.Text("gen_ai.operation.name")
PROVIDER: Final = pb.Text("gen_ai.provider.name")
ROW: Final = pb.Text("gateway.provider")
MODEL: Final = pb.Text("gen_ai.request.model")
ADDRESS: Final = pb.Text("server.address")
PORT: Final = pb.Count("server.port")
STREAM: Final = pb.attribute("gen_ai.request.stream", True)
ATTEMPT: Final = pb.Count("gateway.attempt")
KEY_ALIAS: Final = pb.Text("gateway.key_alias")
ANSWER_MODEL: Final = pb.Text("gen_ai.response.model")
ANSWER_ID: Final = pb.Fresh("gen_ai.response.id", 256)
FINISH: Final = "gen_ai.response.finish_reasons"
CUT: Final = pb.attribute(FINISH, ("error",))
FIRST_CHUNK: Final = pb.Real("gen_ai.response.time_to_first_chunk")
TIER: Final = pb.Text("gateway.response.service_tier")
INPUT: Final = pb.Count("gen_ai.usage.input_tokens")
OUTPUT: Final = pb.Count("gen_ai.usage.output_tokens")
CACHE_READ: Final = pb.Count("gen_ai.usage.cache_read.input_tokens")
CACHE_WRITE: Final = pb.Count("gen_ai.usage.cache_creation.input_tokens")
REASONING: Final = pb.Count("gen_ai.usage.reasoning.output_tokens")
COST: Final = pb.Real("gen_ai.usage.cost")

STATUS: Final = pb.Count("http.response.status_code")
ERROR_TYPE: Final = pb.Text("error.type", 128)
CANCELLED: Final = pb.Text("gateway.cancelled_by")

OWN: Final = frozenset({"gen_ai.request.stream", "gen_ai.request.model", "gen_ai.operation.name"})
"""Parameters that the span has already."""

PARAMETERS: Final = 32
MEMO: Final = 1024


class Attempts:
    """Makes the fields of an attempt's span; `names` gives each provider's gen_ai.provider.name."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._finish: dict[tuple[str, ...], bytes] = {}
        self._parameters: dict[tuple[str, type, object], bytes] = {}

    def encode(self, record: Record, attempt: Attempt, number: int) -> list[bytes]:
        """Name, kind, attributes and status."""
        asked = attempt.asked
        name = f"{asked.operation} {asked.model}".rstrip() if asked.operation else f"{record.method} {attempt.provider}"
        parts = [
            pb.field(b"\x2a", pb.utf8(name[:320])),
            pb.CLIENT,
            OPERATION(asked.operation) if asked.operation else b"",
            PROVIDER(self._names.get(attempt.provider) or attempt.provider),
            ROW(attempt.provider),
            MODEL(asked.model) if asked.model else b"",
            ADDRESS(attempt.address) + PORT(attempt.port) if attempt.address else b"",
            STREAM if asked.stream else b"",
            ATTEMPT(number),
            KEY_ALIAS(attempt.key_alias) if attempt.key_alias else b"",
            STATUS(attempt.status) if attempt.status else b"",
        ]
        if asked.parameters:
            parts += [self._parameter(key, value) for key, value in list(asked.parameters.items())[:PARAMETERS]]
        if asked.stream and attempt.first_chunk:
            parts.append(FIRST_CHUNK(max(attempt.first_chunk - attempt.started, 0.0)))
        self._answer(attempt, parts)
        ending(record, attempt, parts)
        return parts

    def _parameter(self, key: str, value: object) -> bytes:
        """A request parameter, from memory where it is a number seen before."""
        if key in OWN:
            return b""
        kind = type(value)
        if kind is not float and kind is not int:
            return pb.attribute(key, value)
        # The type is part of the key: 1 and 1.0 are one to a dict, and two to a backend.
        known = self._parameters.get((key, kind, value))
        if known is None:
            known = pb.attribute(key, value)
            if len(self._parameters) < MEMO:
                self._parameters[key, kind, value] = known
        return known

    def _answer(self, attempt: Attempt, parts: list[bytes]) -> None:
        """What came back, as far as the meter read it."""
        answer = attempt.answer
        if answer is not None:
            if answer.model:
                parts.append(ANSWER_MODEL(answer.model))
            if answer.id:
                parts.append(ANSWER_ID(answer.id))
            if answer.finish_reasons:
                parts.append(self._finished(answer.finish_reasons))
            if answer.service_tier:
                parts.append(TIER(answer.service_tier))
        used(attempt, parts)

    def _finished(self, reasons: tuple[str, ...]) -> bytes:
        """The finish reasons, from memory where they were seen before."""
        known = self._finish.get(reasons)
        if known is None:
            known = pb.attribute(FINISH, tuple(reason[:64] for reason in reasons))
            if len(self._finish) < MEMO and len(reasons) < 8:
                self._finish[reasons] = known
        return known


def used(attempt: Attempt, parts: list[bytes]) -> None:
    """Tokens and cost; embeddings have no output to count."""
    usage = attempt.answer.usage if attempt.answer else None
    if usage is not None:
        if usage.input_tokens is not None:
            parts.append(INPUT(usage.input_tokens))
        if usage.output_tokens is not None and attempt.asked.operation != "embeddings":
            parts.append(OUTPUT(usage.output_tokens))
        if usage.input_cached_tokens is not None:
            parts.append(CACHE_READ(usage.input_cached_tokens))
        if usage.input_cache_write_tokens is not None:
            parts.append(CACHE_WRITE(usage.input_cache_write_tokens))
        if usage.output_reasoning_tokens is not None:
            parts.append(REASONING(usage.output_reasoning_tokens))
    if attempt.cost is not None:
        parts.append(COST(float(attempt.cost)))


def ending(record: Record, attempt: Attempt, parts: list[bytes]) -> None:
    """How the attempt ended. A cancellation somebody meant is no error, and its finish reason is `error`."""
    if attempt.error == "cancelled":
        parts.append(CANCELLED("client" if record.outcome == "abandoned" else "gateway"))
        if not (attempt.answer and attempt.answer.finish_reasons):
            parts.append(CUT)
    elif attempt.error or attempt.status >= 400:
        parts += (ERROR_TYPE(attempt.error or str(attempt.status)), pb.ERROR)
