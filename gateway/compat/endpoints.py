"""The unified API's own paths: which dialect a client speaks there, and what it wants."""

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

import msgspec

Kind: TypeAlias = Literal["chat", "count", "embeddings", "models", ""]

PLAIN: Final[dict[str, tuple[Kind, str]]] = {
    "chat/completions": ("chat", "openai_chat"),
    "responses": ("chat", "openai_responses"),
    "messages": ("chat", "anthropic_messages"),
    "messages/count_tokens": ("count", "anthropic_messages"),
    "embeddings": ("embeddings", "openai_embeddings"),
    "models": ("models", "openai_chat"),
}
METHODS: Final[dict[str, tuple[Kind, bool]]] = {
    "generateContent": ("chat", False),
    "streamGenerateContent": ("chat", True),
    "countTokens": ("count", False),
}
VERSION: Final = re.compile(r"v1(?:beta)?/")
GOOGLE: Final = re.compile(r"(?:models/)?(.+):([A-Za-z]+)")
"""With or without `models/`: some frameworks leave it out where a model's name has a slash."""


class Endpoint(msgspec.Struct, frozen=True):
    """What a path below `compat/` is for; `kind` is empty where there is nothing."""

    kind: Kind = ""
    dialect: str = ""
    model: str = ""
    """`provider/model`, or its id alone in the list of models, where the path names one."""
    stream: bool = False


NOTHING: Final = Endpoint()


@lru_cache(maxsize=512)
def endpoint(path: bytes) -> Endpoint:
    """The endpoint at a path, with or without its version segment."""
    text = path.decode("latin-1")
    version = VERSION.match(text)
    bare = text[version.end() :] if version else text
    beta = version is not None and version[0] == "v1beta/"
    if bare in PLAIN and not (beta and bare != "models"):
        kind, dialect = PLAIN[bare]
        return Endpoint(kind, "gemini_generate" if beta else dialect)
    google = GOOGLE.fullmatch(bare)
    if google is not None and google[2] in METHODS:
        kind, stream = METHODS[google[2]]
        return Endpoint(kind, "gemini_generate", unquote(google[1]), stream)
    if bare.startswith("models/"):
        return Endpoint("models", "gemini_generate" if beta else "openai_chat", unquote(bare[len("models/") :]))
    return NOTHING
