"""OpenAI's Responses API, read and written: clients that speak it, and the many providers that do.

https://platform.openai.com/docs/api-reference/responses
"""

from typing import Final

from gateway.translation.codec import Codec
from gateway.translation.openai_responses.answers_in import read_answer
from gateway.translation.openai_responses.answers_out import write_answer
from gateway.translation.openai_responses.faults import read_fault, write_fault
from gateway.translation.openai_responses.own import NAME
from gateway.translation.openai_responses.reader import ResponsesReader
from gateway.translation.openai_responses.requests_in import read_request
from gateway.translation.openai_responses.requests_out import write_request
from gateway.translation.openai_responses.rules import RULES
from gateway.translation.openai_responses.writer import ResponsesWriter

CODEC: Final = Codec(
    NAME,
    RULES,
    read_request,
    write_request,
    read_answer,
    write_answer,
    ResponsesReader,
    ResponsesWriter,
    read_fault,
    write_fault,
    answers=frozenset(("output",)),
)
