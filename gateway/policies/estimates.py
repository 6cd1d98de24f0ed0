"""What a call may use, guessed before it, and what it did use, read from its record after it."""

import re
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from gateway.call import Attempt, Call, Record
from gateway.prices.price import BILLION, PARTS
from gateway.settings.limits import LARGEST

BYTES_PER_TOKEN: Final = 4
GUESS: Final = 4096
"""Tokens out, where the client sets no end to them."""

MOST_ASKED: Final = 10**9
"""Tokens that a client's wish may come to; no model has more, and a larger number is a slip or an attack."""

BARREN: Final = frozenset(("GET", "HEAD", "OPTIONS", "DELETE"))
FREE: Final = re.compile(
    rb"(?:[\w.~%@:/-]*[/:])?(?:count[_-]?tokens|input_tokens|(?:de)?tokenize|moderations|files|uploads(?:/[\w-]+/[a-z]+)?"
    rb"|cancel)/?",
    re.IGNORECASE,
)
"""Ends of paths that providers bill nothing for, though they are POST requests and may name a model.

Nothing that a server might cut a path off at may stand before: the end must be the end for the provider too.
"""

LONGEST: Final = 256
"""Bytes of a path that may be free; no endpoint that is has more."""

Measure: TypeAlias = Callable[[Attempt], int | None]


class Estimate(msgspec.Struct, frozen=True, gc=False):
    """Tokens in and out, and whether those out are no more than a guess."""

    input: int
    output: int
    guessed: bool


def bills(call: Call) -> bool:
    """Whether a provider may bill anything for this call."""
    if call.method in BARREN:
        return False
    return bool(call.asked.operation) or len(call.path) > LONGEST or not free(call.path)


@lru_cache(512)
def free(path: bytes) -> bool:
    """Whether a path ends as one that costs nothing; looked at once, as calls come to the same few endpoints."""
    return FREE.fullmatch(path) is not None


def estimate(call: Call) -> Estimate:
    """A quarter of the body's bytes in; out, what the client allows for, in each of the answers it asks for."""
    parameters = call.asked.parameters
    allowed, choices = parameters.get("gen_ai.request.max_tokens"), parameters.get("gen_ai.request.choice.count", 1)
    guessed = not isinstance(allowed, int) or allowed < 0
    output = 0 if call.asked.operation == "embeddings" else GUESS
    if isinstance(allowed, int) and allowed >= 0:
        output = min(allowed, MOST_ASKED)
    if isinstance(choices, int) and choices > 1:
        output = min(output * choices, MOST_ASKED)
    return Estimate(-(-len(call.body) // BYTES_PER_TOKEN), output, guessed)


def used(record: Record, reserved: int, measure: Measure) -> int:
    """What a call came to, where each of its attempts that may be billed unseen counts as what was reserved.

    A refusal, an answer from the cache and a failed attempt without a measure count nothing; an answer that was cut off
    by its client before it was metered counts in full, or hanging up in time would make every call free.
    """
    if record.cached:
        return 0
    total = 0
    for attempt in record.attempts:
        measured = measure(attempt)
        total += (reserved if unseen(attempt) else 0) if measured is None else measured
    return min(total, LARGEST)


def unseen(attempt: Attempt) -> bool:
    """Whether a provider may have worked for an attempt that has no measure."""
    return attempt.error == "cancelled" or (0 < attempt.status < 400 and not attempt.error)


def tokens(attempt: Attempt) -> int | None:
    """Tokens in and out of one attempt."""
    usage = attempt.answer.usage if attempt.answer is not None else None
    if usage is None:
        return None
    return (usage.input_tokens or 0) + (usage.output_tokens or 0)


def cost(attempt: Attempt) -> int | None:
    """Billionths of a dollar of one attempt."""
    return None if attempt.cost is None else billionths(attempt.cost)


def billionths(dollars: Decimal) -> int:
    """US dollars in whole billionths, rounded up, and no more than can be counted."""
    return min(int((dollars * PARTS).to_integral_value(ROUND_CEILING)), LARGEST)


def dollars(amount: int) -> str:
    """Billionths as US dollars, without zeros at the end."""
    whole, rest = divmod(amount, BILLION)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")
