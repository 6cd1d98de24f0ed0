"""Cohere's v2 chat, as a provider."""

from typing import Final

from gateway.translation.codec import Codec
from gateway.translation.cohere_chat.answers import read_answer
from gateway.translation.cohere_chat.faults import read_fault
from gateway.translation.cohere_chat.reader import ChatReader
from gateway.translation.cohere_chat.requests import write_request
from gateway.translation.cohere_chat.rules import RULES

CODEC: Final = Codec(
    name="cohere_chat",
    rules=RULES,
    write_request=write_request,
    read_answer=read_answer,
    reader=ChatReader,
    read_fault=read_fault,
    answers=frozenset(("message", "finish_reason")),
)
