"""A stand-in provider inside the process: OpenAI's API without a model, a key or a network.

It answers POST chat/completions (JSON and SSE), POST completions, POST embeddings, GET models and GET models/{id}. The
same request gets the same text, ids and token counts (tokens are words); only `created` is the clock's.

    messages         the answer quotes the last user message; a last message of role `tool` is quoted instead
    tools            the first tool is called when `tool_choice` asks for one (a named function is that one), or when
                     the last user message holds the tool's name or a word of it; its arguments fit its JSON Schema
    response_format  `json_schema` answers with a small instance of the schema, `json_object` with {"answer": text}
    n, stop, max_tokens, max_completion_tokens, stream, stream_options.include_usage, dimensions, encoding_format
                     as OpenAI documents them; other fields are accepted and without effect

The model is `demo`, with any of these behind it, also several:

    -error-429       fails with that status (400 to 599), a 429 with Retry-After
    -timeout         never answers: the call runs into its first_byte timeout
    -slow-250ms      waits before it answers
    -drip-100ms      waits before each event of a stream
    -break           breaks off in the middle of the answer
"""

from gateway.upstream.demo.transport import DemoTransport

__all__ = ["DemoTransport"]
