"""A scripted model that uses its tools: it judges each request as its provider would, and answers in its dialect."""

import json
import re
from typing import Any

from tests.compat.stage import ID
from tests.compat.turns import Back
from tests.frameworks.said import Json, Said, whole
from tests.frameworks.voices import PROOF, VOICES
from tests.world import Asked, Says

UNSIGNED = ("skip_thought_signature_validator", "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=")
"""Google's own word for a call without a signature, as it is, and as SDKs write it that take it for bytes."""
KNOWN: Json = {"city": "Lisbon", "degrees": 21}
"""What the model says of each thing that a schema wants to know."""
PATHS = {
    r"/chat/completions$": "openai_chat",
    r"/responses$": "openai_responses",
    r"/v1/messages(?:\?|$)": "anthropic_messages",
    r":(?:streamG|g)enerateContent": "gemini_generate",
    r"/converse(?:-stream)?$": "bedrock_converse",
}
SCHEMAS = ("parametersJsonSchema", "parameters_json_schema", "parameters")
TOOLS = {
    "openai_chat": lambda body: [(one["function"]["name"], one["function"].get("parameters")) for one in body],
    "openai_responses": lambda body: [(one["name"], one.get("parameters")) for one in body if "name" in one],
    "anthropic_messages": lambda body: [(one["name"], one["input_schema"]) for one in body],
    "gemini_generate": lambda body: [
        (one["name"], next((one[key] for key in SCHEMAS if key in one), None))
        for group in body
        for one in group.get("functionDeclarations", ())
    ],
    "bedrock_converse": lambda body: [
        (one["toolSpec"]["name"], one["toolSpec"]["inputSchema"]["json"]) for one in body["tools"] if "toolSpec" in one
    ],
}


class Heard(Back):
    """What comes back, also in the forms that only frameworks send."""

    def openai_responses(self, body: Json) -> None:
        if not isinstance(body["input"], str):
            super().openai_responses(body)

    def gemini_generate(self, body: Json) -> None:
        for turn in body["contents"]:
            for part in turn["parts"]:
                answer = (part.get("functionResponse") or {}).get("response")
                if answer and len(answer) > 1:
                    part["functionResponse"]["response"] = {"all": json.dumps(answer)}
        super().gemini_generate(body)


def thinks(dialect: str, body: Json) -> bool:
    """Whether thoughts are asked for."""
    if dialect == "openai_chat":
        return body.get("reasoning_effort") not in (None, "none")
    if dialect == "openai_responses":
        return bool((body.get("reasoning") or {}).get("effort"))
    if dialect == "gemini_generate":
        config = (body.get("generationConfig") or {}).get("thinkingConfig") or {}
        # Google takes either spelling, and its SDK uses both.
        return bool(config.get("includeThoughts") or config.get("include_thoughts"))
    at = body if dialect == "anthropic_messages" else body.get("additionalModelRequestFields") or {}
    return (at.get("thinking") or {}).get("type") in ("enabled", "adaptive")


def formed(dialect: str, body: Json) -> Json | None:
    """The schema that the answer is held to."""
    if dialect == "openai_chat":
        return ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    if dialect == "openai_responses":
        return ((body.get("text") or {}).get("format") or {}).get("schema")
    if dialect == "anthropic_messages":
        return ((body.get("output_config") or {}).get("format") or {}).get("schema")
    if dialect == "gemini_generate":
        config = body.get("generationConfig") or {}
        return config.get("responseJsonSchema") or config.get("responseSchema")
    form = ((body.get("outputConfig") or {}).get("textFormat") or {}).get("structure", {}).get("jsonSchema", {})
    return json.loads(form["schema"]) if "schema" in form else None


def filled(schema: Json | None) -> Json:
    """What the model knows of what a schema asks for; a wish with more parts is for a command or a file."""
    wanted = (schema or {}).get("properties") or {}
    return {name: KNOWN[name] for name in wanted if name in KNOWN}


