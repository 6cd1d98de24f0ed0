"""Whether a body is one that botocore would send: its own validation, on the installed model of bedrock-runtime."""

import base64
import copy
import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from gateway.translation.codec import Written


@cache
def model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"), "bedrock-runtime")


def decoded(value: Any, shape: Shape) -> Any:
    """Blobs are base64 on the wire and bytes in botocore's hands; enums and patterns, which it skips, are checked."""
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    if shape.type_name == "structure" and not shape.is_document_type:
        return {key: decoded(one, shape.members[key]) for key, one in value.items()}
    if shape.type_name == "list":
        return [decoded(one, shape.member) for one in value]
    if shape.type_name == "string":
        assert not shape.enum or value in shape.enum, f"{value!r} is none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        assert not pattern or re.fullmatch(pattern, value), f"{value!r} does not match {pattern}"
    return value


def known(value: Any, shape: Shape) -> None:
    """Every member has a name that the model knows."""
    if shape.type_name == "structure" and not shape.is_document_type:
        assert set(value) <= set(shape.members), f"{set(value) - set(shape.members)} in {shape.name}"
        for key, one in value.items():
            known(one, shape.members[key])
    elif shape.type_name == "list":
        for one in value:
            known(one, shape.member)


def check(written: Written) -> None:
    """Fail where botocore would raise ParamValidationError, or AWS refuse an unknown name."""
    method = written.path.rpartition("/")[2]
    shape = model().operation_model({"converse": "Converse", "converse-stream": "ConverseStream"}[method]).input_shape
    body = {"modelId": unquote(written.path.split("/")[1]), **copy.deepcopy(written.body)}
    known(body, shape)
    report = ParamValidator().validate(decoded(body, shape), shape)
    assert not report.has_errors(), report.generate_report()
