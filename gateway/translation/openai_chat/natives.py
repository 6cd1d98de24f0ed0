"""What only this dialect knows, as Native parts: members of a message, of a choice or of the whole answer."""

from typing import Any, Final

from gateway.conversation.parts import Native

DIALECT: Final = "openai_chat"

MESSAGE: Final = "message."
"""Begins the name of a Native that is a member of a message: `message.prefix`, `message.executed_tools`."""

CHOICE: Final = "choice."
"""Begins the name of a Native that is a member of a choice: `choice.content_filter_results`."""

EXTRAS: Final = "extras"
"""The Native in which a stream says what Completion.extras says of a whole answer."""

AUDIO: Final = "audio"
"""The Native that goes with spoken words: all of the `audio` object but its sound, which is a Media."""

ANNOTATION: Final = "annotation"
"""The Native for an annotation that is no citation of a page: the text of a parsed file, say."""


def native(name: str, value: Any) -> Native:  # noqa: ANN401 - JSON
    """A Native of this dialect."""
    return Native(DIALECT, name, value)


def is_annotation(part: Native) -> bool:
    """Whether it is an annotation that is no citation."""
    return part.dialect == DIALECT and part.name == ANNOTATION


def belongs(part: object, prefix: str) -> str:
    """The member's name if `part` is a Native of this dialect whose name begins so; else empty."""
    if isinstance(part, Native) and part.dialect == DIALECT and part.name.startswith(prefix):
        return part.name[len(prefix) :]
    return ""
