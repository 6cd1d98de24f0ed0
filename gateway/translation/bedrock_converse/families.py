"""What Converse leaves to the model: each family's own fields, told from the model's id.

Converse has one form for all models, but top-k and thinking are asked for in `additionalModelRequestFields`, whose
names are the family's (Amazon Bedrock User Guide, "Inference request parameters and response fields").
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec

Thinking: TypeAlias = Literal["", "never", "budget", "either", "adaptive", "always", "nova", "gpt_oss"]
"""`budget`, `either`, `adaptive` and `always` are Claude's: a budget only, budget or adaptive, adaptive only, adaptive
that cannot be switched off. `never`: the family has no thoughts. Empty: it may think, but cannot be told how."""

NOWHERE: Final[frozenset[str]] = frozenset()
NOT_IN_TOOLS: Final = frozenset({"system", "messages"})
EVERYWHERE: Final = frozenset({"system", "messages", "tools"})

ALL: Final = MappingProxyType({"minimal": "low"})
BUT_XHIGH: Final = MappingProxyType({"minimal": "low", "xhigh": "high"})
THREE: Final = MappingProxyType({"minimal": "low", "xhigh": "high", "max": "high"})
"""Efforts that a family lacks, and the nearest that it has."""


class Family(msgspec.Struct, frozen=True):
    """How the models of one family differ from one another's."""

    thinking: Thinking = ""
    top_k: tuple[str, ...] = ()
    """Where top-k stands in additionalModelRequestFields; empty where the family has none."""
    unsigned: bool = True
    """Whether earlier thoughts may be sent back without a signature."""
    efforts: Mapping[str, str] = ALL
    """Neutral efforts that have another name here."""
    claude: bool = False
    """Whether it is Claude, or may be: it takes the signatures of Claude's own API, and can say at which stop sequence
    it stopped."""
    caches: frozenset[str] = NOWHERE
    """Where cache points are understood; elsewhere they are an error, and left out."""


def _claude(thinking: Thinking, efforts: Mapping[str, str] = ALL) -> Family:
    """Claude of one generation."""
    return Family(thinking, ("top_k",), unsigned=False, efforts=efforts, claude=True, caches=EVERYWHERE)


UNKNOWN: Final = Family("either", ("top_k",), claude=True, caches=EVERYWHERE)
"""An id that does not say its family, such as an application inference profile's ARN: Claude's fields, which are the
most, so that a model that has not got them says so itself."""

FAMILIES: Final[tuple[tuple[re.Pattern[str], Family], ...]] = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"claude-(?:v2|instant|3-(?:5|haiku|opus|sonnet))", _claude("never")),
        (r"claude-(?:3-7|(?:opus|sonnet|haiku)-4-(?:[15]\b|20\d))", _claude("budget")),
        (r"claude-(?:opus|sonnet|haiku)-4-6", _claude("either", BUT_XHIGH)),
        (r"claude-(?:fable|mythos|(?:opus|sonnet)-5-5)", _claude("always")),
        (r"claude", _claude("adaptive")),
        (r"amazon\.nova-2", Family("nova", ("inferenceConfig", "topK"), efforts=THREE, caches=NOT_IN_TOOLS)),
        (r"amazon\.nova", Family("never", ("inferenceConfig", "topK"), caches=NOT_IN_TOOLS)),
        (r"openai\.gpt-oss", Family("gpt_oss", efforts=THREE)),
        (r"mistral\.", Family("never", ("top_k",))),
        (r"cohere\.", Family("never", ("k",))),
        (r"(?:ai21|amazon|meta|writer)\.", Family("never")),
        (r"(?:deepseek|google|minimax|moonshot|moonshotai|nvidia|openai|qwen|zai)\.", Family()),
    )
)


def family_of(model: str) -> Family:
    """The first family whose pattern is found in a model's id or ARN."""
    return next((family for pattern, family in FAMILIES if pattern.search(model)), UNKNOWN)
