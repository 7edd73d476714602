"""A sign-in cookie opens nothing once its session has ended, and nothing at all if the server never started one."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from dashboard.clock import present
from dashboard.server.sessions import SignInSessions
from ledger.database import reading, writing
from ledger.desk import audit, sessions
from tests.pages.visits import use

COOKIE = "_streamlit_user"
SIGNED = "2|1:0|10:17|payload==|signature"


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(dict(socket.cookies))
    await socket.close()


def _callback(request: Request) -> Response:
    answer = RedirectResponse("/", 302)
    if "code" in request.query_params:
        answer.set_cookie(COOKIE, SIGNED, httponly=True)
    return answer


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A browser in front of a server that signs in whoever brings a code."""
    use(engine)
    routes = [
        Route("/oauth2callback", _callback),
        Route("/auth/logout", lambda _: HTMLResponse("bye")),
        Route("/media/{name}", lambda _: HTMLResponse("rows")),
        Route("/_stcore/upload_file/{name}", lambda _: Response(status_code=204), methods=["PUT"]),
        Route("/", lambda _: HTMLResponse("page")),
        WebSocketRoute("/_stcore/stream", _stream),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(SignInSessions)])
    with TestClient(app, base_url="http://localhost:8501") as browser:
        yield browser


def seen_on_the_stream(client: TestClient) -> dict[str, str]:
    with client.websocket_connect("/_stcore/stream") as socket:
        return dict(socket.receive_json())


def sign_in(client: TestClient) -> None:
    """Sign in; the cookie is set once more by hand, because the test client sends none of a server to its stream."""
    client.get("/oauth2callback?code=1", headers={"User-Agent": "Firefox"}, follow_redirects=False)
    client.cookies.clear()
    client.cookies.set(COOKIE, f'"{SIGNED}"')


def test_a_sign_in_starts_a_session_that_opens_stream_and_files(client: TestClient, engine: Engine) -> None:
    sign_in(client)

    assert seen_on_the_stream(client) == {COOKIE: SIGNED}
    assert client.get("/media/rows.csv").text == "rows"
    assert client.put("/_stcore/upload_file/f").status_code == 204
    with reading(engine) as db:
        session = sessions.live_session(db, sha256(SIGNED.encode()).digest(), at=present())
    assert session is not None
    assert (session.email, session.browser) == (None, "Firefox")


def test_a_cookie_that_was_copied_dies_at_sign_out(client: TestClient) -> None:
    sign_in(client)
    client.get("/auth/logout")

    client.cookies.set("theme", "dark")

    assert seen_on_the_stream(client) == {"theme": "dark"}
    assert client.get("/media/rows.csv").status_code == 403
    assert client.put("/_stcore/upload_file/f").status_code == 403


def test_a_forged_cookie_is_no_session_even_with_the_right_signature(client: TestClient) -> None:
    client.cookies.set(COOKIE, SIGNED)
    client.cookies.set(f"{COOKIE}_tokens", "more of it")

    assert seen_on_the_stream(client) == {}
    assert client.get("/media/rows.csv").status_code == 403


def test_a_download_without_a_cookie_is_refused_and_the_page_is_not(client: TestClient) -> None:
    refused = client.get("/media/rows.csv")

    assert (refused.status_code, refused.headers["cache-control"]) == (403, "no-store")
    assert client.get("/").text == "page"


def test_a_session_that_an_administrator_ends_is_closed_at_once(client: TestClient, engine: Engine) -> None:
    sign_in(client)
    session_id = sha256(SIGNED.encode()).digest()
    with writing(engine) as db:
        sessions.note_click(db, session_id, "ada@x.example", at=present())
        sessions.end_sessions_of(db, "ada@x.example", because="ended_by_administrator", at=present())

    assert seen_on_the_stream(client) == {}
    assert client.get("/media/rows.csv").status_code == 403


def test_a_failed_sign_in_is_recorded_once_a_minute_for_each_address(
    client: TestClient, engine: Engine
) -> None:
    for _ in range(3):
        client.get("/oauth2callback?error=denied", follow_redirects=False)

    with reading(engine) as db:
        lines = audit.list_lines(db, action="sign_in_failed")
    assert 1 <= len(lines) <= 2
    assert lines[0].subject == "testclient"
