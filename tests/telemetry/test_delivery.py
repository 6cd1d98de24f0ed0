import ssl
import time

import pytest
import trustme

from gateway.telemetry.delivery import Post, seconds
from gateway.telemetry.environment import Endpoint
from tests.telemetry.collector import collecting

AUTHORITY = trustme.CA()


@pytest.fixture
def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    return context


def send(endpoint: Endpoint) -> int:
    post = Post(endpoint)
    try:
        return post.send(b"", time.monotonic() + 5).status
    finally:
        post.close()


def test_a_certificate_of_a_named_authority_is_trusted(tls, tmp_path):
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    with collecting(tls) as collector:
        assert send(Endpoint(collector.url, certificate=str(tmp_path / "ca.pem"))) == 200


def test_any_other_certificate_is_not(tls, tmp_path):
    with collecting(tls) as collector, pytest.raises(ssl.SSLCertVerificationError):
        send(Endpoint(collector.url))
    assert collector.requests == []


def test_a_certificate_for_another_name_is_not(tls, tmp_path):
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    with collecting(tls) as collector, pytest.raises(ssl.SSLCertVerificationError):
        send(Endpoint(collector.url.replace("localhost", "127.0.0.1"), certificate=str(tmp_path / "ca.pem")))


def test_a_certificate_file_that_is_missing_is_an_oserror(tls):
    with collecting(tls) as collector, pytest.raises(OSError, match="No such file"):
        send(Endpoint(collector.url, certificate="/nowhere/ca.pem"))


def test_a_client_certificate_is_shown(tls, tmp_path):
    client = AUTHORITY.issue_cert("client.example")
    tls.verify_mode = ssl.CERT_REQUIRED
    AUTHORITY.configure_trust(tls)
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    with collecting(tls) as collector:
        paths = {"certificate": str(tmp_path / "ca.pem"), "client_certificate": str(tmp_path / "client.pem")}
        assert send(Endpoint(collector.url, **paths)) == 200


@pytest.mark.parametrize("url", ["", "localhost:4318", "ftp://localhost/", "http://", "http://[::1", "http://h:99999/"])
def test_a_url_that_is_none_is_a_value_error(url):
    with pytest.raises(ValueError):
        send(Endpoint(url))


@pytest.mark.parametrize(("written", "value"), [(b"3", 3.0), (b"", None), (b"Wed, 21 Oct", None), (b"-1", None)])
def test_retry_after_is_seconds(written, value):
    assert seconds(written) == value