class Agent:
    """Calls each tool it is offered once, in turn; then answers with what the last one said."""

    def __init__(self) -> None:
        self.got: dict[str, list[tuple[str, Json, Asked]]] = {}
        """Requests by the id that they carry: dialect, body, all."""
        self.scripts: dict[str, Json] = {}
        """Tools' arguments by the id of a conversation, and no other tool is called there."""

    def __call__(self, asked: Asked) -> Says:
        id = asked.header(ID) or ""
        if "count_tokens" in asked.target or ":countTokens" in asked.target:
            self.got.setdefault(id, []).append(("count", json.loads(asked.body), asked))
            return whole({"input_tokens": 42, "totalTokens": 42})
        dialect = next((name for path, name in PATHS.items() if re.search(path, asked.target)), "")
        if not dialect:
            return Says(status=404)
        body = json.loads(asked.body)
        self.got.setdefault(id, []).append((dialect, body, asked))
        back = Heard(dialect, body)
        wrong = faults(dialect, body, back)
        if wrong:
            return refused(dialect, wrong)
        said = self.said(dialect, body, back, self.scripts.get(id))
        voice = VOICES[dialect]
        streams = body.get("stream") or "stream" in asked.target.rpartition("/")[2]
        return voice.stream(said, body) if streams else voice.whole(said, body)

    @staticmethod
    def said(dialect: str, body: Json, back: Heard, script: Json | None) -> Said:
        offered = dict(TOOLS[dialect](body.get("tools") or body.get("toolConfig") or []) if offers(body) else [])
        called = {name for _, name, _ in back.calls}
        left = [name for name in (offered if script is None else script) if name in offered and name not in called]
        thought = "Let me think of Lisbon." if thinks(dialect, body) else ""
        if left:
            given = filled(offered[left[0]]) if script is None else script[left[0]]
            return Said("", thought, PROOF if thought else "", [(f"call_{len(called)}", left[0], given)])
        schema = formed(dialect, body)
        if schema:
            return Said(json.dumps(filled(schema)))
        return Said(f"They say: {back.results[-1][1]}" if back.results else "Hello there.", thought, PROOF)


def offers(body: Json) -> bool:
    """Whether tools may be used."""
    return bool(body.get("tools") or body.get("toolConfig")) and body.get("tool_choice") != "none"


def faults(dialect: str, body: Json, back: Heard) -> str:
    """What a provider would refuse."""
    calls, results = [id for id, _, _ in back.calls], [id for id, _ in back.results]
    if calls != results:
        return f"the calls {calls} have the results {results}"
    claude = dialect == "anthropic_messages" or (
        dialect == "bedrock_converse" and "thinking" in (body.get("additionalModelRequestFields") or {})
    )
    if thinks(dialect, body) and back.calls and claude and PROOF not in back.proofs:
        return f"a call without the thoughts before it: {back.proofs}"
    if back.proofs and set(back.proofs) - {PROOF, *UNSIGNED}:
        return f"no proof of mine: {back.proofs}"
    return refusal(body) if dialect == "anthropic_messages" else ""


def refusal(body: Json) -> str:
    """What Anthropic refuses of a wish to think."""
    thinking: Any = body.get("thinking") or {}
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    if thinking.get("type") == "enabled" and thinking["budget_tokens"] >= body["max_tokens"]:
        return "`max_tokens` must be greater than `thinking.budget_tokens`"
    if thinking.get("type") in ("enabled", "adaptive"):
        if body.get("temperature", 1) != 1:
            return "`temperature` may only be set to 1 when thinking is enabled"
        if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
            return "Thinking may not be enabled when tool_choice forces tool use."
    return ""


def refused(dialect: str, sentence: str) -> Says:
    error: Json = {"message": sentence, "type": "invalid_request_error"}
    if dialect == "gemini_generate":
        error = {"code": 400, "message": sentence, "status": "INVALID_ARGUMENT"}
    body = {"message": sentence} if dialect == "bedrock_converse" else {"type": "error", "error": error}
    says = whole(body)
    says.status = 400
    return says
