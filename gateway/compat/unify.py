"""The outermost policy: a unified call becomes one of a provider, before anything is counted or looked up."""

from collections.abc import Awaitable

from gateway.call import Call, Handler, Refusal, Reply
from gateway.compat.endpoints import endpoint
from gateway.compat.models import Models
from gateway.compat.unified import NAME, Unified


class Unify:
    """Gives every unified call its provider; the list of models is answered here."""

    def __init__(self, unified: Unified, models: Models) -> None:
        self.unified, self.models = unified, models

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """What the provider answers, or which models there are; raises Refusal."""
        if call.provider != NAME:
            return next(call)
        call.record.surface = NAME
        there = endpoint(call.path)
        if there.kind == "models":
            if call.method not in ("GET", "HEAD"):
                raise Refusal(405, 2105, "not_found", "Models are listed by GET requests.", [(b"allow", b"GET, HEAD")])
            return self.models.reply(call, there)
        return next(self.unified.resolved(call))
