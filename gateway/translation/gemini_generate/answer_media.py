"""Images and sounds in answers; what is odd is left to pass as it is."""

from gateway.call import Refusal
from gateway.conversation.parts import Media
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.media import read_inline, read_stored


def read_media(part: Json) -> Media | None:
    """The bytes or the file that a part is; None where it is something else, or more."""
    names = part.keys() - {"thoughtSignature"}
    try:
        if names == {"inlineData"} and isinstance(part["inlineData"], dict):
            return read_inline(part["inlineData"], "")
        if names == {"fileData"} and isinstance(part["fileData"], dict):
            return read_stored(part["fileData"], "")
    except Refusal:
        return None
    return None
