"""Which calls are recorded: OpenTelemetry's built-in samplers, as OTEL_TRACES_SAMPLER names them."""

from msgspec import Struct

ALWAYS = 1 << 64


class Sampler(Struct, frozen=True):
    """Of 2**64 traces `bound` are recorded; where `follows`, a caller's own decision comes first."""

    bound: int = ALWAYS
    follows: bool = True

    def chooses(self, trace_id: str) -> bool:
        """Whether a trace of this id is recorded: all who sample by ratio choose the same ones."""
        return self.bound == ALWAYS or int(trace_id[-16:], 16) < self.bound


def sampler(name: str, argument: str) -> Sampler | None:
    """The sampler of that name, or None where there is none such; a bad ratio counts as 1."""
    follows, kind = name.startswith("parentbased_"), name.removeprefix("parentbased_")
    bounds = {"always_on": ALWAYS, "always_off": 0, "traceidratio": round(ratio(argument) * ALWAYS)}
    return Sampler(bounds[kind], follows) if kind in bounds else None


def ratio(written: str) -> float:
    """A number from 0 to 1; 1 where `written` is none."""
    try:
        value = float(written)
    except ValueError:
        return 1.0
    return value if 0.0 <= value <= 1.0 else 1.0
