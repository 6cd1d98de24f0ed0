import os

from gateway.telemetry import ids


def test_ids_are_lower_case_hex_and_differ():
    spans = [ids.span_id() for _ in range(2000)]
    traces = [ids.trace_id() for _ in range(2000)]
    assert len(set(spans)) == len(set(traces)) == 2000
    assert {len(one) for one in spans} == {16}
    assert {len(one) for one in traces} == {32}
    assert set("".join(spans + traces)) == set("0123456789abcdef")


def test_a_forked_process_draws_its_own():
    ids.span_id()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, ids.span_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 100).decode()
    os.close(reader)
    os.close(writer)
    assert theirs not in [ids.span_id() for _ in range(300)]
