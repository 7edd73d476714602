"""The sandbox over HTTP on loopback, for external programs that use Stripe's own libraries."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from ledger.stripe_sandbox import controls
from ledger.stripe_sandbox.sandbox import Sandbox
from ledger.stripe_sandbox.transport import request_of

HOST = "127.0.0.1"
BODY_LIMIT = 1 << 20
DELIVERY_SECONDS = 10


def build_server(sandbox: Sandbox, port: int) -> ThreadingHTTPServer:
    """Return a loopback server for `sandbox`; port 0 picks a free port."""

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            """Answer any HTTP method; the sandbox routes it."""
            length = int(self.headers.get("Content-Length") or 0)
            if length > BODY_LIMIT:
                self.send_error(413)
                return
            form = self.rfile.read(length)
            answer = controls.answer(sandbox, request_of(self.command, self.path, dict(self.headers), form))
            if answer.lost:
                self.close_connection = True
                return
            body = json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  names that http.server requires

        def log_message(self, *_: object) -> None:
            """Log nothing: requests may hold secrets."""

    return ThreadingHTTPServer((HOST, port), Handler)


def post_event(url: str, raw: bytes, signature_header: str) -> None:
    """Deliver an event as Stripe does. Raise an error when the receiver does not accept it."""
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature_header}
    requests.post(url, data=raw, headers=headers, timeout=DELIVERY_SECONDS).raise_for_status()
