"""What the clouds' deployments are called here, and what stands for their credentials."""

import json
import re
from typing import Final
from urllib.parse import urlsplit

from gateway.importing.upstreams import Params, Upstreams
from gateway.importing.words import Variable, reference, url
from gateway.providers.litellm import Theirs

REGION: Final = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}\Z")
RESOURCE: Final = re.compile(r"([a-z0-9][a-z0-9-]{0,62})\.(?:openai|cognitiveservices|services\.ai)\.azure\.com\Z")
FILE: Final = re.compile(r"[\w./-]{1,200}\Z", re.ASCII)
WAYS: Final = ("converse", "converse_like", "invoke")
UNKNOWN: Final = "RESOURCE"


def azure(deployment: str, params: Params) -> str:
    """RESOURCE/DEPLOYMENT."""
    base = params.get("api_base") or params.get("base_url")
    match = RESOURCE.match(urlsplit(url(base.text()) or "none://").hostname or "")
    if match:
        base.carry()
        return f"{match[1]}/{deployment}"
    sentence = f"put the resource's name (as in https://NAME.openai.azure.com) for {UNKNOWN} wherever it stands"
    (base or params.own).tell(sentence)
    base.carry()
    return f"{UNKNOWN}/{deployment}"


def bedrock(model: str) -> tuple[str, str]:
    """The model without the ways in which LiteLLM would ask for it, and the region that stands in it."""
    region = ""
    head, slash, rest = model.partition("/")
    while slash and (head in WAYS or REGION.match(head)):
        region = region if head in WAYS else head
        model = rest
        head, slash, rest = model.partition("/")
    return model, region


def bedrock_key(found: Upstreams, theirs: Theirs, params: Params, region: str) -> str:
    """A key that signs, or an API key."""
    for name in ("api_key", "aws_bearer_token_bedrock"):
        if params.get(name):
            return found.secret(params.get(name), theirs.key, "key").written()
    parts = [params.get(name) for name in ("aws_access_key_id", "aws_secret_access_key")]
    where = params.get("aws_region_name")
    if not all(parts):
        params.own.tell(
            "AWS' own credentials (a role, a profile) are not looked for here: store an API key of Bedrock's, or"
            ' {"accessKeyId": …, "secretAccessKey": …, "region": …}'
        )
        return Variable(theirs.key, optional=True).written()
    variable = reference(where.text())
    place = region or (variable.written() if variable else where.text() if REGION.match(where.text()) else "us-east-1")
    if place == where.text() or variable:
        where.carry()
    else:
        (where or params.own).tell(f"its region is {place}")
        where.carry()
    fields = {
        "accessKeyId": found.secret(parts[0], "AWS_ACCESS_KEY_ID", "key").written(),
        "secretAccessKey": found.secret(parts[1], "AWS_SECRET_ACCESS_KEY", "key").written(),
        "region": place,
    }
    if token := params.get("aws_session_token"):
        fields["sessionToken"] = found.secret(token, "AWS_SESSION_TOKEN", "key").written()
    return json.dumps(fields)


def vertex_key(theirs: Theirs, params: Params) -> str:
    """A service account's JSON, from a file or a variable."""
    found = params.get("vertex_credentials")
    variable = reference(found.text())
    if variable:
        found.say(f'{variable.name} must hold the service account\'s JSON itself, with a "region" added to it')
        return variable.written()
    if found and FILE.match(found.text()):
        found.say('add a "region" to the service account\'s JSON; the path is relative to this file')
        return f"${{file:{found.text()}}}"
    sentence = f'put a service account\'s JSON, with a "region" added, into {theirs.key}'
    (found or params.own).tell(sentence)
    found.carry()
    return Variable(theirs.key, optional=not found).written()
