"""Writes the parts of docs/reference that the code decides: `python docs/generate.py`; `--check` only compares.

A page is prose with places in it, `<!-- NAME -->` to `<!-- end -->`; what stands between them is made here.
"""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import meanings  # noqa: E402 - a neighbour, found by the line above
import sources  # noqa: E402 - as above
import unified  # noqa: E402 - as above

from gateway.cli import COMMANDS, module  # noqa: E402 - as above
from gateway.logs.line import schema as log_schema  # noqa: E402 - as above
from gateway.providers.rows import Credential, Row, load  # noqa: E402 - as above
from gateway.providers.speech import speeches  # noqa: E402 - as above
from gateway.settings.schema import schema as settings_schema  # noqa: E402 - as above
from gateway.telemetry.families import FAMILIES  # noqa: E402 - as above
from gateway.wire.headers import CONTROL, HOP_BY_HOP, OF_OUR_NETWORK  # noqa: E402 - as above

REFERENCE: Final = ROOT / "docs" / "reference"
PLACE: Final = re.compile(r"<!-- ((?!runs )[a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)
ORDER: Final = (
    "Server", "ProviderBlock", "Header", "PriceBlock", "Account", "GatewayBlock", "Authentication", "Token",
    "CacheBlock", "RateLimit", "SpendLimit", "Retry", "CircuitBreaker", "FallbackStep", "Timeout", "Logs", "Exporter",
)  # fmt: skip
"""Blocks in the order in which a file has them."""
WHERE: Final = {
    "Document": "The file",
    "Server": "`server`",
    "ProviderBlock": "`providers.NAME`",
    "Header": "`providers.NAME.auth` as a mapping",
    "PriceBlock": "`prices.PROVIDER/MODEL`",
    "Account": "`accounts.NAME`",
    "GatewayBlock": "`accounts.NAME.gateways.NAME` and `defaults`",
    "Authentication": "`authentication`",
    "Token": "`authentication.tokens[]`",
    "CacheBlock": "`cache`",
    "RateLimit": "`rate_limit`, or `rate_limit[]`",
    "SpendLimit": "`spend_limits[]`",
    "Retry": "`retry`",
    "CircuitBreaker": "`circuit_breaker`",
    "FallbackStep": "`fallback[]`",
    "Timeout": "`timeout`",
    "Logs": "`logs`",
    "Exporter": "`traces[]`",
}
Table = Iterable[tuple[str, ...]]


def table(head: tuple[str, ...], rows: Table) -> str:
    """A table in Markdown; a bar within a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: object) -> str:
    """As code, or nothing."""
    return f"`{text}`" if text != "" else ""


def keys() -> str:
    """Every key of gateways.yaml, block by block."""
    made = settings_schema()
    blocks = {"Document": made, **{name: made["$defs"][name] for name in ORDER}}
    assert set(made["$defs"]) == set(ORDER), "a new block needs its place in ORDER and WHERE"
    parts = []
    for name, block in blocks.items():
        required = block.get("required", [])
        rows = [
            (code(key), kind(value), "required" if key in required else default(value), value.get("description", ""))
            for key, value in block["properties"].items()
        ]
        parts.append(f"### {WHERE[name]}\n\n{table(('key', 'is', 'default', ''), rows)}")
    return "\n\n".join(parts)


def default(value: dict[str, Any]) -> str:
    """What holds where a key is absent."""
    found = value.get("default", "")
    return "" if found in ({}, []) else code(str(found).lower() if isinstance(found, bool) else found)


def kind(value: dict[str, Any]) -> str:
    """What may be written."""
    if "$ref" in value:
        return f"a mapping, see {WHERE[value['$ref'].rpartition('/')[2]]}"
    if "enum" in value:
        return " or ".join(code(word) for word in value["enum"])
    if "anyOf" in value and "title" not in value:
        return ", or ".join(dict.fromkeys(kind(branch) for branch in value["anyOf"]))
    if value.get("type") == "array":
        return f"a list of {kind(value['items']).replace('a mapping', 'mappings')}"
    if isinstance(value.get("additionalProperties"), dict):
        return f"a mapping from names to {kind(value['additionalProperties']).removeprefix('a mapping, see ')}"
    return (
        str(value.get("title") or value.get("type", "text"))
        .strip(" ,")
        .partition(" of 64")[0]
        .replace("string", "text")
    )


def request_headers() -> str:
    """The headers addressed to the gateway."""
    check(sources.request_headers(), meanings.REQUEST_HEADERS)
    return table(("header", "says"), ((code(name), text) for name, text in meanings.REQUEST_HEADERS.items()))


def control_headers() -> str:
    """Headers of others' that are read, or end here."""
    names = {name.decode() for name in CONTROL}
    check({name for name in names if not name.startswith("x-b3-")}, meanings.CONTROL_HEADERS)
    rows = [(code(name), text) for name, text in meanings.CONTROL_HEADERS.items()]
    others = ", ".join(code(name) for name in sorted(names) if name.startswith("x-b3-"))
    return table(("header", ""), [*rows, (others, "End here.")])


def stopped_headers() -> str:
    """What never travels on."""
    hop = ", ".join(code(name.decode()) for name in sorted(HOP_BY_HOP))
    network = ", ".join(code(name.decode()) for name in sorted(OF_OUR_NETWORK))
    return (
        f"- of one connection only, both ways: {hop}, and what `connection` names\n"
        f"- of your own network, towards providers: {network}"
    )


def response_headers() -> str:
    """What the gateway adds to answers."""
    check(sources.response_headers(), meanings.RESPONSE_HEADERS)
    return table(("header", "says"), ((code(name), text) for name, text in meanings.RESPONSE_HEADERS.items()))


def errors() -> str:
    """Every refusal, by code."""
    rows = []
    for no in sources.refusals():
        status = no.status.replace("{status}", "404, 405")
        sentence = meanings.SENTENCES.get((no.code, no.sentence), no.sentence)
        rows.append((code(no.code), status, no.number, sentence.replace("<", "&lt;")))
    return table(("code", "status", "number", "sentence"), rows)


def providers() -> str:
    """Every built-in provider."""
    rows = []
    for name, row in sorted(load().items()):
        rows.append(
            (
                ", ".join(code(slug) for slug in (name, *row.aliases)),
                where(row),
                row.dialect,
                spoken(row),
                credential(row),
                code(row.telemetry or name),
                code(row.pricing),
            )
        )
    head = ("in the URL", "goes to", "dialect", "on the unified endpoints", "stored key", "`gen_ai.provider.name`")
    return table((*head, "price table"), rows)


def spoken(row: Row) -> str:
    """What it speaks with clients of every dialect, in order of preference."""
    found = dict.fromkeys(one.dialect for one in speeches(row))
    return ", ".join(code(dialect) for dialect in found) or "not there"


def where(row: Row) -> str:
    """The hosts, with the version that is added where the client wrote none."""
    if row.in_process:
        return "nowhere: it answers inside the process"
    hosts = dict.fromkeys(["/".join(route.url.split("/")[:3]) for route in row.routes])
    own = f"{row.base_url}/{row.version}".rstrip("/") if row.base_url else ""
    return ", ".join(code(place) for place in [own, *hosts] if place)


def credential(row: Row) -> str:
    """How a stored key goes out."""
    if isinstance(row.auth, Credential):
        return code(f"{row.auth.header}: {row.auth.prefix}…")
    words = {"bearer": "`authorization: Bearer …`", "none": "none", "aws": "AWS signature, or bearer"}
    return words.get(row.auth, "access token of a service account, or API key")


def metrics() -> str:
    """Every metric."""
    rows = [
        (code(name), family.kind, ", ".join(code(label) for label in family.labels), family.help)
        for name, family in FAMILIES.items()
    ]
    return table(("metric", "kind", "labels", ""), rows)


def attributes() -> str:
    """Every attribute of the spans."""
    check(sources.attributes(), meanings.SPAN_ATTRIBUTES)
    return table(("attribute", ""), ((code(name), text) for name, text in meanings.SPAN_ATTRIBUTES.items()))


def variables() -> str:
    """OpenTelemetry's variables."""
    check(sources.variables(), meanings.VARIABLES)
    return table(("variable", "says"), ((code(name), text) for name, text in meanings.VARIABLES.items()))


def log_fields() -> str:
    """Every field of a log line."""
    made = log_schema()
    parts = []
    for title, properties in (
        ("A line", made.get("properties") or made["$defs"]["LogLine"]["properties"]),
        ("`attempts[]`", made["$defs"]["AttemptLine"]["properties"]),
        ("`usage_metadata`, and `usage` of an attempt", made["$defs"]["Usage"]["properties"]),
    ):
        rows = [(code(name), json_kind(value), value.get("description", "")) for name, value in properties.items()]
        parts.append(f"### {title}\n\n{table(('field', 'type', ''), rows)}")
    return "\n\n".join(parts)


def json_kind(value: dict[str, Any]) -> str:
    """A JSON type, or several."""
    if "anyOf" in value:
        return " or ".join(json_kind(branch) for branch in value["anyOf"])
    return str(value.get("type") or ("string" if "enum" in value else "object"))


def commands() -> str:
    """Every command with its options and its own explanation."""
    parts = []
    for name in COMMANDS:
        command = module(name)
        parser = ArgumentParser(prog=f"gateway {name}", add_help=False)
        command.add_arguments(parser)
        rows = [
            (code(" ".join(filter(None, [", ".join(action.option_strings), operand(action)]))), action.help or "")
            for action in parser._actions
        ]
        parts.append(
            f"### `gateway {name}`\n\n{command.SUMMARY[0].upper()}{command.SUMMARY[1:]}.\n\n"
            f"{table(('option', ''), rows)}\n\n```text\n{command.EPILOG.strip()}\n```"
        )
    return "\n\n".join(parts)


def operand(action: Any) -> str:  # noqa: ANN401 - argparse's Action, which it does not export
    """What an option takes."""
    if action.choices:
        return "|".join(action.choices)
    return str(action.metavar or action.dest.upper())


def sections(found: Iterable[tuple[str, unified.Cells]]) -> str:
    """A table under each title."""
    return "\n\n".join(f"#### {title}\n\n{table(*cells)}" for title, cells in found)


def check(found: set[str], described: dict[str, str]) -> None:
    """Raise ValueError for a name that is in the code and not in the docs, or the other way round."""
    if wrong := found ^ described.keys():
        raise ValueError(f"docs/meanings.py and the code differ in: {', '.join(sorted(wrong))}")


MADE: Final[dict[str, Callable[[], str]]] = {
    "keys": keys,
    "request-headers": request_headers,
    "control-headers": control_headers,
    "stopped-headers": stopped_headers,
    "response-headers": response_headers,
    "errors": errors,
    "providers": providers,
    "metrics": metrics,
    "attributes": attributes,
    "variables": variables,
    "log-fields": log_fields,
    "commands": commands,
    "unified-homes": lambda: table(*unified.homes()),
    "unified-providers": lambda: table(*unified.providers()),
    "unified-chat": lambda: table(*unified.chat()),
    "unified-notes": lambda: sections(unified.notes()),
    "unified-embeddings": lambda: table(*unified.embeddings()),
    "unified-embedding-notes": lambda: sections(unified.embedding_notes()),
}


def page(text: str) -> str:
    """A page with what stands in its places made anew."""
    return PLACE.sub(lambda place: f"<!-- {place[1]} -->\n{MADE[place[1]]()}\n<!-- end -->", text)


def main(arguments: list[str]) -> int:
    """Write every page, or say which differ."""
    code = 0
    for path in sorted(REFERENCE.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        made = page(text)
        if made != text and "--check" in arguments:
            sys.stderr.write(f"{path.relative_to(ROOT)} is not what `python docs/generate.py` writes\n")
            code = 1
        elif made != text:
            path.write_text(made, encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
