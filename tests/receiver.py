"""A customer's server on this machine that receives what we post."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class EventReceiver:
    """What arrived, and what the server answers: 200 once `answers` is used up."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The bodies, in the order of arrival."""
        return [json.loads(body) for _, body in self.received]

    @property
    def types(self) -> list[str]:
        """The types of the events, in the order of arrival."""
        return [event["type"] for event in self.events]


@contextmanager
def receiving() -> Iterator[EventReceiver]:
    """Serve a receiver until the block ends."""
    receiver = EventReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            receiver.received.append((dict(self.headers), body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"done")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
