"""Without sign-in the printed address is the only key: for documents, files and the stream; a pure demo is open."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.server import start_token
from dashboard.server.start_token import COOKIE, StartToken, address, new_token

TOKEN = (
    "5SydFO6_p3MuB6c8wGNBUBF7XsRtEm1oKezX7xsjD9Q"  # of the shape of new_token(), the same in every process
)


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def client_of(*, is_open: bool) -> TestClient:
    app = Starlette(
        routes=[
            Route("/", lambda _: HTMLResponse("page")),
            Route("/media/file.csv", lambda _: HTMLResponse("rows")),
            Route("/workspace", lambda request: HTMLResponse(str(request.url.query))),
            Route("/api/balance", lambda _: JSONResponse({"error": "no key"}, 401)),
            Route("/metrics", lambda _: HTMLResponse("figures")),
            Route("/_stcore/health", lambda _: HTMLResponse("ok")),
            WebSocketRoute("/_stcore/stream", _talk),
        ],
        middleware=[Middleware(StartToken, token=TOKEN, is_open=lambda: is_open)],
    )
    return TestClient(app, base_url="http://localhost:8501")


@pytest.fixture
def locked() -> Iterator[TestClient]:
    with client_of(is_open=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/media/file.csv", "/workspace?id=acme", "/_stcore/host-config"])
@pytest.mark.parametrize("cookie", [None, "", "x", TOKEN[:-1], TOKEN + "a", "é"])
def test_without_the_token_nothing_is_served(locked: TestClient, path: str, cookie: str | None) -> None:
    headers = {} if cookie is None else {"Cookie": f"{COOKIE}={cookie}".encode()}

    answer = locked.get(path, headers=headers)

    assert answer.status_code == 403
    assert "?token=" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_person_reads_where_to_go_and_a_program_gets_a_code(locked: TestClient) -> None:
    person = locked.get("/", headers={"Accept": "text/html"})
    program = locked.get("/")

    assert person.headers["content-type"].startswith("text/plain")
    assert person.text.startswith("Open the address that was printed")
    assert program.json()["code"] == "start_token_missing"


def test_without_the_token_no_stream_opens(locked: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), locked.websocket_connect("/_stcore/stream"):
        pass


def test_the_printed_address_opens_everything_in_this_browser(locked: TestClient) -> None:
    first = locked.get(address("", TOKEN), follow_redirects=False)
    page = locked.get("/")

    cookie = first.headers["set-cookie"].lower()
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert page.status_code == 200
    with locked.websocket_connect("/_stcore/stream", headers={"Cookie": f"{COOKIE}={TOKEN}"}):
        pass


def test_a_deep_link_with_the_token_leads_to_its_page_without_it(locked: TestClient) -> None:
    answer = locked.get(f"/workspace?id=acme&token={TOKEN}&tab=why")

    assert answer.text == "id=acme&tab=why"
    assert TOKEN not in str(answer.url)


@pytest.mark.parametrize("wrong", ["", "x", TOKEN.lower(), TOKEN + "="])
def test_a_wrong_token_in_the_address_sets_no_cookie(locked: TestClient, wrong: str) -> None:
    answer = locked.get("/", params={"token": wrong})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_way_back_never_leads_to_another_site(locked: TestClient) -> None:
    answer = locked.get(f"http://localhost:8501//evil.example/?token={TOKEN}", follow_redirects=False)

    assert answer.headers["location"].startswith("/evil.example")


def test_programs_keep_their_own_keys_and_probes_need_none(locked: TestClient) -> None:
    assert locked.get("/api/balance").status_code == 401
    assert locked.get("/_stcore/health").status_code == 200
    assert locked.get("/metrics").text == "figures"  # it has a guard of its own
    assert locked.get("/metrics/more").status_code == 403


def test_a_pure_demo_opens_with_one_click() -> None:
    with client_of(is_open=True) as demo:
        assert demo.get("/").status_code == 200
        with demo.websocket_connect("/_stcore/stream"):
            pass


def test_a_demo_that_holds_something_else_meanwhile_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [True, False]
    monkeypatch.setattr(start_token, "OPEN_FOR_SECONDS", 0.0)
    app = Starlette(
        routes=[Route("/", lambda _: HTMLResponse("page"))],
        middleware=[Middleware(StartToken, token=TOKEN, is_open=lambda: answers.pop(0))],
    )
    with TestClient(app, base_url="http://localhost:8501") as client:
        assert [client.get("/").status_code for _ in range(2)] == [200, 403]


def test_tokens_are_long_and_differ() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert all(len(new_token()) >= 40 for _ in range(10))
