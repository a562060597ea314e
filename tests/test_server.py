"""A Chroma server: how it is named, reached, trusted, waited for, and what its failures say."""

import contextlib
import logging
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import replace

import pytest
from chroma_servers import only, proxy, requires_token

from rag.config import load_settings
from rag.errors import (
    ConfigError,
    IndexServerDenied,
    IndexServerError,
    IndexServerUnreachable,
)
from rag.index import open_server

TOKEN = "s3cret/to+ken="


def require(server):
    with server.connect() as connection:
        connection.require()


def one_line(error):
    assert "\n" not in str(error.value)
    return str(error.value)


# ---------------------------------------------------------------------- what settings say


@pytest.mark.parametrize(
    "url",
    ["localhost:8000", "ftp://host", "http://", "http://host:port", "http://host:0", "//host", ""],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match=r"RAG_CHROMA_URL: expected http://host:port"):
        open_server(url)


def test_an_address_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(ConfigError, match="RAG_CHROMA_TOKEN") as error:
        open_server("https://me:hunter2@example.org")
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("token", ["two words", "line\nfeed", "schlüssel"])
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(token):
    with pytest.raises(ConfigError, match="RAG_CHROMA_TOKEN") as error:
        open_server("http://127.0.0.1:1", token=token)
    assert token not in str(error.value)


def test_certificates_must_be_there_and_be_of_use(tmp_path):
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate")
    with pytest.raises(ConfigError, match="no file"):
        open_server("https://127.0.0.1:1", ca=tmp_path / "absent.pem")
    with pytest.raises(ConfigError, match="is for https"):
        open_server("http://127.0.0.1:1", ca=nonsense)
    with pytest.raises(ConfigError, match="holds no usable certificate"):
        require(open_server("https://127.0.0.1:1", ca=nonsense))


def test_a_token_shows_in_no_setting_and_no_server(monkeypatch):
    monkeypatch.setenv("RAG_CHROMA_TOKEN", TOKEN)
    assert TOKEN not in repr(load_settings())
    assert TOKEN not in repr(open_server("http://127.0.0.1:1", token=TOKEN))


# ---------------------------------------------------------------------- tokens and TLS


def test_a_token_is_sent_in_both_headers_that_chroma_knows(chroma_server):
    with proxy(chroma_server, requires_token(TOKEN)) as front:
        require(open_server(front.url, token=TOKEN))
    assert front.seen
    for request in front.seen:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["X-Chroma-Token"] == TOKEN


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_token_that_is_refused_is_named_by_its_setting_alone(chroma_server, token, caplog):
    caplog.set_level(logging.DEBUG)
    with (
        proxy(chroma_server, requires_token(TOKEN)) as front,
        pytest.raises(
            IndexServerDenied, match=r"refused access \(401\); set RAG_CHROMA_TOKEN"
        ) as e,
    ):
        require(open_server(front.url, token=token))
    assert len(front.seen) == 1, "asking again would not help"
    assert TOKEN not in one_line(e)
    assert "wrong" not in one_line(e)
    assert "wrong" not in caplog.text


def test_a_token_that_a_server_repeats_is_not_shown(chroma_server, caplog):
    caplog.set_level(logging.DEBUG)
    said = f'{{"error": "InvalidArgumentError", "message": "odd {TOKEN}"}}'.encode()
    with (
        proxy(chroma_server, lambda handler: handler.reply(400, said)) as front,
        pytest.raises(IndexServerError, match=r"refused a request \(400: odd …\)") as error,
    ):
        require(open_server(front.url, token=TOKEN))
    assert TOKEN not in one_line(error)
    assert TOKEN not in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for this machine and its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "made.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {made} -out {folder / 'cert.pem'}"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command to make a certificate")
    made.write_text(made.read_text() + (folder / "cert.pem").read_text())
    return made


