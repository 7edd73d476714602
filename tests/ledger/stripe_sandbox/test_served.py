"""The built-in Stripe as a process of its own, with events posted to an address."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
import stripe
from sqlalchemy import Engine

from ledger.stripe_gateway.client import SANDBOX_KEY, build_client
from ledger.stripe_gateway.signatures import read_event, verify_signature
from tests.commands import PATIENCE_SECONDS


class Endpoint(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    taken: ClassVar[list[tuple[bytes, str]]] = []

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((raw, self.headers["Stripe-Signature"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/webhooks/stripe"
    server.shutdown()
    server.server_close()
    thread.join()
    Endpoint.taken.clear()


def test_a_served_sandbox_answers_and_delivers_and_stops_cleanly(engine: Engine, endpoint: str) -> None:
    command = [sys.executable, "-m", "ledger.stripe_sandbox", "--port", "0", "--deliver", endpoint]
    url = engine.url.render_as_string(hide_password=False)
    served = subprocess.Popen(
        command, env=os.environ | {"DATABASE_URL": url}, stdout=subprocess.PIPE, text=True
    )
    assert served.stdout is not None
    address, *_, secret = served.stdout.readline().split()
    transport = stripe.RequestsClient(timeout=PATIENCE_SECONDS)
    client = build_client(SANDBOX_KEY, transport, address)

    client.v1.customers.create({"name": "Acme"})

    transport.close()
    served.send_signal(signal.SIGINT)
    assert served.wait(timeout=PATIENCE_SECONDS) == 0
    served.stdout.close()
    ((raw, header),) = Endpoint.taken
    verify_signature(raw, header, [secret], datetime.fromtimestamp(time.time(), UTC))
    assert read_event(raw).type == "customer.created"
