"""After signing in one returns to the page one came for, and never to another site."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.server.returning import COOKIE, ReturnAfterSignIn


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = Starlette(
        routes=[
            Route("/oauth2callback", lambda _: RedirectResponse("/", status_code=302)),
            Route("/data", lambda _: JSONResponse({})),
            Route("/{page}", lambda _: HTMLResponse("page")),
            Route("/", lambda _: HTMLResponse("start")),
        ],
        middleware=[Middleware(ReturnAfterSignIn)],
    )
    with TestClient(app, follow_redirects=False) as started:
        yield started


def test_the_address_with_its_query_survives_signing_in_and_is_used_once(client: TestClient) -> None:
    client.get("/workspace?id=acme&tab=why")

    first = client.get("/oauth2callback")
    second = client.get("/oauth2callback")

    assert first.headers["location"] == "/workspace?id=acme&tab=why"
    assert second.headers["location"] == "/"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "%2F%5Cevil.example",
        "%2F%09%2Fevil.example",
        "/%0d%0aX: y",
        "%2F%2Fevil.example",
        "",
    ],
)
def test_a_planted_cookie_leads_to_no_other_site(client: TestClient, target: str) -> None:
    answer = client.get("/oauth2callback", headers={"Cookie": f'{COOKIE}="{target}"'})

    assert answer.headers["location"] == "/"


def test_data_the_start_page_and_signed_in_people_leave_no_cookie(client: TestClient) -> None:
    assert "set-cookie" not in client.get("/data").headers
    assert "set-cookie" not in client.get("/").headers
    assert "set-cookie" not in client.get("/workspace", headers={"Cookie": "_streamlit_user=x"}).headers
