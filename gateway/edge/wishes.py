"""What a call's own cf-aig-* headers ask of its record."""

from gateway.call import Record
from gateway.edge.site import Logging
from gateway.wire.wishes import Control, metadata, switch


def note(record: Record, control: Control, logging: Logging) -> None:
    """Write what is to be logged of a call into its record; raises Refusal 400 for a header that cannot be read."""
    record.collect_log, record.collect_payload = logging.collect, logging.payload
    if control:
        if b"cf-aig-collect-log" in control:
            record.collect_log = switch(control, b"cf-aig-collect-log", logging.collect)
        if b"cf-aig-collect-log-payload" in control:
            record.collect_payload = switch(control, b"cf-aig-collect-log-payload", logging.payload)
        if b"cf-aig-event-id" in control:
            record.event_id = control[b"cf-aig-event-id"].decode("latin-1")[:256]
        if b"cf-aig-metadata" in control:
            record.metadata = metadata(control)
    record.keep_payload = record.collect_payload or logging.content
