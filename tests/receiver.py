"""A customer's server on this machine that receives what we post."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import Engine

import ledger
from ledger.database import writing
from ledger.notify.events import send_events
from ledger.notify.webhook_endpoints import EVENT_TYPES, WebhookEndpoint, create_endpoint


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


@contextmanager
def hanging(release: threading.Event, *, seconds: float = 30) -> Iterator[str]:
    """Serve a receiver that answers after `seconds`, or at once after `release`; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            release.wait(seconds)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/events"
    finally:
        release.set()
        server.shutdown()
        server.server_close()


def add_receiver(engine: Engine, receiver: EventReceiver, at: datetime, *types: str) -> WebhookEndpoint:
    with writing(engine) as db:
        return create_endpoint(db, receiver.url, types or EVENT_TYPES, actor="ada", at=at)


def opens(engine: Engine, at: datetime, *names: str) -> None:
    """New workspaces with 200 minutes each."""
    with writing(engine) as db:
        for name in names or ("acme",):
            ledger.create_workspace(db, name, name="Acme", owner_email="o@x.example", actor="ada", at=at)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="p", actor="ada", at=at)


def uses(engine: Engine, at: datetime, *minutes: int, workspace_id: str = "acme") -> None:
    for number, each in enumerate(minutes):
        with writing(engine) as db:
            ledger.track_minutes(db, workspace_id, each, key=f"u{number} {each}", at=at)


def sends(engine: Engine, at: datetime) -> None:
    """Everything that is due by then."""
    while send_events(engine, at=at):
        pass
