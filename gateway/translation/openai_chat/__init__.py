"""OpenAI's chat completions, and all the providers that speak them.

https://platform.openai.com/docs/api-reference/chat. What providers added to it is read from all of them, and written to
those whose row says that they take it.
"""

from typing import Final

from gateway.translation.codec import Codec
from gateway.translation.openai_chat.answers_in import read_answer
from gateway.translation.openai_chat.answers_out import write_answer
from gateway.translation.openai_chat.faults import read_fault, write_fault
from gateway.translation.openai_chat.natives import DIALECT
from gateway.translation.openai_chat.reader import ChatReader
from gateway.translation.openai_chat.requests_in import read_request
from gateway.translation.openai_chat.requests_out import write_request
from gateway.translation.openai_chat.rules import RULES
from gateway.translation.openai_chat.writer import ChatWriter

CODEC: Final = Codec(
    DIALECT,
    RULES,
    read_request=read_request,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    reader=ChatReader,
    writer=ChatWriter,
    read_fault=read_fault,
    write_fault=write_fault,
    answers=frozenset(("choices",)),
)
