"""The model's contents and words in a row are one to this gateway, as they were before a stream cut them."""

from typing import Any


def joined(contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for content in contents:
        if content["role"] == "user" or not found or found[-1]["role"] == "user":
            found.append({**content, "parts": []})
        for part in content["parts"]:
            behind(found[-1]["parts"], part, content["role"])
    return found


def behind(parts: list[dict[str, Any]], part: dict[str, Any], role: str) -> None:
    last = parts[-1] if parts else {}
    same = role == "model" and "text" in part and "text" in last and "thoughtSignature" not in last
    if same and part.get("thought") == last.get("thought"):
        parts[-1] = {**last, **part, "text": last["text"] + part["text"]}
    else:
        parts.append(part)
