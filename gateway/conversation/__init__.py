"""The neutral form between wire formats: what providers share, each thing under one name.

    request   Conversation: messages, tools, what is asked of the answer
    parts     what messages and answers are made of
    answer    Completion: an answer that is whole
    events    the same answer as a stream
    losses    what a wire format does with each thing: carried, renamed, emulated, left out as a hint, refused

Everything a dialect's codec reads becomes this, and everything it writes is made from this, so that each new dialect
works with all the others. What only one dialect knows travels as `Native`, by name, and is never dropped in silence.
"""
