"""What the gateway's code holds that no module lists: refusals, header names, span attributes; read from its syntax."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ROOT / "gateway"
OURS: Final = re.compile(r"cf-aig-[a-z-]*[a-z]")
ATTRIBUTE: Final = re.compile(r"(?:gen_ai|gateway|http|url|server|client|network|error|user_agent)\.[a-z_.]*[a-z]")
VARIABLE: Final = re.compile(r"OTEL_[A-Z_]+[A-Z]")
CONTENT: Final = "telemetry/content"
CAPTURED: Final = frozenset(("input.messages", "output.messages", "system_instructions", "tool.definitions"))
"""What stands behind gen_ai. where content is captured."""
SPANS: Final = ("telemetry/spans.py", "telemetry/attempts.py", CONTENT, "dialects")
ANSWERS: Final = ("edge/response.py", "compat/letter.py")
"""Modules that write headers of ours into answers, and read none."""
ANSWERED: Final = frozenset(("cf-aig-budget-remaining", "cf-aig-cache-saved", "cf-aig-cache-status", "cf-aig-degraded"))
"""What policies, which also read headers of ours, write into answers."""
NO_ATTRIBUTE: Final = frozenset(("gateway.trace", "gateway.headers", "gateway.telemetry"))


@dataclass(frozen=True, order=True)
class No:
    """A Refusal as it stands in the code; what is filled in at run time stands in braces."""

    code: str
    status: str
    number: str
    sentence: str


def trees(under: str = "") -> Iterator[tuple[Path, ast.Module]]:
    """The syntax of a module, or of every module of a folder of the package."""
    place = SOURCES / under
    for path in [place] if place.suffix else sorted(place.rglob("*.py")):
        yield path.relative_to(SOURCES), ast.parse(path.read_text(encoding="utf-8"))


def refusals() -> list[No]:
    """Every refusal, once for each different sentence, by code."""
    found = set()
    for _, tree in trees():
        texts = assigned(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                status, number, code, sentence = (text(argument, texts) for argument in node.args[:4])
                found.add(No(code, status, number, sentence))
    return sorted(found)


def assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """Texts that were given a name before a refusal was made of them."""
    return {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def text(node: ast.expr, texts: dict[str, ast.expr]) -> str:
    """An argument as a reader sees it."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part, texts) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{" + name(node.value) + "}"
    if isinstance(node, ast.Name) and node.id in texts:
        return text(texts[node.id], {})
    return "{" + name(node) + "}"


def name(node: ast.expr) -> str:
    """The last word of an expression, which says what it is: `self.row.name` is a name."""
    words = [part for part in re.findall(r"[A-Za-z_]+", ast.unparse(node)) if part not in ("decode", "self", "join")]
    return words[-1].lower() if words else "…"


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Every text and every bytes of a module, docstrings included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node.value if isinstance(node.value, str) else node.value.decode("latin-1")


def request_headers() -> set[str]:
    """Our own request headers that something reads."""
    return {
        found
        for path, tree in trees()
        if path.as_posix() not in ANSWERS and path.parts[0] != "logs"
        for found in texts_of(tree)
        if OURS.fullmatch(found) and found not in ANSWERED
    }


def response_headers() -> set[str]:
    """What the gateway adds to answers."""
    policies = {word for _, tree in trees("policies") for word in texts_of(tree)} & ANSWERED
    return {"traceparent", *policies} | {
        found for path in ANSWERS for _, tree in trees(path) for text in texts_of(tree) for found in OURS.findall(text)
    }


def attributes() -> set[str]:
    """Attributes that spans may have."""
    found = {"gateway.metadata.*", "url.full"}
    for under in SPANS:
        for _, tree in trees(under):
            found |= {word for word in texts_of(tree) if ATTRIBUTE.fullmatch(word)} - NO_ATTRIBUTE
            found |= {f"gen_ai.request.{word}" for word in numbers(tree)}
            if under == CONTENT:
                found |= {f"gen_ai.{word}" for word in texts_of(tree) if word in CAPTURED}
    return found - {"gen_ai.request"}


def numbers(tree: ast.Module) -> Iterator[str]:
    """The names given to `set_number`, which puts gen_ai.request. before them."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="set_number"), args=[_, ast.Constant(value=str(word)), *_]):
                yield word


def variables() -> set[str]:
    """OpenTelemetry's environment variables that are read."""
    return {word for _, tree in trees("telemetry") for word in texts_of(tree) if VARIABLE.fullmatch(word)}
