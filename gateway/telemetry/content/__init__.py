"""Prompts and answers as span attributes, for those who ask for them: JSON strings of the GenAI conventions v1.41.1.

    gen_ai.input.messages       [{role, parts: [...]}]
    gen_ai.output.messages      [{role, parts: [...], finish_reason}]
    gen_ai.system_instructions  [part], only where the API keeps them apart
    gen_ai.tool.definitions     [{type, name, description, parameters}]

A body that is no JSON, was cut in the middle, or is of a dialect that no reader here knows leaves its attribute out.
"""
