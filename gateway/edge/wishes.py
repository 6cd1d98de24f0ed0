"""What a call's own cf-aig-* headers ask of its record."""

from gateway.call import Record
from gateway.edge.site import Logging
from gateway.wire.wishes import Control, metadata, switch


def note(record: Record, control: Control, logging: Logging) -> None:
    """Write what the call's headers ask of its record into it; raises Refusal 400."""
    if not control:
        record.collect_log = logging.collect
        return
    record.collect_log = switch(control, b"cf-aig-collect-log", logging.collect)
    record.event_id = control.get(b"cf-aig-event-id", b"").decode("latin-1")[:256]
    if b"cf-aig-metadata" in control:
        record.metadata = metadata(control)


def payload(control: Control, logging: Logging) -> bool:
    """Whether bodies go into the log."""
    return switch(control, b"cf-aig-collect-log-payload", logging.payload)
