"""Addresses that are no page are 404, everything else is as it was."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.server.known_pages import KnownPages


def page(_request: Request) -> Response:
    return HTMLResponse("<title>Minutes</title>")


def script(_request: Request) -> Response:
    return PlainTextResponse("1", media_type="text/javascript")


@pytest.fixture
def client() -> TestClient:
    """A server that answers every path with its page, as Streamlit does."""
    app = Starlette(routes=[Route("/static/app.js", script), Route("/{rest:path}", page)])
    return TestClient(KnownPages(app, pages={"search", "webhooks"}))


@pytest.mark.parametrize(
    "path", ["/", "/search", "/search/", "/webhooks?id=1", "/static/app.js", "/api", "/api/docs"]
)
def test_pages_and_files_are_answered(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/metrix", "/search/more", "/wp-login.php", "/apis", "/%2e%2e/x"])
def test_an_unknown_address_is_404_for_people_and_programs(client: TestClient, path: str) -> None:
    person = client.get(path, headers={"Accept": "text/html,*/*"})
    program = client.get(path, headers={"Accept": "*/*"})

    assert (person.status_code, person.text) == (404, "There is nothing at this address.\n")
    assert (program.status_code, program.json()["code"]) == (404, "unknown_path")
    assert program.headers["content-type"] == "application/problem+json"
