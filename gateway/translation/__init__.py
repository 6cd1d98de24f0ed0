"""Any dialect in, any dialect out: codecs between wire formats and the neutral form of `gateway.conversation`.

    codec        what every dialect's codec offers
    signatures   thoughts' signatures on their way through a foreign dialect
    values       reading hostile JSON: the right type, or a Refusal that names the place

Each dialect is a folder: requests, answers, streams and faults, read and written.
"""
