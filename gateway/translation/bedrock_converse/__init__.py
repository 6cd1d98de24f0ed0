"""Amazon Bedrock's Converse and ConverseStream, as a provider."""

from typing import Final

from gateway.translation.bedrock_converse.answers import read_answer
from gateway.translation.bedrock_converse.faults import read_fault
from gateway.translation.bedrock_converse.reader import ConverseReader
from gateway.translation.bedrock_converse.requests import write_request
from gateway.translation.bedrock_converse.rules import RULES
from gateway.translation.codec import Codec

CODEC: Final = Codec(
    name="bedrock_converse",
    rules=RULES,
    write_request=write_request,
    read_answer=read_answer,
    reader=ConverseReader,
    read_fault=read_fault,
    framing="frames",
    answers=frozenset(("output", "stopReason")),
)
