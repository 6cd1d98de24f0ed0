"""What every block of gateways.yaml is made of: the mapping itself, defaults, and the forms of names and addresses."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, field

from gateway.settings.units import END, Readable, Written


def default(type: type[Readable], written: str | int) -> Any:  # noqa: ANN401 - a field's default has the field's type
    """A field's default, written as in the file: the schema shows it so."""
    return field(default_factory=Written(type, written))


Name: TypeAlias = Annotated[
    str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}" + END, title="name", examples=["production"])
]
ProviderName: TypeAlias = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}" + END, title="provider name", examples=["vllm"])
]
BaseURL: TypeAlias = Annotated[
    str, Meta(pattern=r"^https?://[^\s?#\x00-\x20\x7f]+" + END, title="URL", examples=["https://llm.example.com/v1"])
]
TracesURL: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^https?://[^\s#\x00-\x20\x7f]+" + END, title="URL", examples=["https://otel.example.com/v1/traces"]),
]
SHA256: TypeAlias = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{64}" + END,
        title="SHA-256 of 64 lower-case hex digits, as `gateway token` prints it,",
        examples=["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"],
    ),
]
Day: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z)?" + END,
        title="day",
        examples=["2027-01-01", "2027-01-01T08:00Z"],
    ),
]
HeaderName: TypeAlias = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]{1,128}" + END, title="header name", examples=["x-api-key"])
]


class Block(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping in gateways.yaml: unknown keys are errors, and nothing changes after loading."""
