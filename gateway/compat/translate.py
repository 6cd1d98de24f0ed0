"""The policy just outside upstream: a body in the client's dialect becomes one in its provider's, and back."""

from collections.abc import Awaitable, Mapping

from gateway.call import Call, Handler, Reply
from gateway.compat.chat import conversed
from gateway.compat.counts import counted
from gateway.compat.vectors import embedded
from gateway.providers.provider import Provider


class Translate:
    """Leaves calls alone whose body is in their provider's form already, at the cost of one comparison."""

    def __init__(self, reach: Mapping[str, Provider]) -> None:
        self.reach = reach

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """The provider's answer, in the form that the client speaks."""
        form = call.form
        if not form:
            return next(call)
        provider = self.reach[call.provider]
        if form == "openai_embeddings":
            return embedded(call, provider, next)
        if form.endswith(":count"):
            return counted(call, provider, next)
        return conversed(call, provider, next)
