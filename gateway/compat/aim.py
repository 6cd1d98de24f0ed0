"""A unified call made one of its provider's own."""

from msgspec.structs import replace

from gateway.call import Call, Headers, Refusal
from gateway.providers.provider import Provider
from gateway.providers.speech import Speech, speech
from gateway.wire.wishes import switch

STRICT = b"cf-aig-strict"
JSON = b"application/json"


def spoken(provider: Provider, model: str, form: str) -> Speech:
    """What a provider speaks for a model: the client's dialect where it can; raises Refusal 400."""
    found = speech(provider, model, form)
    if found is None:
        raise Refusal(
            400, 2110, "unsupported_endpoint", f"{provider.name} has no such endpoint for {model} on the unified API."
        )
    return found


def at(call: Call, provider: Provider, place: tuple[bytes, bytes], letter: tuple[Headers, bytes]) -> Call:
    """The call as the provider's own SDK would make it, at a path and query, with these headers and this body."""
    headers, body = letter
    asked = provider.asked(place[0], place[1], JSON, body)
    return replace(call, method="POST", path=place[0], query=place[1], headers=headers, body=body, asked=asked, form="")


def strict(call: Call) -> bool:
    """Whether what cannot be carried is refused: so unless the client says otherwise; raises Refusal 400."""
    return switch(call.control, STRICT, True)
