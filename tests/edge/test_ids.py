import time
import uuid

from gateway.edge.ids import uuid7


def test_ids_are_uuids_of_version_7_that_tell_their_time():
    now = time.time_ns()
    made = uuid.UUID(uuid7(now))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == now // 1_000_000


def test_ids_differ_within_one_moment_and_sort_by_time():
    now = time.time_ns()
    same = {uuid7(now) for _ in range(1000)}
    assert len(same) == 1000
    assert max(same) < uuid7(now + 1_000_000)
