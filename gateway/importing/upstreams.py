"""Where LiteLLM's deployments lead: one of our providers, or one of the file's own; with which key and headers."""

from collections.abc import Collection
from typing import Any, Final, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import msgspec

from gateway.importing.ledger import Spot
from gateway.importing.sentences import IN_CLEAR
from gateway.importing.words import DUMMIES, SECRETIVE, Variable, literal, reference, slug, unlike, url
from gateway.providers import litellm, rows
from gateway.providers.litellm import ELSEWHERE, Theirs
from gateway.providers.rows import Credential, Row
from gateway.wire.headers import OF_THIS_HOP

Other: TypeAlias = Literal["anthropic", "gemini", "cohere"]
"""What a server of one's own may speak besides OpenAI's."""
DIALECTS: Final = frozenset(get_args(Other))


class Params:
    """A deployment's parameters, with those of the credential that it names behind them."""

    def __init__(self, own: Spot, named: Spot) -> None:
        self.own, self.named = own, named

    def get(self, name: str) -> Spot:
        """The parameter, wherever it stands."""
        return self.own.get(name) or self.named.get(name)


class Upstreams:
    """The providers of the file that is made, found while the deployments are read."""

    def __init__(self, names: Collection[str], variables: Collection[str]) -> None:
        self.names, self.variables = names, set(variables)
        """Names that a provider of one's own may not have, and variables that the config reads."""
        self.blocks: dict[str, dict[str, Any]] = {}
        """`providers`, by name."""
        self.known: dict[tuple[str, str], str] = {}
        self.secrets: dict[tuple[str, str], Variable] = {}
        """Variables for what stands there in clear, by what it is."""
        self.headers: dict[str, dict[str, str]] = {}

    def row(self, theirs: Theirs) -> Row:
        """Our row of a provider."""
        return rows.load()[theirs.to] if theirs.to else Row()

    def provider(self, word: str, theirs: Theirs, params: Params) -> str:
        """The provider of a deployment; nothing where it has no address."""
        base = params.get("api_base") or params.get("base_url")
        if theirs.form or (theirs.to and self.usual(theirs, base)):
            return theirs.to
        if not base:
            if not theirs.base_url:
                params.own.tell("its server has no `api_base`: the model is not carried over")
                return ""
            return self.own(word, theirs, literal(theirs.base_url))
        address = url(base.text(), theirs.adds)
        if not address:
            base.say("this is no URL that can be called: the model is not carried over")
            return ""
        base.carry()
        return self.own(word, theirs, address)

    def usual(self, theirs: Theirs, base: Spot) -> bool:
        """Whether a deployment goes where our row of its provider does."""
        if not base:
            return True
        host = urlsplit(url(base.text()) or "none://").netloc
        row = self.row(theirs)
        if host and host in {urlsplit(place).netloc for place in (row.base_url, *(one.url for one in row.routes))}:
            base.carry()
            return True
        return False

    def own(self, word: str, theirs: Theirs, address: str) -> str:
        """The name of a provider of one's own, as models and URLs have it."""
        row = self.row(theirs)
        dialect = row.dialect if row.dialect in DIALECTS else ""
        known = self.known.get((address, dialect))
        if known is None:
            host = address.strip("${}") if address.startswith("$") else urlsplit(address).netloc
            name = slug(host).removesuffix("-api-base").removesuffix("-base-url")
            if urlsplit(address).hostname in ("localhost", "127.0.0.1", "host.docker.internal"):
                name = slug(word)
            known = unlike(name or "own", {*self.names, *self.blocks})
            self.known[address, dialect] = known
            self.blocks[known] = {"base_url": address}
            if dialect:
                self.blocks[known]["dialect"] = dialect
            if isinstance(row.auth, Credential):
                self.blocks[known]["auth"] = msgspec.to_builtins(row.auth)
        return f"custom-{known}"

    def secret(self, spot: Spot, default: str, what: str) -> Variable:
        """A secret as a variable; one that stands there in clear gets a name, and is told of."""
        variable = reference(spot.text())
        if variable is None:
            value = default, str(spot.value())
            variable = self.secrets.get(value)
            if variable is None:
                variable = self.secrets[value] = Variable(unlike(f"LITELLM_{default}", self.variables, "_"))
                self.variables.add(variable.name)
            spot.say(IN_CLEAR.format(what=what, name=variable.name))
        spot.carry()
        return variable

    def key(self, provider: str, theirs: Theirs, params: Params) -> str:
        """The stored key of a deployment, as our file has it; nothing where it needs none."""
        found = params.get("api_key")
        own = provider.startswith("custom-")
        if own and (not found or found.text().lower() in DUMMIES):
            found.carry()
            default = theirs.key and not found and not theirs.own
            return Variable(theirs.key).written() if default else ""
        name = self.variable(provider, theirs)
        return self.secret(found, name, "key").written() if found else Variable(name).written()

    @staticmethod
    def variable(provider: str, theirs: Theirs) -> str:
        """The variable of a provider's key, where the config has none."""
        return theirs.key or f"{provider.removeprefix('custom-').upper().replace('-', '_')}_API_KEY"

    def add_headers(self, provider: str, params: Params) -> None:
        """Headers that go with every call, as far as all deployments of a provider agree on them."""
        found = params.get("extra_headers") or params.get("headers")
        pairs = {name: spot for name, spot in found.pairs() if self.sendable(name, spot)}
        if (organization := params.get("organization")).text():
            pairs["openai-organization"] = organization
        first = provider not in self.headers
        headers = self.headers.setdefault(provider, {})
        for name, spot in pairs.items():
            value = self.header(name, spot)
            if first:
                headers[name] = value
                spot.say(f"it is sent with every call to {provider}, not with this model's alone")
            elif headers.get(name) == value:
                spot.carry()
            else:
                spot.say(
                    f"not sent: another model of {provider} has other headers; give one of them a provider of its own"
                )

    @staticmethod
    def sendable(name: str, spot: Spot) -> bool:
        """Whether a header may be added to calls; says so where it may not."""
        plain = name.replace("-", "").replace("_", "").isalnum() and name.isascii() and len(name) <= 128
        value = spot.text()
        good = plain and name.lower().encode() not in OF_THIS_HOP and bool(value) and value.isascii()
        if not good or not value.isprintable() or value != value.strip():
            spot.say("this header cannot be sent")
            return False
        return True

    def header(self, name: str, spot: Spot) -> str:
        """A header's value: a variable's where it may be a secret."""
        variable = reference(spot.text())
        if variable or not SECRETIVE.search(name):
            return variable.written() if variable else literal(spot.text())
        default = slug(name).upper().replace("-", "_") or "HEADER"
        return self.secret(spot, default, "header").written()

    def providers(self) -> dict[str, Any]:
        """`providers`, with the headers."""
        made = {name: dict(block) for name, block in self.blocks.items()}
        for provider, headers in self.headers.items():
            if headers:
                made.setdefault(provider.removeprefix("custom-"), {})["headers"] = headers
        return made


def provider_of(model: Spot, params: Params) -> tuple[str, Theirs, str]:
    """LiteLLM's word for a deployment's provider, what it is, and the model without it; no word where none is known."""
    known = litellm.load()
    text = model.text()
    word, slash, rest = text.partition("/")
    said = params.get("custom_llm_provider").carry().text()
    if said in known:
        return said, known[said], rest if word == said and slash else text
    if slash and word in known:
        return word, known[word], rest
    if (found := litellm.guessed(text)) and not params.get("api_base"):
        return found, known[found], text
    if params.get("api_base"):
        return word, ELSEWHERE, text
    return "", ELSEWHERE, text
