"""`compat/…`: one API for every provider, named in the model: `provider/model`."""

from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.call import Asked, Call, Refusal
from gateway.compat.aim import strict
from gateway.compat.endpoints import endpoint
from gateway.compat.splicing import document
from gateway.dialects import DIALECTS
from gateway.dialects.reading import NAME as NAME_LIMIT
from gateway.providers.provider import Provider

NAME: Final = "compat"
PATHS: Final = (
    "chat/completions, responses, messages, messages/count_tokens, embeddings, models,"
    " and v1beta/models/{model}:generateContent"
)


class Unified:
    """The pseudo-provider that the URL names; which provider a call is for stands in its model."""

    name = NAME

    def __init__(self, reach: Mapping[str, Provider], slugs: Mapping[bytes, Provider]) -> None:
        self.slugs = {slug.decode(): provider for slug, provider in slugs.items()}
        self.homes: dict[str, str] = {
            dialect: name for name, provider in reach.items() for dialect in provider.row.home_of
        }

    @staticmethod
    def asked(path: bytes, query: bytes, content_type: bytes, body: bytes) -> Asked:
        """What a request is about; its model is still `provider/model`."""
        there = endpoint(path)
        if not there.kind:
            return Asked()
        dialect = DIALECTS[there.dialect]
        peek = dialect.read_request(body) if body else None
        model = there.model or (peek.model if peek else "")
        stream = there.stream or (peek.stream if peek else False)
        operation = dialect.operation if there.kind in ("chat", "embeddings") else ""
        return Asked(operation, there.dialect, model, stream, peek.parameters if peek else {})

    def resolved(self, call: Call) -> Call:
        """The call with its provider in place of `compat`, its body still in the client's form; raises Refusal."""
        there = endpoint(call.path)
        if not there.kind:
            raise Refusal(404, 2105, "not_found", f"Unified calls go to compat/…: {PATHS}.")
        if call.method != "POST":
            raise Refusal(405, 2105, "not_found", "Unified calls are POST requests.", [(b"allow", b"POST")])
        strict(call)
        if not call.asked.model:
            # A body that is no JSON has no model either, and that is what to say of it.
            document(call.body)
        provider, model = self.provider(call.asked)
        asked = msgspec.structs.replace(call.asked, model=model)
        call.record.asked, call.record.provider = asked, provider.name
        form = f"{there.dialect}:count" if there.kind == "count" else there.dialect
        return msgspec.structs.replace(call, provider=provider.name, asked=asked, form=form)

    def provider(self, asked: Asked) -> tuple[Provider, str]:
        """The provider that a model's name begins with, and the rest of the name; raises Refusal 400."""
        if not asked.model:
            raise Refusal(400, 2111, "invalid_request", "model is missing: write it as provider/model.")
        if len(asked.model) >= NAME_LIMIT:
            # It may have been cut when it was read.
            raise Refusal(400, 2111, "invalid_request", f"model has {NAME_LIMIT} characters or more.")
        slug, slash, model = asked.model.partition("/")
        if not slash:
            # SDKs come with models of their own maker; that provider is meant where nobody else is named.
            slug, model = self.homes.get(asked.dialect, ""), asked.model
        provider = self.slugs.get(slug)
        if provider is None or not model:
            raise Refusal(
                400,
                2008,
                "invalid_provider",
                f"Invalid provider: write the model as provider/model with a provider of this gateway, not"
                f" {printable(asked.model)}.",
            )
        return provider, model


def printable(text: str) -> str:
    """A client's own word, as far as it may be repeated."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:64])
