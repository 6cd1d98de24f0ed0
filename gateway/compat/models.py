"""`compat/models`: what a client of this gateway may ask for."""

import asyncio
from collections.abc import Mapping

from gateway.call import Call, Refusal, Reply
from gateway.compat.endpoints import Endpoint
from gateway.dialects.errors import encode
from gateway.prices.catalogue import Catalogue
from gateway.translation.codec import Json
from gateway.translation.listing import Row, anthropic_list, gemini_list, openai_list


class Models:
    """The models of a gateway's providers, by the public table and gateways.yaml; no provider is asked."""

    def __init__(self, providers: Mapping[str, tuple[str, ...]], catalogue: Catalogue) -> None:
        self.providers, self.catalogue = providers, catalogue

    async def reply(self, call: Call, there: Endpoint) -> Reply:
        """The list, or one model of it, in the form that the client's SDK reads; raises Refusal 404."""
        # Reading a provider's part of the table for the first time takes some milliseconds.
        rows = await asyncio.to_thread(self.rows)
        if there.model:
            rows = [row for row in rows if row.id == there.model]
            if not rows:
                raise Refusal(404, 2105, "model_not_found", "No model of this name is listed here: see compat/models.")
        listed = written(call, there, rows)
        body = encode(listed)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        return Reply.of(200, headers, body)

    def rows(self) -> list[Row]:
        """Every model of every provider that is set up here."""
        found = []
        for provider, own in self.providers.items():
            found += [Row(provider, name) for name in own]
            found += [
                Row(
                    provider,
                    model.id,
                    model.prices,
                    model.context_window,
                    name=model.name,
                    embeds=model.embeds,
                    deprecated=model.deprecated,
                )
                for model in self.catalogue.models(provider)
            ]
        return found


def written(call: Call, there: Endpoint, rows: list[Row]) -> Json:
    """The list in one of three forms; of one model its entry alone."""
    if there.dialect == "gemini_generate":
        listed, name = gemini_list(rows), "models"
    elif any(pair[0] == b"anthropic-version" for pair in call.headers):
        listed, name = anthropic_list(rows), "data"
    else:
        listed, name = openai_list(rows), "data"
    entry: Json = listed[name][0] if there.model else listed
    return entry
