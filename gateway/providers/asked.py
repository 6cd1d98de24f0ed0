"""What a native request asks for: operation, dialect, model and stream, from its path, its query and its body."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote

import msgspec

from gateway.call import Asked
from gateway.dialects import DIALECTS
from gateway.dialects.dialect import Peek
from gateway.dialects.reading import NAME, Shape
from gateway.providers import multipart
from gateway.providers.rows import Family, pattern

REMEMBERED: Final = 256
"""Bytes of a path that is still remembered: one that is longer names a document, not an endpoint."""

FIELDS: Final = frozenset((b"model", b"stream"))


class Form(NamedTuple):
    """What a path alone says."""

    dialect: str = ""
    model: str = ""
    stream: bool = False
    deployment: str = ""
    """A model's name that counts only where the body has none."""


class Other(msgspec.Struct):
    """A JSON body whose dialect has no reader: the fields in which providers name a model."""

    model: str | None = None
    model_id: str | None = None
    modelId: str | None = None  # noqa: N815 - as on the wire
    version: str | None = None
    stream: bool | None = None


OTHER: Final = Shape(Other)
NOTHING: Final = Peek()

# By its last two segments, else by its last one: what stands before differs from provider to provider.
ENDINGS: Final = {
    "chat/completions": "openai_chat",
    "agents/completions": "openai_chat",
    "audio/speech": "openai_audio",
    "audio/transcriptions": "openai_audio",
    "audio/translations": "openai_audio",
    "images/generations": "openai_images",
    "images/edits": "openai_images",
    "images/variations": "openai_images",
    "responses/compact": "openai_responses",
    "threads/runs": "openai_assistants",
    "completions": "openai_completions",
    "responses": "openai_responses",
    "embeddings": "openai_embeddings",
    "moderations": "openai_moderations",
    "rerank": "rerank",
    "v1/messages": "anthropic_messages",
    "v1/complete": "anthropic_complete",
    # Local servers and clouds that are reached as custom providers.
    "api/chat": "ollama_chat",
    "api/generate": "ollama_generate",
    "api/embed": "ollama_embed",
    "api/embeddings": "ollama_embed",
    "generation/text": "watsonx",
    "generation/text_stream": "watsonx",
    "text/generation": "watsonx",
    "text/generation_stream": "watsonx",
}
WHOLE: Final = {"messages": "anthropic_messages", "complete": "aleph_alpha", "v1/chat": "openai_chat"}
ANTHROPIC: Final = {"messages": "anthropic_messages", "complete": "anthropic_complete"}
RUNS: Final = re.compile(r"threads/[^/]+/runs(?:/[^/]+/submit_tool_outputs)?$")

METHODS: Final = {
    "generateContent": ("gemini_generate", False),
    "streamGenerateContent": ("gemini_generate", True),
    "embedContent": ("gemini_embed", False),
    "batchEmbedContents": ("gemini_embed", False),
    "predict": ("gemini_predict", False),
}
RAW: Final = {"rawPredict": False, "streamRawPredict": True}
GOOGLE_METHOD: Final = re.compile(r"(?:publishers/([^/]+)/)?(?:models|tunedModels|endpoints)/([^/:]+):([A-Za-z]+)$")

ACTIONS: Final = {
    "converse": ("bedrock_converse", False),
    "converse-stream": ("bedrock_converse", True),
    "invoke": ("bedrock_invoke", False),
    "invoke-with-response-stream": ("bedrock_invoke", True),
    "count-tokens": ("", False),
}


def by_ending(path: str) -> Form:
    """OpenAI's endpoints, which most providers have, and a few of others'."""
    before, _, last = path.rpartition("/")
    second = before.rpartition("/")[2]
    dialect = ENDINGS.get(f"{second}/{last}") or ENDINGS.get(last) or WHOLE.get(path, "")
    if not dialect and RUNS.search(path):
        dialect = "openai_assistants"
    return Form(dialect)


def anthropic(path: str) -> Form:
    """Anthropic's endpoints, also without their version, and its imitation of OpenAI's."""
    dialect = ANTHROPIC.get(path, "")
    return Form(dialect) if dialect else by_ending(path)


def google(path: str) -> Form:
    """Gemini's methods, and other publishers' models on Vertex AI, which speak their own dialects."""
    match = GOOGLE_METHOD.search(path)
    if match is None:
        return Form("gemini_interactions") if path.endswith("interactions") else by_ending(path)
    publisher, model, method = match[1], unquote(match[2]), match[3]
    if method in RAW:
        if model == "count-tokens":
            return Form()
        return Form("anthropic_messages" if publisher == "anthropic" else "openai_chat", model, RAW[method])
    dialect, stream = METHODS.get(method, ("", False))
    return Form(dialect, model, stream)


