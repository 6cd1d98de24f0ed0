"""Google's generateContent and streamGenerateContent, on AI Studio and on Vertex AI.

https://ai.google.dev/api/generate-content and https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference.
"""

from typing import Final

from gateway.translation.codec import Codec
from gateway.translation.gemini_generate.answers_in import read_answer
from gateway.translation.gemini_generate.answers_out import write_answer
from gateway.translation.gemini_generate.faults import read_fault, write_fault
from gateway.translation.gemini_generate.reader import Reader
from gateway.translation.gemini_generate.requests_in import read_request
from gateway.translation.gemini_generate.requests_out import write_request
from gateway.translation.gemini_generate.rules import RULES
from gateway.translation.gemini_generate.words import NAME
from gateway.translation.gemini_generate.writer import Writer

CODEC: Final = Codec(
    NAME,
    RULES,
    read_request=read_request,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    reader=Reader,
    writer=Writer,
    read_fault=read_fault,
    write_fault=write_fault,
    answers=frozenset(("candidates", "promptFeedback", "usageMetadata")),
)
