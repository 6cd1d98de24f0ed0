"""The tables of the unified API's page, out of the codecs' rules and the providers' rows: heads and cells."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.conversation.losses import FEATURES, REFUSED, Rule, Rules
from gateway.conversation.request import PARAMETERS
from gateway.providers.rows import Row, load
from gateway.providers.speech import EMBEDS, speeches
from gateway.translation.codecs import CODECS
from gateway.translation.embeddings import CODECS as EMBEDDINGS
from gateway.translation.embeddings import NAMES

Cells = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""A head, and rows."""

TITLES: Final = {
    "openai_chat": "OpenAI chat",
    "openai_responses": "OpenAI Responses",
    "anthropic_messages": "Anthropic",
    "gemini_generate": "Gemini",
    "bedrock_converse": "Bedrock Converse",
    "cohere_chat": "Cohere",
    "openai_embeddings": "OpenAI embeddings",
    "gemini_embed": "AI Studio",
    "gemini_predict": "Vertex AI",
    "cohere_embed": "Cohere",
    "bedrock_invoke": "Bedrock",
}
WORDS: Final = {
    "carried": "carried",
    "renamed": "renamed",
    "emulated": "emulated",
    "hint": "left out",
    "refused": "**refused**",
}


def chat() -> Cells:
    """Every parameter and feature of a conversation, by dialect."""
    plain = dict.fromkeys(PARAMETERS, "")
    return matrix({**plain, **FEATURES}, {name: codec.rules for name, codec in CODECS.items()})


def embeddings() -> Cells:
    """The same for embeddings."""
    return matrix(NAMES, {name: codec.rules for name, codec in EMBEDDINGS.items()})


def matrix(names: Mapping[str, str], dialects: Mapping[str, Rules]) -> Cells:
    """Names down, dialects across."""
    head = ("", *(TITLES[dialect] for dialect in dialects), "")
    rows = [
        (f"`{name}`", *(WORDS[rules.get(name, REFUSED).how] for rules in dialects.values()), says)
        for name, says in names.items()
    ]
    return head, rows


def notes() -> Iterable[tuple[str, Cells]]:
    """Of each dialect, what is renamed and to what, how things are emulated, why they are left out or refused."""
    for dialect, codec in CODECS.items():
        yield TITLES[dialect], noted([*PARAMETERS, *FEATURES], codec.rules)


def embedding_notes() -> Iterable[tuple[str, Cells]]:
    """The same for embeddings."""
    for dialect, codec in EMBEDDINGS.items():
        yield TITLES[dialect], noted(list(NAMES), codec.rules)


def noted(names: list[str], rules: Rules) -> Cells:
    """The rules that say more than a word."""
    found: list[tuple[str, Rule]] = [(name, rules.get(name, REFUSED)) for name in names]
    return ("", "", ""), [(f"`{name}`", WORDS[rule.how], rule.note) for name, rule in found if rule.note]


def providers() -> Cells:
    """What each provider speaks, counts and embeds, and what it does not take although its dialect has it."""
    head = ("provider", "conversations", "counts tokens", "embeddings", "without, though its dialect has it")
    return head, [cells(name, row) for name, row in sorted(load().items()) if speeches(row)]


def cells(name: str, row: Row) -> tuple[str, ...]:
    """One provider."""
    spoken = speeches(row)
    vectors = [one for one in spoken if one.dialect in EMBEDS]
    return (
        f"`{name}`",
        ", ".join(dict.fromkeys(TITLES[one.dialect] for one in spoken if one not in vectors)),
        "yes" if any(one.count_path for one in spoken) else "",
        "yes" if vectors else "",
        ", ".join(f"`{one}`" for one in row.quirks.refuses),
    )


def homes() -> Cells:
    """Whose models need no provider before them, by what the client speaks."""
    found = {dialect: name for name, row in load().items() for dialect in row.home_of}
    return ("client speaks", "home"), [(TITLES[dialect], f"`{name}`") for dialect, name in found.items()]
