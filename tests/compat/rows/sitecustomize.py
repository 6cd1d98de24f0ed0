"""Loaded by the gateway process of these tests before anything else: more rows, each of which speaks one dialect only.

No built-in provider is asked in Responses for clients of other dialects, and for Anthropic's no Claude in Converse.
"""

from msgspec.structs import replace

from gateway.providers import rows, speech

known = rows.load()
known["only-responses"] = rows.Row(
    base_url="https://responses.invalid/v1", speaks=(rows.Speech("openai_responses", "responses"),)
)
known["only-converse"] = replace(known["aws-bedrock"], aliases=(), speaks=(speech.CONVERSE,))
