"""Requests in: OpenAI's `POST /embeddings`, with the members by which other providers' wishes can be told.

https://platform.openai.com/docs/api-reference/embeddings/create. An input may also be OpenRouter's object with
`content`, or one part of such a content.
"""

from typing import Any, Final

from gateway.translation.codec import Json
from gateway.translation.embeddings.wanted import INPUT_TYPES, Image, Input, Mixed, Truncate, Wanted
from gateway.translation.values import needed, optional, typed, wrong

READ: Final = frozenset(
    (
        "model",
        "input",
        "dimensions",
        "encoding_format",
        "user",
        "input_type",
        "task_type",
        "title",
        "truncate",
    )
)

ENDS: Final[dict[str, Truncate]] = {"none": "none", "start": "start", "left": "start", "end": "end", "right": "end"}
"""Cohere has called the ends of a text LEFT and RIGHT too."""


def read_request(body: Json) -> Wanted:
    """The request in neutral form; raises Refusal 400 that names the place of what is odd. `model` stays as it is."""
    wanted = Wanted(needed(body, "model", str, ""), _inputs(body.get("input")))
    wanted.dimensions = optional(body, "dimensions", int, "")
    if wanted.dimensions is not None and wanted.dimensions < 1:
        raise wrong("dimensions", "must be more than 0.")
    form = optional(body, "encoding_format", str, "")
    if form == "base64":
        wanted.encoding_format = "base64"
    elif form not in (None, "float"):
        raise wrong("encoding_format", "must be float or base64.")
    wanted.user = optional(body, "user", str, "") or ""
    wanted.input_type = _input_type(body)
    wanted.title = optional(body, "title", str, "") or ""
    wanted.truncate = _truncate(body.get("truncate"))
    wanted.extras = {name: value for name, value in body.items() if name not in READ and value is not None}
    return wanted


def _input_type(body: Json) -> str:
    """What the vectors are for, under either of its names."""
    said = [optional(body, name, str, "") for name in ("input_type", "task_type")]
    meant = {INPUT_TYPES.get(one.lower(), one) for one in said if one}
    if len(meant) > 1:
        raise wrong("task_type", "says something else than input_type does; give one of them.")
    return meant.pop() if meant else ""


def _truncate(value: object) -> Truncate | None:
    """An end, or true for the usual one and false for none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "end" if value else "none"
    end = ENDS.get(typed(value, str, "truncate").lower())
    if end is None:
        raise wrong("truncate", "must be NONE, START, END, true or false.")
    return end


def _inputs(value: object) -> list[Input]:
    """One text or list of tokens, or a list of inputs, never none."""
    if isinstance(value, str):
        return [value]
    items = typed(value, list, "input") if value is not None else []
    if not items:
        raise wrong("input", "must be a text, or an array of one input or more.")
    if type(items[0]) is int:
        return [_tokens(items, "input")]
    if all(type(item) is str for item in items):
        return items
    inputs = [_input(item, f"input[{index}]") for index, item in enumerate(items)]
    if len({isinstance(one, list) for one in inputs}) > 1:
        raise wrong("input", "must not have both texts and lists of tokens.")
    return inputs


def _input(item: object, place: str) -> Input:
    """What one vector is for."""
    if isinstance(item, str):
        return item
    if isinstance(item, list):
        return _tokens(item, place)
    if not isinstance(item, dict):
        raise wrong(place, "must be a text, an array of tokens, or an object with content.")
    if "content" not in item:
        return _alone([_part(item, place)])
    parts = needed(item, "content", list, place)
    if not parts:
        raise wrong(f"{place}.content", "must not be empty.")
    return _alone([_part(part, f"{place}.content[{index}]") for index, part in enumerate(parts)])


def _alone(parts: list[str | Image]) -> Input:
    """A text that stands alone as what it is, anything else as Mixed."""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else Mixed(parts)


def _tokens(items: list[Any], place: str) -> list[int]:
    """A list of tokens, of which there is at least one."""
    if not items:
        raise wrong(place, "must not be empty.")
    for index, item in enumerate(items):
        if type(item) is not int or item < 0:
            raise wrong(f"{place}[{index}]", "must be a token, a whole number from 0.")
    return items


def _part(part: object, place: str) -> str | Image:
    """A text or an image."""
    holder = typed(part, dict, place)
    kind = needed(holder, "type", str, place)
    if kind == "text":
        return needed(holder, "text", str, place)
    if kind != "image_url":
        raise wrong(f"{place}.type", "must be text or image_url.")
    where = holder.get("image_url")
    if isinstance(where, str):
        return _image(where, f"{place}.image_url")
    return _image(
        needed(needed(holder, "image_url", dict, place), "url", str, f"{place}.image_url"), f"{place}.image_url.url"
    )


def _image(url: str, place: str) -> Image:
    """An image by a web address, or inside a data URL (RFC 2397)."""
    if url.startswith(("https://", "http://")):
        return Image(url=url)
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise wrong(place, "must be an http(s) URL, or a data URL with an image as base64.")
    return Image(head[len("data:") :].partition(";")[0], data)
