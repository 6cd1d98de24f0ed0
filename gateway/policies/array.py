"""The universal endpoint's place in the onion: `POST /v1/{account}/{gateway}` with an array of steps."""

from collections.abc import Awaitable
from typing import Final

from gateway.call import Asked, Call, Handler, Refusal, Reply
from gateway.policies.universal import Universal

NAME: Final = "universal"


class Steps:
    """What stands for a provider in a URL that names none."""

    name = NAME

    @staticmethod
    def asked(path: bytes, query: bytes, content_type: bytes, body: bytes) -> Asked:
        """Nothing yet: each step says what it is about."""
        return Asked()


class Array:
    """Hands calls to the universal endpoint over to it, and lets all others pass."""

    def __init__(self, universal: Universal) -> None:
        self.universal = universal

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """What the first step that works answers; raises Refusal."""
        if call.provider != NAME:
            return next(call)
        self.check(call)
        call.record.surface = NAME
        return self.universal(call)

    @staticmethod
    def check(call: Call) -> None:
        """Refuse what is no universal call; raises Refusal."""
        if call.path:
            raise Refusal(404, 2105, "not_found", "Name a provider: /v1/{account}/{gateway}/{provider}/….")
        if call.method != "POST":
            raise Refusal(
                405, 2105, "not_found", "The universal endpoint takes POST requests with an array of steps.",
                [(b"allow", b"POST")],
            )  # fmt: skip
