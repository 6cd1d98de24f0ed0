"""Edits of gateways.yaml while calls run: none fails, each runs under one configuration, a bad edit changes nothing."""

import http.client
import os
import signal
import threading
import time

import pytest

from gateway.settings.load import load
from tests import world
from tests.e2e.acts import ASK, PATH, STREAM, STREAM_ASK, says, until

EDITS = 200
CALLERS = 8


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


def yaml(provider, number=0, gateways=("main",)):
    named = ", ".join(f"{name}: {{timeout: {{total: {100 + number}s}}}}" for name in gateways)
    return f"""
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{{named}}}}}}}
    """


BAD = [
    b"accounts: [",
    b"\xff\xfe\x00",
    b"",
    b"accounts: {acme: {gateways: {main: {cashe: 1}}}}",
    b"[" * 20_000,
    b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    b"accounts: {acme: {gateways: {main: {keys: {openai: ${NOT_THERE}}}}}}",
]


class Callers:
    """Threads that call over kept connections until told to stop."""

    def __init__(self, gateway):
        self.gateway, self.stopping = gateway, threading.Event()
        self.done, self.wrong = [], []
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(CALLERS)]

    def run(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=20)
        body, do = (STREAM_ASK, "stream") if number % 2 else (ASK, "")
        while not self.stopping.is_set():
            try:
                connection.request("POST", PATH, body, {"content-type": "application/json", "x-do": do})
                response = connection.getresponse()
                whole = response.read()
                if response.status != 200 or (do and whole != b"".join(STREAM)):
                    self.wrong.append((response.status, whole))
                self.done.append(response.headers["cf-aig-log-id"])
            except Exception as error:
                self.wrong.append(error)
                return
            time.sleep(0.01)
        connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Renamed:
    """Edits as editors make them: a new file is moved over the old one."""

    def __init__(self, folder, first):
        self.folder, self.file = folder, folder / "gateways.yaml"

    def put(self, content):
        fresh = self.folder / "fresh.yaml"
        fresh.write_bytes(content)
        fresh.rename(self.file)


class Mounted:
    """Edits as Kubernetes makes them: the file is a link through `..data`, which is exchanged for another link."""

    def __init__(self, folder, first):
        self.folder, self.file, self.number = folder, folder / "mounted.yaml", 0
        self.put(first)
        self.file.symlink_to("..data/gateways.yaml")

    def put(self, content):
        self.number += 1
        version = self.folder / f"..version_{self.number}"
        version.mkdir()
        (version / "gateways.yaml").write_bytes(content)
        link = self.folder / "..data_tmp"
        link.symlink_to(version.name)
        os.replace(link, self.folder / "..data")


class InPlace:
    """Edits of the careless: the file is emptied and written anew."""

    def __init__(self, folder, first):
        self.file = folder / "gateways.yaml"

    def put(self, content):
        self.file.write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("editor", [Renamed, Mounted, InPlace])
def test_edits_under_load_fail_no_call(tmp_path, provider, editor):
    folder = tmp_path / "etc"
    folder.mkdir()
    one = yaml(provider)
    edits = editor(folder, one.encode())
    args = ("--config", str(edits.file)) if editor is Mounted else ()
    existed = set()
    with world.gateway(folder, one, args=args) as gateway, Callers(gateway) as callers:
        until(lambda: len(callers.done) > 50)
        for number in range(EDITS // 2):
            content = yaml(provider, number + 1).encode()
            edits.put(BAD[number % len(BAD)] if number % 3 == 2 else content)
            time.sleep(0.01)
            if number % 3 != 2:
                existed.add(load(edits.file, {}, None).version)
            time.sleep(0.01 if number % 25 else 0.7)
        existed.add(load(write(tmp_path / "first.yaml", one.encode()), {}, None).version)
        edits.put(yaml(provider, 0, ("main", "added")).encode())
        last = load(edits.file, {}, None).version
        until(lambda: config_version(gateway) == last)
        time.sleep(0.1)
        callers.__exit__()
        assert not callers.wrong
        assert len(callers.done) > 500
        gateway.line(callers.done[-1])
        lines = {line["id"]: line for line in gateway.lines()}
        assert lines.keys() >= set(callers.done)
        assert {line["outcome"] for line in lines.values()} == {"served"}
        seen = {line["config_version"] for line in lines.values()}
        assert seen <= existed | {last}
        assert len(seen) > 3, "some of the edits were in force for a while"


def write(path, content):
    path.write_bytes(content)
    return path


def config_version(gateway):
    return gateway.call("/readyz", None, "GET").json["config_version"]


def test_a_new_gateway_is_usable_within_a_second(tmp_path, provider):
    with world.gateway(tmp_path, yaml(provider)) as gateway:
        for name in ("second", "third", "fourth"):
            assert gateway.call(PATH.replace("main", name), ASK).status == 400
            gateway.file.write_text(yaml(provider, 0, ("main", name)))
            until(lambda name=name: gateway.call(PATH.replace("main", name), ASK).status == 200, 1.0)


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_edit_is_reported_and_the_last_good_one_keeps_serving(tmp_path, provider, bad):
    with world.gateway(tmp_path, yaml(provider)) as gateway:
        version = config_version(gateway)
        gateway.file.write_bytes(bad)
        until(lambda: "gateways.yaml" in gateway.errors() and "not reloaded" in gateway.errors())
        assert config_version(gateway) == version
        assert gateway.call(PATH, ASK).status == 200
        gateway.file.write_text(yaml(provider, 0, ("main", "added")))
        until(lambda: gateway.call(PATH.replace("main", "added"), ASK).status == 200, 2.0)


def test_a_call_in_flight_ends_under_the_configuration_it_began_with(tmp_path, provider):
    with world.gateway(tmp_path, yaml(provider)) as gateway:
        before = config_version(gateway)
        answers = []
        caller = threading.Thread(target=lambda: answers.append(gateway.call(PATH, STREAM_ASK, x_do="long-stream")))
        provider.says = lambda asked: world.Says(
            headers={"content-type": "text/event-stream"}, chunks=STREAM, framing="chunked", pause=0.5
        )
        caller.start()
        time.sleep(0.1)
        gateway.file.write_text("accounts: {other: {gateways: {main: {}}}}")
        until(lambda: config_version(gateway) != before)
        assert gateway.call(PATH, ASK).status == 400, "its gateway is gone"
        caller.join()
        provider.says = says
        assert answers[0].body == b"".join(STREAM)
        line = gateway.line(answers[0].log_id)
        assert (line["outcome"], line["config_version"]) == ("served", before)
        assert line["tokens_in"] == 7


def test_sighup_reads_the_file_at_once(tmp_path, provider):
    with world.gateway(tmp_path, yaml(provider)) as gateway:
        assert gateway.call(PATH, ASK).status == 200
        gateway.file.write_text(yaml(provider, 0, ("main", "added")))
        gateway.process.send_signal(signal.SIGHUP)
        until(lambda: gateway.call(PATH.replace("main", "added"), ASK).status == 200, 1.0)


def test_connections_outlive_an_edit(tmp_path, provider):
    with world.gateway(tmp_path, yaml(provider)) as gateway:
        gateway.call(PATH, ASK)
        until(lambda: provider.open == 1)
        for number in range(3):
            before = config_version(gateway)
            gateway.file.write_text(yaml(provider, number + 1))
            until(lambda before=before: config_version(gateway) != before)
            gateway.call(PATH, ASK)
            assert provider.open == 1
