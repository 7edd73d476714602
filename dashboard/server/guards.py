"""What stands in front of every request: who may reach us without sign-in, and what a browser may load."""

import base64
import hashlib
import ipaddress
import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.path_security import is_unsafe_path_pattern

from dashboard.server.envelope import MOUNT, Envelope
from dashboard.server.problems import Problem, answer, answer_in_kind

PAGE_SCRIPT = (Path(__file__).parents[1] / "page.js").read_text("utf-8")
"""What every page listens for in the browser, drawn inline by the sidebar: the policy allows exactly this text."""
FORWARDING = (
    b"forwarded",
    b"x-forwarded",
    b"x-real-ip",
    b"x-client-ip",
    b"cf-connecting-ip",
    b"true-client-ip",
    b"client-ip",
    b"x-cluster-client-ip",
    b"x-original-",
    b"x-envoy-",
    b"x-host",
    b"fly-",
    b"via",
)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine and nothing else."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host(text: str) -> str:
    try:
        return urlsplit(f"//{text}").hostname or ""
    except ValueError:
        return ""


def _is_ours(origin: str, host: str) -> bool:
    """Return whether a page of this very server opened the connection: another port of this machine is another site."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def refusal(scope: Scope) -> str | None:
    """Return why a request may not come in while there is no sign-in, or None when it may."""
    headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    if any(name.startswith(FORWARDING) for name, _ in headers):
        return "a proxy forwarded this request"
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1 or not is_loopback(_host(hosts[0])):
        return "its Host is not this machine"
    if scope.get("http_version") == "1.0":
        return "a proxy forwarded this request"  # no browser speaks HTTP/1.0; nginx as it comes does
    origins = [value for name, value in headers if name == b"origin"]
    changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
    if changes and any(not _is_ours(value, hosts[0]) for value in origins):
        return "another site opened this connection"
    client = scope.get("client")
    return "it comes from another machine" if client and not is_loopback(client[0]) else None


class OnlyThisMachine:
    """Without sign-in every visitor is an administrator, so nobody but this machine may come in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403."""
        if scope["type"] == "lifespan" or (why := refusal(scope)) is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": why})
        else:
            text = (
                f"Refused: {why}, and sign-in is not configured. See streamlit_config/secrets.example.toml."
            )
            is_api = scope["path"] == MOUNT or scope["path"].startswith(f"{MOUNT}/")
            problem = Problem("not_this_machine", text)
            refused: ASGIApp = Envelope(answer(problem)) if is_api else answer_in_kind(scope, problem)
            await refused(scope, receive, send)


def content_security_policy() -> str:
    """Return the policy: our own scripts and connections, plus the inline ones of Streamlit's page and the sidebar."""
    page = (files("streamlit") / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    inline.append(PAGE_SCRIPT)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
    scripts = " ".join(["'self'", *(f"'sha256-{value}'" for value in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


class SafeHeaders:
    """Add headers that let browsers run only our own code. Answers of the API keep theirs."""

    def __init__(self, app: ASGIApp, *, secure_cookies: bool) -> None:
        self.app = app
        self.secure_cookies = secure_cookies
        self.headers = [
            (b"content-security-policy", content_security_policy().encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"x-frame-options", b"DENY"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to answers outside /api."""
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return

        downloads = [(b"cache-control", b"no-store")] if scope["path"].startswith("/media/") else []

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [
                    pair
                    for pair in message.get("headers", [])
                    if not (downloads and pair[0] == b"cache-control")
                ]
                message["headers"] = [*map(self._cookie, given), *self.headers, *downloads]
            await send(message)

        await self.app(scope, receive, add)

    def _cookie(self, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        """Return a cookie that only travels encrypted, where the dashboard is reached by https."""
        name, value = header
        lacking = self.secure_cookies and name.lower() == b"set-cookie" and b"secure" not in value.lower()
        return (name, value + b"; Secure") if lacking else header


class UnsafeApiPaths:
    """Let the HTTP interface answer every path under /api: Streamlit refuses `..` and NUL, a mount matches one line."""

    def __init__(self, app: ASGIApp, *, api: ASGIApp) -> None:
        self.app = app
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the interface directly for paths that would not reach it; it serves no files."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and path.startswith(f"{MOUNT}/")
        unsafe = ours and ("\n" in path or is_unsafe_path_pattern(path[1:]))
        await (self.api if unsafe else self.app)(scope, receive, send)
