"""Request parameters under OpenTelemetry's names (GenAI semantic conventions v1.41.1, spec otel.md 1.2)."""

from typing import Any, Final, Protocol

STOPS: Final = 16
"""Stop sequences kept, of at most LENGTH characters each; no provider takes more than 16."""

LENGTH: Final = 128

WIDEST: Final = 2**63


class Sampling(Protocol):
    """A request with the parameters that nearly every dialect calls the same."""

    temperature: float | None
    top_p: float | None
    top_k: Any
    frequency_penalty: float | None
    presence_penalty: float | None
    stream: bool | None


def set_parameters(
    found: dict[str, Any], asked: Sampling, max_tokens: int | None, stop: str | list[str] | None
) -> None:
    """Add what is asked for; an attribute whose value is absent is left out."""
    set_number(found, "max_tokens", max_tokens)
    set_number(found, "top_k", asked.top_k)
    if asked.temperature is not None:
        found["gen_ai.request.temperature"] = asked.temperature
    if asked.top_p is not None:
        found["gen_ai.request.top_p"] = asked.top_p
    if asked.frequency_penalty is not None:
        found["gen_ai.request.frequency_penalty"] = asked.frequency_penalty
    if asked.presence_penalty is not None:
        found["gen_ai.request.presence_penalty"] = asked.presence_penalty
    if stop:
        found["gen_ai.request.stop_sequences"] = stops(stop)
    if asked.stream:
        found["gen_ai.request.stream"] = True


def set_number(found: dict[str, Any], name: str, value: float | None) -> None:
    """Add gen_ai.request.NAME; what does not fit OTLP's 64-bit integer is left out."""
    if value is not None and -WIDEST <= value < WIDEST:
        found["gen_ai.request." + name] = value


def stops(stop: str | list[str]) -> list[str]:
    """Stop sequences as a list, bounded."""
    every = [stop] if isinstance(stop, str) else stop[:STOPS]
    return [one[:LENGTH] for one in every]


KINDS: Final = {
    "text": "text",
    "json": "json",
    "json_object": "json",
    "json_schema": "json",
    "application/json": "json",
    "image": "image",
    "audio": "speech",
}


def kind_of(form: str | None) -> dict[str, str]:
    """gen_ai.output.type for a provider's word for a form or a modality."""
    kind = KINDS.get(form.lower()) if form else None
    return {"gen_ai.output.type": kind} if kind else {}
