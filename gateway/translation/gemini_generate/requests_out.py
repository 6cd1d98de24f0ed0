"""A conversation as a generateContent request."""

from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json, Quirks, Written
from gateway.translation.gemini_generate import models
from gateway.translation.gemini_generate.config_out import write_beside, write_config
from gateway.translation.gemini_generate.contents_out import Turns
from gateway.translation.gemini_generate.outgoing import Outgoing
from gateway.translation.gemini_generate.tools_out import DECLARED, write_tool_config, write_tools
from gateway.translation.gemini_generate.words import NAME


def write_request(asked: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """The request; its path begins at `models/`: for Vertex AI the caller puts `publishers/google/` before it.

    Raises Refusal 400 for a model's name that is not plain, and for earlier calls whose arguments are no object.
    """
    path = models.path(asked.model)
    body = write_body(asked, losses, quirks)
    if asked.stream:
        return Written(body, f"{path}:streamGenerateContent", "alt=sse")
    return Written(body, f"{path}:generateContent")


def write_body(asked: Conversation, losses: Losses, quirks: Quirks) -> Json:
    """The request without what stands in its URL."""
    out = Outgoing(asked.model, asked.dialect == NAME, losses, quirks)
    turns = Turns(out)
    turns.write(asked.messages)
    given = {
        "contents": turns.contents,
        "systemInstruction": {"parts": turns.system} if turns.system else None,
        "tools": write_tools(asked, out),
        "toolConfig": write_tool_config(asked, out),
        "generationConfig": write_config(asked, out, turns.look),
    }
    body = {name: value for name, value in given.items() if value or name == "contents"}
    body.update(write_beside(asked, out))
    for path, value in asked.extras.items():
        if not out.own:
            losses.lose(path)
        elif not path.startswith(DECLARED):
            _put(body, path, value)
    return body


def _put(body: Json, path: str, value: object) -> None:
    """Write what only this dialect knows back to its place."""
    *way, name = path.split(".")
    holder = body
    for step in way:
        holder = holder.setdefault(step, {})
        if not isinstance(holder, dict):
            # A client's own member with a dot in its name.
            holder, name = body, path
            break
    holder[name] = value