def amazon(path: str) -> Form:
    """Bedrock's actions on a model, and the endpoints of others' dialects it has beside them."""
    before, mark, after = f"/{path}".partition("/model/")
    # A model's id may hold slashes (an ARN), its action never does.
    model, _, action = after.rpartition("/")
    if not mark or not model or before.count("/") > 3:
        return by_ending(path)
    dialect, stream = ACTIONS.get(action, ("", False))
    return Form(dialect, unquote(model), stream)


COHERE: Final = {
    "v1/chat": "cohere_v1_chat",
    "v1/generate": "cohere_v1_generate",
    "v1/embed": "cohere_embed",
    "v1/rerank": "cohere_rerank",
    "v2/chat": "cohere_chat",
    "v2/embed": "cohere_embed",
    "v2/rerank": "cohere_rerank",
}


def cohere(path: str) -> Form:
    """Cohere's endpoints of both versions; without one it is the first."""
    dialect = COHERE.get(path if "/" in path else f"v1/{path}", "")
    return Form(dialect) if dialect else by_ending(path)


def replicate(path: str) -> Form:
    """A prediction, asked for or looked at: it is metered when its answer is there."""
    return Form("replicate" if "predictions" in path.split("/")[-2:] else "")


def huggingface(path: str) -> Form:
    """OpenAI's endpoints, else text-generation-inference's own, which is at the model itself."""
    return by_ending(path) if by_ending(path).dialect else Form("huggingface")


def workers_ai(path: str) -> Form:
    """OpenAI's endpoints, else a model run in Cloudflare's own form."""
    return by_ending(path) if "@" not in path else Form("workers_ai")


FAMILIES: Final[dict[Family, Callable[[str], Form]]] = {
    "openai": by_ending,
    "anthropic": anthropic,
    "gemini": google,
    "cohere": cohere,
    "bedrock": amazon,
    "replicate": replicate,
    "huggingface": huggingface,
    "workers_ai": workers_ai,
}


class Reader:
    """A provider's way of saying what it is asked for."""

    def __init__(self, family: Family, model_in: str) -> None:
        self.family, self.model_in = FAMILIES[family], model_in
        self.remembered = lru_cache(maxsize=512)(self.form)

    def form(self, path: bytes) -> Form:
        """What the path alone says."""
        text = path.decode("latin-1")
        form = self.family(text)
        if self.model_in and (match := pattern(self.model_in).search(text)):
            found = {group: unquote(value)[:NAME] for group, value in match.groupdict().items()}
            return form._replace(model=found.get("model", ""), deployment=found.get("deployment", ""))
        return form._replace(model=form.model[:NAME])

    def read(self, path: bytes, query: bytes, content_type: bytes, body: bytes) -> Asked:
        """Everything together; nothing in it is ever a reason to fail."""
        form = self.remembered(path) if len(path) <= REMEMBERED else self.form(path)
        dialect = DIALECTS.get(form.dialect)
        if not body:
            peek = NOTHING
        elif content_type[:10].lower() == b"multipart/":
            peek = of_multipart(content_type, body)
        elif dialect is not None:
            peek = dialect.read_request(body)
        else:
            peek = of_other(body)
        model, stream = form.model or peek.model or form.deployment, form.stream or peek.stream
        if query:
            model = model or parameter(query, b"model=")
            stream = stream or parameter(query, b"stream=") == "true"
        if dialect is None:
            return Asked("", "", model, stream, peek.parameters)
        return Asked(dialect.operation, form.dialect, model, stream, peek.parameters)


def of_multipart(content_type: bytes, body: bytes) -> Peek:
    """Model and stream of an upload."""
    found = multipart.fields(content_type, body, FIELDS)
    stream = found.get(b"stream", "").lower() == "true"
    return Peek(found.get(b"model", ""), stream, {"gen_ai.request.stream": True} if stream else {})


def of_other(body: bytes) -> Peek:
    """Model and stream of a JSON body of no known dialect; empty where it is not JSON."""
    if not body[:64].lstrip().startswith(b"{"):
        return NOTHING
    read = OTHER.read(body)
    if read is None:
        return NOTHING
    model = read.model or read.model_id or read.modelId or read.version or ""
    return Peek(model[:NAME], bool(read.stream))


def parameter(query: bytes, start: bytes) -> str:
    """The value of the first query parameter that begins with `start`, such as `model=`."""
    if start not in query:
        return ""
    for part in query.split(b"&"):
        if part.startswith(start):
            return unquote(part[len(start) :].decode("latin-1"))[:NAME]
    return ""
