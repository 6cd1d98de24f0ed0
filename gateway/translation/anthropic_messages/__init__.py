"""Anthropic's Messages API, as clients speak it and as Anthropic, Vertex AI and Bedrock serve it."""

from typing import Final

from gateway.translation.anthropic_messages.answers_in import read_answer
from gateway.translation.anthropic_messages.answers_out import write_answer
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.faults import read_fault, write_fault
from gateway.translation.anthropic_messages.reader import MessagesReader
from gateway.translation.anthropic_messages.requests_in import read_request
from gateway.translation.anthropic_messages.requests_out import write_request
from gateway.translation.anthropic_messages.rules import RULES
from gateway.translation.anthropic_messages.writer import MessagesWriter
from gateway.translation.codec import Codec

CODEC: Final = Codec(
    NAME,
    RULES,
    read_request,
    write_request,
    read_answer,
    write_answer,
    MessagesReader,
    MessagesWriter,
    read_fault,
    write_fault,
    answers=frozenset(("content",)),
)
