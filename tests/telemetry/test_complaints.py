import logging

from gateway.telemetry import complaints


def test_a_kind_is_told_once_a_minute(caplog, monkeypatch):
    complaints._last.clear()
    now = 1000.0
    monkeypatch.setattr(complaints.time, "monotonic", lambda: now)
    with caplog.at_level(logging.WARNING):
        complaints.complain("a", "first")
        complaints.complain("a", "second")
        complaints.complain("b", "other")
        now += 61
        complaints.complain("a", "third")
    assert caplog.messages == ["first", "other", "third"]


def test_kinds_are_bounded(monkeypatch):
    for number in range(2000):
        complaints.complain(str(number), "x")
    assert len(complaints._last) <= complaints.KINDS
    complaints._last.clear()
