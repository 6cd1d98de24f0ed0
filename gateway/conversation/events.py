"""An answer as a stream of events.

Per candidate (`index`), parts are numbered from 0 in the order in which they begin (`at`). A part is opened once, added
to, and closed once; parts may be open side by side (OpenAI's parallel tool calls). The order over a whole stream:

    Start  (Open Add* Sign? Cite* Close | Logprobs)*  Finish  Count?  End      or, at any point,  Failed

`Count` may come more than once: the last one is the whole (field by field, values that are None change nothing).
"""

from typing import Any, TypeAlias

import msgspec

from gateway.call import Usage
from gateway.conversation.answer import Fault, Reason
from gateway.conversation.parts import Citation, Part


class Start(msgspec.Struct):
    """The answer begins."""

    id: str = ""
    model: str = ""
    created: int = 0
    service_tier: str = ""
    fingerprint: str = ""


class Open(msgspec.Struct):
    """A part begins: a Text, Thinking, Refusing or ToolUse that is still empty, or a Media or Native that is whole."""

    index: int
    at: int
    part: Part


class Add(msgspec.Struct):
    """More of an open part's text, thoughts or arguments."""

    index: int
    at: int
    text: str


class Sign(msgspec.Struct):
    """The signature of an open Thinking or ToolUse; the last one counts."""

    index: int
    at: int
    signature: str
    maker: str


class Cite(msgspec.Struct):
    """A citation for an open Text."""

    index: int
    at: int
    citation: Citation


class Close(msgspec.Struct):
    """A part is whole."""

    index: int
    at: int


class Logprobs(msgspec.Struct):
    """Log probabilities of what was just added, in OpenAI's form."""

    index: int
    value: Any


class Finish(msgspec.Struct):
    """A candidate is whole."""

    index: int
    reason: Reason
    native_reason: str = ""
    stop_sequence: str | None = None


class Count(msgspec.Struct):
    """Tokens so far."""

    usage: Usage
    service_tier: str = ""


class Failed(msgspec.Struct):
    """The provider broke the answer off with an error of its own; nothing follows."""

    fault: Fault


class End(msgspec.Struct):
    """The answer is whole."""


StreamEvent: TypeAlias = Start | Open | Add | Sign | Cite | Close | Logprobs | Finish | Count | Failed | End
