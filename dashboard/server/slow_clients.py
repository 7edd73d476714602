"""Bounds on a client before its request is known: time, bytes and number of headers, connections of one address."""

import asyncio
from collections import Counter
from typing import Any

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from dashboard.server.guards import is_loopback

SECONDS_FOR_HEADERS = 10.0
BYTES_OF_HEADERS = 32 * 1024
NUMBER_OF_HEADERS = 100
TOO_LARGE, BUSY, TOO_SLOW = 431, 503, 408
CONNECTIONS_OF_ONE_ADDRESS = 200
"""Of another machine; this machine may be a proxy, which has bounds of its own."""
_connections: Counter[str] = Counter()


class HeadersInTime(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, but a request whose headers come too slowly or are too large ends its connection.

    The time counts from the connection, later from the first byte after an answer, and no byte extends it. It ends
    with the last header: bodies have a bound of their own (`dashboard.api.limits`), idle connections uvicorn's.
    """

    _too_late: asyncio.TimerHandle | None = None
    _begun = False
    """Whether a part of the request that is waited for has come: a connection opened in advance is owed no answer."""

    _header_bytes = 0
    _unread = 0
    _header_count = 0
    _address: str | None = None
    """The client as it is counted; None when it is not."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request, unless this client has too many connections."""
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        if host and not is_loopback(host):
            self._address = host
            _connections[host] += 1
            if _connections[host] > CONNECTIONS_OF_ONE_ADDRESS:
                self._refuse(BUSY)
                return
        self._begin_to_wait()

    def data_received(self, data: bytes) -> None:
        """Begin to wait for the next request with its first byte."""
        if self._too_late is None and (self.cycle is None or self.cycle.response_complete):
            self._begin_to_wait()
        self._begun = True
        super().data_received(data)
        if self._too_late is not None:  # the headers are not complete, so all of it is theirs
            self._unread += len(data)
            if self._unread > BYTES_OF_HEADERS:
                self._refuse(TOO_LARGE)

    def on_url(self, url: bytes) -> None:
        """Count the address to the headers."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header, up to the bounds."""
        self._header_count += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > BYTES_OF_HEADERS or self._header_count > NUMBER_OF_HEADERS:
            self._refuse(TOO_LARGE)
            raise HttpParserError("headers too large")

    def on_headers_complete(self) -> None:
        """Stop waiting: the headers came in time."""
        self._header_bytes = self._header_count = self._unread = 0
        self._end_to_wait()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting and counting."""
        self._end_to_wait()
        if self._address is not None:
            _connections[self._address] -= 1
            if not _connections[self._address]:
                del _connections[self._address]
        super().connection_lost(exc)

    def _begin_to_wait(self) -> None:
        self._begun = False
        self._too_late = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def _end_to_wait(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self._begun:
            self._refuse(TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        """Answer with a status alone and end the connection."""
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()
