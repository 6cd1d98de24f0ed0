"""Policies around a handler, composed once: the order of the list is the order in which a call meets them."""

from collections.abc import Awaitable, Sequence

from gateway.call import Call, Handler, Policy, Reply


def onion(layers: Sequence[Policy], heart: Handler) -> Handler:
    """One handler: the first layer outermost, `heart` innermost."""
    made = heart
    for layer in reversed(layers):
        made = around(layer, made)
    return made


def around(layer: Policy, inner: Handler) -> Handler:
    """One layer around what lies within."""

    def handler(call: Call) -> Awaitable[Reply]:
        """Ask the layer; no coroutine of our own, which every step of a call would pass."""
        return layer(call, inner)

    return handler
