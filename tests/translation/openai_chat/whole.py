"""A stream's events put together again, with a check of their order, and the recorded exchanges of this dialect."""

import msgspec
from msgspec.structs import replace

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.events import (
    Add,
    Cite,
    Close,
    Count,
    End,
    Failed,
    Finish,
    Logprobs,
    Open,
    Sign,
    Start,
)
from gateway.conversation.parts import Media, Native, Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.openai_chat import CODEC
from gateway.wire.sse import Splitter
from tests import corpus

DONE = b"[DONE]"
SURFACES = {"chat", "mantle-chat", "openai-chat"}


def recorded():
    return [one for one in corpus.exchanges() if one.surface in SURFACES]


def streams():
    return [one for one in recorded() if one.status == 200 and is_stream(one.body)]


def answers():
    return [one for one in recorded() if one.status == 200 and not is_stream(one.body)]


def is_stream(body):
    return body.lstrip().startswith((b"data:", b":", b"event:"))


def events_of(body):
    """The neutral events of a recorded body."""
    reader = CODEC.reader()
    found = []
    for event in Splitter().feed(body):
        found += reader.read(event.name, event.text)
    return [*found, *reader.end()]


def chunks(*texts):
    """A body of these chunks."""
    return b"".join(
        b"data: " + (text if isinstance(text, bytes) else msgspec.json.encode(text)) + b"\n\n" for text in texts
    )


def written(events, conversation=None):
    """The bytes a client of this dialect gets."""
    writer = CODEC.writer(conversation or asking())
    return b"".join(writer.write(event) for event in events)


def asking(**more):
    return Conversation("openai_chat", "m", [], stream=True, **more)


def together(events):
    """The Completion that the events tell, as any client of them would put it together; asserts their order."""
    completion = Completion(usage=None)
    candidates = {}
    open_parts = {}
    begun = finished = ended = False
    for event in events:
        assert not ended, "something follows the end"
        if isinstance(event, Failed):
            ended = True
            continue
        assert begun or isinstance(event, Start)
        if isinstance(event, Start):
            assert not begun
            begun = True
            completion.id, completion.model, completion.created = event.id, event.model, event.created
            completion.service_tier, completion.fingerprint = event.service_tier, event.fingerprint
        elif isinstance(event, Count):
            assert finished
            completion.usage = merged(completion.usage, event.usage)
            completion.service_tier = event.service_tier or completion.service_tier
        elif isinstance(event, End):
            assert finished
            assert not open_parts
            ended = True
        else:
            candidate = candidates.setdefault(event.index, Candidate(index=event.index))
            finished = finished or isinstance(event, Finish)
            take(candidate, event, open_parts)
    assert ended
    completion.candidates = [candidates[index] for index in sorted(candidates)]
    lift(completion)
    return completion


def merged(old, new):
    if old is None:
        return new
    return Usage(
        **{
            name: getattr(old, name) if getattr(new, name) is None else getattr(new, name)
            for name in Usage.__struct_fields__
        }
    )


def take(candidate, event, open_parts):
    assert candidate.reason is None, "something follows the reason"
    if isinstance(event, Finish):
        assert not [key for key in open_parts if key[0] == event.index]
        candidate.reason, candidate.native_reason = event.reason, event.native_reason
        candidate.stop_sequence = event.stop_sequence
        return
    if isinstance(event, Logprobs):
        before = candidate.logprobs or {}
        candidate.logprobs = {
            name: [*before.get(name, []), *(value or [])] if isinstance(value, list) else before.get(name)
            for name, value in event.value.items()
        }
        return
    key = (event.index, event.at)
    if isinstance(event, Open):
        assert event.at == len(candidate.parts)
        part = msgspec.structs.replace(event.part)
        if isinstance(part, Text | Refusing) or (isinstance(part, Thinking) and not part.redacted):
            assert part.text == ""
        if isinstance(part, ToolUse):
            assert part.arguments == ""
        candidate.parts.append(part)
        open_parts[key] = part
        return
    part = open_parts[key]
    if isinstance(event, Close):
        del open_parts[key]
    else:
        grow(part, event)


def grow(part, event):
    if isinstance(event, Add):
        assert event.text
        name = "arguments" if isinstance(part, ToolUse) else "text"
        assert not isinstance(part, Media | Native)
        setattr(part, name, getattr(part, name) + event.text)
    elif isinstance(event, Sign):
        part.signature, part.maker = event.signature, event.maker
    elif isinstance(event, Cite):
        part.citations = [*part.citations, event.citation]


def lift(completion):
    """A stream's extras stand in a Native; in a whole answer they have their own place."""
    for candidate in completion.candidates:
        for part in list(candidate.parts):
            if isinstance(part, Native) and part.name == "extras":
                completion.extras |= part.value
                candidate.parts.remove(part)


def delta(index=0, finish=None, more=None, **said):
    """A chunk that adds this to one choice."""
    choice = {"index": index, "delta": said, "finish_reason": finish, **(more or {})}
    return {"id": "1", "object": "chat.completion.chunk", "created": 5, "model": "m", "choices": [choice]}


def told(*texts, done=True):
    """The Completion that chunks tell."""
    return together(events_of(chunks(*texts, *([DONE] if done else []))))


def parts(*texts):
    """The parts of the first choice."""
    return told(*texts, delta(finish="stop")).candidates[0].parts


def named(completion, written):
    """A completion with the id and the model that it gets where its provider gave none."""
    assert written.id.startswith("chatcmpl-") or completion.id
    return replace(completion, id=completion.id or written.id, model=completion.model or asking().model)
