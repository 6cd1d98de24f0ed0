"""Spans and metrics, made from Records once calls are over; OpenTelemetry's packages stay unimported until needed."""

from gateway.telemetry.telemetry import Sink, Telemetry

__all__ = ["Sink", "Telemetry"]
