"""Clients that send their headers slowly, on real sockets."""

import asyncio
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from dashboard.server import slow_clients
from dashboard.server.slow_clients import HeadersInTime
from tests.dashboard.api_server import serving

WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BOUND = 2.0  # seconds: a test that waits for a busy machine still sends in time


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A connection to a server that answers after twice the bound of headers, or at once for /now."""
    monkeypatch.setattr(slow_clients, "SECONDS_FOR_HEADERS", BOUND)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0 if scope["path"] == "/now" else 2 * BOUND)
        await PlainTextResponse("done")(scope, receive, send)

    with serving(application, http=HeadersInTime) as url:
        place = urlsplit(url)
        with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
            yield connection


def dribble(client: socket.socket, seconds: float) -> bytes:
    """Send a header bit by bit, for that long at most; give what the server said in its end."""
    until = time.monotonic() + seconds
    try:
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        while time.monotonic() < until:
            client.sendall(b"y")
            time.sleep(0.1)
            if said := received(client):
                return said
    except (BrokenPipeError, ConnectionResetError):
        return b"closed"
    return b""


def received(client: socket.socket) -> bytes:
    """What has arrived, without waiting."""
    client.setblocking(False)
    try:
        return client.recv(4096)
    except BlockingIOError:
        return b""
    finally:
        client.settimeout(60)


def test_headers_that_come_bit_by_bit_end_the_connection(client: socket.socket) -> None:
    assert dribble(client, seconds=20).startswith((b"HTTP/1.1 408", b"closed"))


def test_a_connection_on_which_nothing_comes_ends(client: socket.socket) -> None:
    assert client.recv(4096) == b""


def test_the_second_request_of_a_connection_has_the_same_bound(client: socket.socket) -> None:
    client.sendall(WHOLE.replace(b"/", b"/now", 1))
    first = client.recv(4096)
    client.sendall(b"\r\n")  # empty lines before a request are no request yet

    assert first.startswith(b"HTTP/1.1 200")
    assert dribble(client, seconds=20).startswith((b"HTTP/1.1 408", b"closed"))


def test_an_answer_may_take_longer_and_the_connection_stays_open(client: socket.socket) -> None:
    for path in (b"/", b"/now"):
        client.sendall(WHOLE.replace(b"/", path, 1))
        assert client.recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_of",
    [
        b"GET /now HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"y" * 40_000),
        b"GET /now HTTP/1.1\r\nHost: x\r\n%s\r\n" % (b"X: y\r\n" * 101),
        b"GET /now?%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"y" * 40_000),
        b"GET /now HTTP/1.1\r\nHost: x\r\nX: %s" % (b"y" * 2_000_000),
    ],
    ids=["one long header", "many headers", "a long address", "a header without end"],
)
def test_headers_that_are_too_large_end_the_connection(client: socket.socket, request_of: bytes) -> None:
    try:
        client.sendall(request_of)
        said = client.recv(4096)
    except (BrokenPipeError, ConnectionResetError):
        said = b"closed"

    assert said.startswith((b"HTTP/1.1 431", b"closed"))


@pytest.mark.parametrize(
    "request_of",
    [
        b"GET /now HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"y" * 30_000),
        b"GET /now HTTP/1.1\r\nHost: x\r\n%s\r\n" % (b"X: y\r\n" * 99),
        b"POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%s" % (b"y" * 100_000),
    ],
    ids=["a long header", "many headers", "a long body"],
)
def test_headers_within_the_bounds_are_answered_and_bodies_are_not_headers(
    client: socket.socket, request_of: bytes
) -> None:
    for _ in range(2):
        client.sendall(request_of)
        assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_another_machine_has_a_bounded_number_of_connections(
    client: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = client.getpeername()
    client.sendall(WHOLE.replace(b"/", b"/now", 1))
    assert client.recv(4096).startswith(b"HTTP/1.1 200")  # this connection is known before the bound counts
    monkeypatch.setattr(slow_clients, "is_loopback", lambda _: False)
    monkeypatch.setattr(slow_clients, "CONNECTIONS_OF_ONE_ADDRESS", 2)
    open_connections = [socket.create_connection(place, timeout=60) for _ in range(2)]
    for one in open_connections:
        one.sendall(WHOLE.replace(b"/", b"/now", 1))
        assert one.recv(4096).startswith(b"HTTP/1.1 200")

    with socket.create_connection(place, timeout=60) as third:
        assert third.recv(4096).startswith((b"HTTP/1.1 503", b""))
    for one in open_connections:
        one.close()
    while sum(slow_clients._connections.values()):
        time.sleep(0.01)
    with socket.create_connection(place, timeout=60) as later:
        later.sendall(WHOLE.replace(b"/", b"/now", 1))
        assert later.recv(4096).startswith(b"HTTP/1.1 200")