@pytest.fixture
def behind_tls(chroma_server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with proxy(chroma_server, tls=context) as front:
        yield front


def test_a_server_behind_tls_is_reached_with_its_certificate(behind_tls, certificate):
    require(open_server(behind_tls.url, ca=certificate))
    assert behind_tls.seen


def test_a_certificate_nobody_vouches_for_is_refused(behind_tls):
    with pytest.raises(IndexServerDenied, match=r"not trusted.*RAG_CHROMA_CA") as error:
        require(open_server(behind_tls.url, token=TOKEN))
    assert not behind_tls.seen, "no token goes to whoever answers"
    assert TOKEN not in one_line(error)


def test_http_where_https_is_spoken_and_the_reverse_are_told(behind_tls, chroma_server):
    for url in (
        behind_tls.url.replace("https", "http"),
        chroma_server.url.replace("http", "https"),
    ):
        with pytest.raises(IndexServerError, match="RAG_CHROMA_URL") as error:
            require(open_server(url))
        one_line(error)


# ---------------------------------------------------------------------- waiting and trying again


def test_a_server_that_is_not_there_is_named_after_a_few_attempts():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(IndexServerUnreachable, match=f"{url} cannot be reached") as error:
            require(open_server(url))
    one_line(error)


def test_a_server_that_does_not_take_the_connection_is_given_up_in_time():
    with socket.socket() as deaf, contextlib.ExitStack() as queue:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(2):  # fill its queue: further connections are not answered at all
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(IndexServerUnreachable, match="RAG_CHROMA_CONNECT_TIMEOUT_SECONDS"):
            require(open_server(url, connect_seconds=0.5))
        assert time.monotonic() - began < 3 * 0.5


def test_a_server_that_is_too_slow_is_given_up_in_time_and_not_asked_twice(chroma_server):
    done = threading.Event()
    with proxy(chroma_server, lambda handler: done.wait(60) and handler.hang_up()) as front:
        began = time.monotonic()
        with pytest.raises(IndexServerUnreachable, match=r"in time.*RAG_CHROMA_TIMEOUT_SECONDS"):
            require(open_server(front.url, query_seconds=0.5))
        assert time.monotonic() - began < 3 * 0.5
        done.set()
    assert len(front.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_fails_in_passing_is_tried_again(chroma_server, status):
    busy = only("/pre-flight-checks", lambda handler: handler.reply(status, b"busy"), times=2)
    with proxy(chroma_server, busy) as front:
        require(open_server(front.url))
    assert len(front.seen) == 4, "two that failed, and the two that are needed"


def test_a_connection_that_breaks_is_made_again(chroma_server):
    broken = only("/pre-flight-checks", lambda handler: handler.hang_up(), times=2)
    with proxy(chroma_server, broken) as front:
        require(open_server(front.url))


def test_what_stays_broken_is_told_in_one_line(chroma_server):
    with proxy(chroma_server, lambda handler: handler.reply(503, b"<html>\nbusy")) as front:
        with pytest.raises(IndexServerUnreachable, match=r"failed \(503\)") as error:
            require(open_server(front.url))
        one_line(error)
        assert len(front.seen) == 3


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_what_is_refused_for_good_is_not_tried_again(chroma_server, status):
    with proxy(chroma_server, lambda handler: handler.reply(status, b"no")) as front:
        with pytest.raises(IndexServerError, match=rf"{status}.*names a Chroma server"):
            require(replace(open_server(front.url), write_attempts=9))
        assert len(front.seen) == 1


def test_a_redirect_is_not_followed_so_that_no_token_goes_astray(chroma_server):
    with proxy(chroma_server) as elsewhere:

        def redirect(handler):
            return handler.reply(307, b"", Location=elsewhere.url + handler.path)

        with (
            proxy(chroma_server, redirect) as front,
            pytest.raises(IndexServerError, match="redirects elsewhere"),
        ):
            require(open_server(front.url, token=TOKEN))
        assert not elsewhere.seen


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b'{"max_batch_size": 10}'])
def test_a_server_of_another_make_is_told(chroma_server, body):
    with (
        proxy(chroma_server, lambda handler: handler.reply(200, body)) as front,
        pytest.raises(IndexServerError, match="RAG_CHROMA_URL") as error,
    ):
        require(open_server(front.url))
    one_line(error)
