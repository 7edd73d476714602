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


def missing(_request: Request) -> Response:
    return PlainTextResponse("File not found", status_code=404)


@pytest.fixture
def client() -> TestClient:
    """A server that answers every path with its page, as Streamlit does."""
    routes = [Route("/static/app.js", script), Route("/media/x", missing), Route("/{rest:path}", page)]
    app = Starlette(routes=routes)
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


@pytest.mark.parametrize("path", ["/", "/search", "/metrix", "/static/app.js"])
def test_a_method_that_is_not_supported_is_a_problem_for_programs_and_a_sentence_for_people(
    client: TestClient, path: str
) -> None:
    person = client.post(path, headers={"Accept": "text/html"})
    program = client.post(path)

    assert (program.status_code, program.json()["code"]) == (405, "method_not_allowed")
    assert program.headers["content-type"] == "application/problem+json"
    assert program.headers["allow"] == "GET, HEAD"
    assert sorted(person.headers["allow"].split(", ")) == ["GET", "HEAD"]  # Streamlit's, in any order
    assert (person.status_code, person.headers["content-type"]) == (405, "text/plain; charset=utf-8")


def test_a_file_that_is_missing_is_a_problem_for_programs(client: TestClient) -> None:
    assert client.get("/media/x").json()["code"] == "unknown_path"
    assert client.get("/media/x", headers={"Accept": "text/html"}).text == "File not found"


def test_a_405_of_the_interface_stays_as_the_interface_wrote_it(client: TestClient) -> None:
    assert client.post("/api/docs").text == "Method Not Allowed"
