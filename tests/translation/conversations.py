"""Hypothesis strategies for whole conversations, as any client's reader may hand them to a codec."""

from hypothesis import strategies as st

from gateway.conversation.parts import Cache, Citation, Media, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Choice, Conversation, Format, Message, Reasoning, Tool

NAMES = st.sampled_from(["f", "get_weather", "g-2"])
IDS = st.sampled_from(["call_1", "call_2", "toolu_01:x", "fc_1|" + "x" * 80])
CACHES = st.none() | st.sampled_from([Cache(), Cache("5m"), Cache("1h")])
SCHEMAS = st.sampled_from([None, {"type": "object", "properties": {"a": {"type": "string"}}}])
DIALECTS = ("bedrock_converse", "cohere_chat", "anthropic_messages", "gemini_generate", "")

texts = st.builds(
    Text, st.text(max_size=12), st.lists(st.builds(Citation, url=st.just("https://a.example")), max_size=1), CACHES
)
media = st.one_of(
    st.builds(
        Media,
        st.sampled_from(["image", "audio", "video", "document"]),
        st.sampled_from(["", "image/png", "image/tiff", "audio/wav", "video/mp4", "application/pdf", "text/plain"]),
        st.just("iVBORw0KGgo="),
        name=st.text(max_size=8),
        cache=CACHES,
    ),
    st.builds(Media, st.just("document"), text=st.text(min_size=1, max_size=8), name=st.text(max_size=8)),
    st.builds(Media, st.just("image"), url=st.just("https://a.example/a.png"), detail=st.sampled_from(["", "low"])),
)
thoughts = st.builds(
    Thinking,
    st.text(max_size=8),
    st.sampled_from(["", "c2ln"]),
    st.sampled_from(["", "c2VjcmV0"]),
    maker=st.sampled_from(DIALECTS),
)
calls = st.builds(ToolUse, IDS, NAMES, st.sampled_from(["", "{}", '{"a": [1, 2.5, null]}']), st.booleans())
results = st.builds(ToolResult, IDS, st.lists(texts | media, max_size=3), error=st.booleans(), cache=CACHES)

messages = st.one_of(
    st.builds(Message, st.sampled_from(["system", "developer"]), st.lists(texts, max_size=2)),
    st.builds(Message, st.just("user"), st.lists(texts | media | results, max_size=4), st.sampled_from(["", "Ann"])),
    st.builds(
        Message, st.just("assistant"), st.lists(texts | thoughts | calls | st.builds(Refusing, st.text()), max_size=4)
    ),
    st.builds(Message, st.just("tool"), st.lists(results, max_size=2)),
)
tools = st.builds(
    Tool, NAMES, st.text(max_size=5), SCHEMAS, st.none() | st.booleans(), st.sampled_from([None, None, True]), CACHES
)
reasonings = st.builds(
    Reasoning,
    st.none() | st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
    st.none() | st.sampled_from([-1, 0, 512, 4096]),
    st.booleans(),
    st.none() | st.booleans(),
)
parameters = st.fixed_dictionaries(
    {},
    optional={
        "max_tokens": st.sampled_from([1, 1024, 5000]),
        "temperature": st.sampled_from([0, 0.5, 1]),
        "top_k": st.integers(1, 9),
        "stop": st.lists(st.sampled_from(["|", "END"]), max_size=2),
        "n": st.integers(1, 2),
        "metadata": st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3),
        "service_tier": st.sampled_from(["auto", "default", "flex", "scale"]),
        "store": st.booleans(),
    },
)


def conversations(models: tuple[str, ...]) -> st.SearchStrategy[Conversation]:
    """Conversations with any of `models`, of clients of any dialect."""
    return st.builds(
        Conversation,
        st.sampled_from(DIALECTS[2:]),
        st.sampled_from(models),
        st.lists(messages, max_size=5),
        st.booleans(),
        tools=st.lists(tools, max_size=2),
        choice=st.none() | st.builds(Choice, st.sampled_from(["auto", "none"])) | st.just(Choice("named", "f")),
        parallel=st.none() | st.booleans(),
        format=st.none() | st.builds(Format, st.sampled_from(["json", "schema"]), SCHEMAS, strict=st.booleans()),
        reasoning=st.none() | reasonings,
        parameters=parameters,
    )
