"""Every SDK by the dialect that it speaks."""

from tests.compat.anthropic_talker import Messages
from tests.compat.google_talker import Generate
from tests.compat.openai_talkers import Chat, Responses

TALKERS = {one.dialect: one for one in (Chat, Responses, Messages, Generate)}
