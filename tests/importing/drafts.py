"""Drafts of LiteLLM configs, and what the gateway makes of them."""

import json
import re
from pathlib import Path

from gateway.cli.known import providers
from gateway.importing.litellm import translated
from gateway.settings.load import load
from gateway.settings.parse import parse

FILE = Path("config.yaml")
LONG = "a-value-of-some-length"
SPECIAL = {"REDIS_PORT": "6379", "REDIS_HOST": "redis.internal", "REDIS_URL": "redis://redis.internal"}
"""Variables that are no keys."""


def draft(text):
    return translated(FILE, parse(FILE, text), ("acme", "main"), providers())


def loaded(draft, folder):
    """The document of a draft, as `gateway check` reads it where every variable is set and every file is there."""
    text = re.sub(r"\$\{file:[^}]*\}", "${A_FILE}", draft.text)
    names = set(re.findall(r"\$\{([A-Za-z0-9_]+)", text))
    path = folder / "gateways.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, {name: value(name) for name in names}, providers()).document


def value(name):
    if name == "A_FILE":
        return json.dumps({"type": "service_account", "region": "europe-west1"})
    special = name.removeprefix("LITELLM_")
    if re.search("URL|BASE|HOST$", name) and special not in SPECIAL:
        return "http://llm.internal:8000"
    return SPECIAL.get(special, LONG if "REDIS" not in name else "secret")


def gateway(draft, folder):
    return loaded(draft, folder).accounts["acme"].gateways["main"]


def said(draft):
    """The notes, by path."""
    return {note.path: note.sentence for note in draft.notes}


def table(draft):
    """LiteLLM's names, and what stands beside them."""
    rows = re.findall(r"^#   (\S+)\s+(.*)$", draft.text.split("What is different")[0], re.MULTILINE)
    return dict(rows)
