"""Whom to believe when a provider shows its certificate."""

import ssl


def trust(ca_file: str | None = None) -> ssl.SSLContext:
    """A client context that believes the system's authorities and those of `ca_file` (PEM), and speaks HTTP/1.1.

    Raises OSError when the file cannot be read and ssl.SSLError when it holds no certificate.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def problem(ca_file: str | None) -> str:
    """Why a file of authorities cannot be used, as a sentence; empty when it can, or when there is none."""
    if ca_file is None:
        return ""
    try:
        trust(ca_file)
    except (OSError, ssl.SSLError) as error:
        return f"server.ca_file: {ca_file} cannot be used: {error.strerror or 'it holds no certificate in PEM form'}."
    return ""
