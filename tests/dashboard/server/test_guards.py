"""Without sign-in only this machine comes in: attacks by Host, proxy headers, other sites, other machines."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.starlette.starlette_path_security_middleware import PathSecurityMiddleware

from dashboard.api import app as interface
from dashboard.server.guards import (
    OnlyThisMachine,
    SafeHeaders,
    UnsafeApiPaths,
    content_security_policy,
    is_loopback,
)


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def _client(host: str = "127.0.0.1") -> TestClient:
    app = Starlette(
        routes=[
            Route("/", lambda _: HTMLResponse("page")),
            Route("/api/health", lambda _: JSONResponse({"status": "ok"})),
            WebSocketRoute("/stream", _talk),
        ],
        middleware=[
            Middleware(OnlyThisMachine),
            Middleware(SafeHeaders, secure_cookies=False),
            Middleware(UnsafeApiPaths, api=interface),
            Middleware(PathSecurityMiddleware),  # Streamlit's own, behind ours as in the application
        ],
    )
    return TestClient(app, base_url="http://localhost:8501", client=(host, 50_000))


@pytest.fixture
def client() -> Iterator[TestClient]:
    with _client() as started:
        yield started


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.8.8.8:8501", "[::1]:8501", "LOCALHOST.", "localhost:8501"]
)
def test_this_machine_comes_in_under_each_of_its_names(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "minutes.example.com",
        "localhost.example.com",
        "192.168.0.7:8501",
        "",
        "127.0.0.1@evil.example",
        "[bad",
    ],
)
def test_a_foreign_host_is_refused_so_that_no_rebound_name_is_an_administrator(
    client: TestClient, host: str
) -> None:
    answer = client.get("/", headers={"Host": host})

    assert answer.status_code == 403
    assert "its Host is not this machine" in answer.text


def test_of_two_hosts_neither_is_believed(client: TestClient) -> None:
    answer = client.get("/", headers=[("Host", "localhost"), ("Host", "minutes.example.com")])

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "x-forwarded-proto",
        "X-Real-IP",
        "Via",
        "CF-Connecting-IP",
        "Client-IP",
        "X-Original-Host",
        "Fly-Client-IP",
        "X-Envoy-External-Address",
    ],
)
def test_a_forwarded_request_is_refused_also_for_the_interface(client: TestClient, header: str) -> None:
    assert client.get("/", headers={header: "127.0.0.1"}).status_code == 403
    assert client.get("/api/health", headers={header: "127.0.0.1"}).status_code == 403


def test_another_machine_is_refused_whatever_it_claims() -> None:
    with _client("192.168.0.9") as elsewhere:
        assert elsewhere.get("/").status_code == 403


@pytest.mark.parametrize(
    ("origin", "lets_in"),
    [
        ("http://localhost:8501", True),
        ("http://localhost:9999", False),
        ("http://127.0.0.1:8501", False),
        ("http://localhost", False),
        ("http://[half", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
def test_another_site_cannot_open_a_connection_through_the_visitors_browser(
    client: TestClient, origin: str, *, lets_in: bool
) -> None:
    if lets_in:
        with client.websocket_connect("/stream", headers={"Origin": origin, "Host": "localhost:8501"}):
            pass
    else:
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/stream", headers={"Origin": origin, "Host": "localhost:8501"}),
        ):
            pass


def test_pages_carry_a_policy_and_the_interface_keeps_its_own_headers(client: TestClient) -> None:
    page, api = client.get("/"), client.get("/api/health")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in api.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/workspaces/%00", 401),
        ("/api/workspaces/%2e%2e/", 404),
        ("/api/%2e%2e/x", 404),
        ("/api/hold-outs/a%0Ab/arms", 401),
        ("/api/a%0Ab", 404),
    ],
)
def test_an_odd_path_under_api_is_answered_by_the_interface_in_its_own_shape(
    client: TestClient, path: str, status: int
) -> None:
    answered = client.get(path)
    foreign = client.get(path, headers={"Host": "example.com"})

    assert (answered.headers["content-type"], answered.status_code) == ("application/problem+json", status)
    assert foreign.status_code == 403


def test_an_odd_path_elsewhere_stays_refused(client: TestClient) -> None:
    assert client.get("/pages/%2e%2e/%00").status_code == 400


def test_the_policy_allows_no_inline_script_but_streamlits_own_and_the_sidebars() -> None:
    scripts = next(part for part in content_security_policy().split("; ") if part.startswith("script-src"))

    assert "unsafe" not in scripts
    assert scripts.count("'sha256-") == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.com", "10.0.0.1", ""])  # noqa: S104
def test_an_open_address_is_not_this_machine(host: str) -> None:
    assert not is_loopback(host)
    assert urlsplit(f"http://{host}").hostname != "localhost"
