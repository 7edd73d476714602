"""A bound on how long a client may take to send a request's headers: uvicorn itself waits without end."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

SECONDS_FOR_HEADERS = 10.0


class HeadersInTime(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, but a request whose headers do not arrive in time ends its connection.

    The time counts from the connection, later from the first byte after an answer, and no byte extends it. It ends
    with the last header: bodies have a bound of their own (`dashboard.api.limits`), idle connections uvicorn's.
    """

    _too_late: asyncio.TimerHandle | None = None
    _begun = False
    """Whether a part of the request that is waited for has come: a connection opened in advance is owed no answer."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._begin_to_wait()

    def data_received(self, data: bytes) -> None:
        """Begin to wait for the next request with its first byte."""
        if self._too_late is None and (self.cycle is None or self.cycle.response_complete):
            self._begin_to_wait()
        self._begun = True
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The headers came in time."""
        self._end_to_wait()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing more to wait for."""
        self._end_to_wait()
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
            self.transport.write(STATUS_LINE[408] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()
