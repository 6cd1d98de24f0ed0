"""Arguments of a function that Vertex AI streams in pieces, each with its place as a JSON path.

https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc. Pieces of one text come
one after the other; a place that cannot be read, or goes beyond what is there, makes the arguments unreadable.
"""

import re
from itertools import pairwise
from typing import Any, Final

from gateway.translation.codec import Json
from gateway.translation.values import soft

STEPS: Final = re.compile(r"""\.?([^.\[\]'"]+)|\[(\d{1,6})\]|\[(?:'([^']*)'|"([^"]*)")\]""")
DEEPEST: Final = 64


class Assembly:
    """A call whose arguments are not whole yet."""

    def __init__(self, call: Json, signature: str) -> None:
        self.id = soft(call.get("id"), str, "")
        self.name = soft(call.get("name"), str, "")
        self.signature = signature
        self.args: Json = {}
        self.broken = False

    def add(self, call: Json, signature: str) -> None:
        """Take in what one chunk says."""
        self.signature = signature or self.signature
        self.args.update(soft(call.get("args"), dict, {}))
        for piece in soft(call.get("partialArgs"), list, []):
            said = soft(piece, dict, {})
            steps = _steps(soft(said.get("jsonPath"), str, ""))
            if not steps or not _put(self.args, steps, _value(said)):
                self.broken = True


def _steps(path: str) -> list[str | int]:
    """Names and numbers of a path such as `$.rooms[0].name`; empty where it cannot be read."""
    steps: list[str | int] = []
    at = 1 if path.startswith("$") else 0
    while at < len(path):
        found = STEPS.match(path, at)
        if found is None or len(steps) == DEEPEST:
            return []
        name, number, *quoted = found.groups()
        steps.append(int(number) if number else next((one for one in (name, *quoted) if one is not None), ""))
        at = found.end()
    return steps


def _value(piece: Json) -> Any:  # noqa: ANN401 - any scalar of JSON
    """The piece's value; null where it has none."""
    for kind in ("stringValue", "numberValue", "boolValue"):
        if kind in piece:
            return piece[kind]
    return None


def _put(args: Json, steps: list[str | int], value: object) -> bool:
    """Write a value to its place, a text behind the text that is there; False where there is no such place."""
    holder: Any = args
    for step, following in pairwise(steps):
        inner = _inside(holder, step, [] if isinstance(following, int) else {})
        if inner is None:
            return False
        holder = inner
    last = steps[-1]
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder) and isinstance(value, str):
        value = f"{soft(holder[last], str, '')}{value}"
    elif isinstance(holder, dict) and isinstance(value, str):
        value = f"{soft(holder.get(str(last)), str, '')}{value}"
    return _set(holder, last, value)


def _inside(holder: Any, step: str | int, fresh: Any) -> Any:  # noqa: ANN401 - JSON of any form
    """What stands at a step, made where it is not there yet; None where it cannot stand there."""
    if isinstance(holder, dict) and isinstance(step, str):
        return holder.setdefault(step, fresh)
    if isinstance(holder, list) and isinstance(step, int):
        if step == len(holder):
            holder.append(fresh)
        return holder[step] if step < len(holder) else None
    return None


def _set(holder: Any, step: str | int, value: object) -> bool:  # noqa: ANN401 - JSON of any form
    """Write a value into an object or a list; False where it has no such place."""
    if isinstance(holder, dict) and isinstance(step, str):
        holder[step] = value
        return True
    if isinstance(holder, list) and isinstance(step, int) and step <= len(holder):
        holder[step : step + 1] = [value]
        return True
    return False
