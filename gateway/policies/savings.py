"""What an answer out of the cache did not cost: in the words of headers, log lines and spans."""

from decimal import Decimal

from gateway.call import Answer, Record
from gateway.policies.kept import COST


def said(cost: Decimal | None) -> str:
    """A cost as it is kept, to be made fit to read for a hit; nothing where it is unknown."""
    text = "" if cost is None else str(cost)
    return text if COST.fullmatch(text) else ""


def worth(cost: Decimal | None) -> str:
    """US dollars without an exponent and without zeros at the end; nothing where unknown."""
    text = format(cost, "f") if cost is not None else ""
    return text.rstrip("0").rstrip(".") if "." in text else text


def tokens_of(flown: Record) -> tuple[int | None, int | None]:
    """Tokens in and out of the answer that came in the end."""
    answer: Answer | None = flown.attempts[-1].answer if flown.attempts else None
    usage = answer.usage if answer is not None else None
    return (usage.input_tokens, usage.output_tokens) if usage is not None else (None, None)


def saved(cost: str, tokens_in: int | None, tokens_out: int | None) -> dict[str, str | int]:
    """What a hit did not use, for log line and span."""
    said: dict[str, str | int | None] = {
        "cache_saved_cost": cost or None,
        "cache_saved_tokens_in": tokens_in,
        "cache_saved_tokens_out": tokens_out,
    }
    return {name: value for name, value in said.items() if value is not None}
