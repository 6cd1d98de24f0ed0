"""The price of a model, per token, and what a usage costs at it."""

from decimal import ROUND_CEILING, Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from gateway.call import Usage

NOTHING: Final = Decimal(0)
MILLION: Final = Decimal(1_000_000)


BILLION: Final = 10**9
PARTS: Final = Decimal(BILLION)
ATOMS: Final = Decimal(10**18)


class Price(Struct, frozen=True):
    """US dollars per token of each class; a class without a price of its own costs what the one around it costs."""

    input: Decimal
    output: Decimal = NOTHING
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    reasoning: Decimal | None = None
    input_audio: Decimal | None = None
    output_audio: Decimal | None = None
    request: Decimal = NOTHING
    """Per call."""
    tiers: "tuple[Tier, ...]" = ()
    """Prices of longer inputs, which then hold for the whole call; shortest first."""
    flat: bool = False
    """Whether input and output are all that has a price; set by itself."""
    atoms: tuple[int, int] | None = None
    """Both in quintillionths of a dollar, where they are flat and come out even; set by itself."""

    def __post_init__(self) -> None:
        classes = (self.cache_read, self.cache_write, self.cache_write_1h, self.reasoning)
        more = (*classes, self.input_audio, self.output_audio)
        force_setattr(self, "flat", not (self.tiers or self.request) and all(price is None for price in more))
        atoms = self.input * ATOMS, self.output * ATOMS
        even = all(amount.is_finite() and amount == int(amount) for amount in atoms)
        force_setattr(self, "atoms", (int(atoms[0]), int(atoms[1])) if self.flat and even else None)

    @classmethod
    def of_million(cls, input: Decimal, output: Decimal = NOTHING, **classes: Decimal | None) -> "Price":
        """A price from dollars per million tokens; `request` stays per call."""
        request = classes.pop("request", None)
        each = {name: None if price is None else price / MILLION for name, price in classes.items()}
        return cls(input / MILLION, output / MILLION, request=request or NOTHING, **each)  # type: ignore[arg-type]  # names are this struct's

    def cost(self, usage: Usage) -> Decimal:
        """What `usage` costs, never less than nothing.

        Input includes cached, written and audio tokens, and output reasoning and audio, so what has a price of its own
        is taken out first; a provider that counts more of a class than of the whole (xAI's cached tokens, in recorded
        answers) leaves nothing at the plain price.
        """
        if self.flat:
            return (usage.input_tokens or 0) * self.input + (usage.output_tokens or 0) * self.output
        for tier in reversed(self.tiers):
            if (usage.input_tokens or 0) > tier.above:
                return tier.price.cost(usage)
        cost = self.request + self._input(usage)
        written = usage.output_tokens or 0
        for tokens, price in (
            (usage.output_reasoning_tokens, self.reasoning),
            (usage.output_audio_tokens, self.output_audio),
        ):
            if tokens and price is not None:
                cost += tokens * price
                written -= tokens
        return cost + written * self.output if written > 0 else cost

    def plain(self, read: int, written: int) -> int:
        """What tokens in and out cost of which no class of their own is known: billionths of a dollar, rounded up."""
        if self.atoms is not None:
            return -(-(read * self.atoms[0] + written * self.atoms[1]) // BILLION)
        cost = self.cost(Usage(input_tokens=read, output_tokens=written))
        return int((cost * PARTS).to_integral_value(ROUND_CEILING))

    def _input(self, usage: Usage) -> Decimal:
        """US dollars for tokens in: the classes with a price of their own first, what is left at the plain one."""
        cost = NOTHING
        read = usage.input_tokens or 0
        writes = usage.input_cache_write_tokens or 0
        hour = usage.input_cache_write_1h_tokens
        if hour and self.cache_write_1h is not None:
            cost += hour * self.cache_write_1h
            read -= hour
            writes = max(0, writes - hour)
        for tokens, price in (
            (usage.input_cached_tokens, self.cache_read),
            (writes, self.cache_write),
            (usage.input_audio_tokens, self.input_audio),
        ):
            if tokens and price is not None:
                cost += tokens * price
                read -= tokens
        return cost + read * self.input if read > 0 else cost


class Tier(Struct, frozen=True):
    """The price of a call with more than `above` tokens in."""

    above: int
    price: Price


class Entry(Struct, frozen=True):
    """A price, or that there is none, and the seconds since 1970 between which that holds."""

    price: Price | None
    begins: float
    ends: float
