"""A request for a provider."""

from gateway.conversation.losses import REFUSED, Losses
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json, Quirks, Written
from gateway.translation.openai_chat import messages_out, wishes_out
from gateway.translation.openai_chat.natives import DIALECT
from gateway.translation.openai_chat.rules import DEFAULTS, HINTS
from gateway.translation.openai_chat.terms import Terms


def write_request(conversation: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """A chat completion request; what the provider does not take is noted in `losses`."""
    terms = Terms(losses, quirks, conversation.dialect)
    body: Json = {"model": conversation.model} if conversation.model else {}
    body["messages"] = messages_out.messages(conversation, terms)
    if conversation.stream:
        body["stream"] = True
        if quirks.stream_usage != "always":
            # Whatever the client wants to see: without it tokens could not be counted.
            body["stream_options"] = {"include_usage": True}
    if tools := wishes_out.tools(conversation, terms):
        body["tools"] = tools
    if (choice := wishes_out.choice(conversation, terms)) is not None:
        body["tool_choice"] = choice
    if _parallel(conversation, terms):
        body[terms.name("parallel_tool_calls")] = conversation.parallel
    if (form := wishes_out.form(conversation, terms)) is not None:
        body["response_format"] = form
    body |= wishes_out.reasoning(conversation, terms)
    parameters(body, conversation, terms)
    extras(body, conversation, terms)
    return Written(body)


def _parallel(conversation: Conversation, terms: Terms) -> bool:
    """Whether to say how many calls at a time: several are the default, and need no word where none is understood."""
    if conversation.parallel is None or wishes_out.toolless(conversation):
        return False
    if "parallel_tool_calls" in terms.quirks.refuses:
        if not conversation.parallel:
            terms.losses.emulated.add("parallel_tool_calls")
        return False
    return terms.takes("parallel_tool_calls")


def parameters(body: Json, conversation: Conversation, terms: Terms) -> None:
    """Add the parameters by the provider's names; one that asks for nothing is left out where it is not known."""
    for name, value in conversation.parameters.items():
        if name in DEFAULTS and value == DEFAULTS[name] and not _known(name, terms):
            continue
        if terms.takes(name):
            own = terms.quirks.limit or "max_completion_tokens" if name == "max_tokens" else name
            body[terms.name(name, own)] = value


def _known(name: str, terms: Terms) -> bool:
    """Whether the provider has this parameter, or its absence would be noted as a hint anyway."""
    return name in HINTS or (
        name not in terms.quirks.refuses and terms.losses.rules.get(name, REFUSED).how != "refused"
    )


def extras(body: Json, conversation: Conversation, terms: Terms) -> None:
    """Add what a client of this dialect sent besides; another dialect's is lost."""
    for name, value in conversation.extras.items():
        if conversation.dialect != DIALECT or name in terms.quirks.refuses:
            terms.losses.lose(name)
            continue
        outer, found, inner = name.partition(".")
        if not found:
            body[name] = value
        elif isinstance(body.setdefault(outer, {}), dict):
            body[outer] = {**body[outer], inner: value}
