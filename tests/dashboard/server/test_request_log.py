"""Each request is one line of the log: its id, its route, its status, and nothing that names a customer."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from dashboard.api import app
from dashboard.server.request_log import ScreenRequests
from ledger.logs import ACCESS
from tests.dashboard.api_server import Api
from tests.log_lines import LogLines, written_to


@pytest.fixture
def lines() -> Iterator[LogLines]:
    """The lines of requests."""
    with written_to(ACCESS) as lines:
        yield lines


def test_a_request_of_the_interface_is_one_line_with_the_id_of_its_answer(api: Api, lines: LogLines) -> None:
    workspace = api.workspace()
    lines.forget()

    answer = api.get(f"/workspaces/{workspace}", secret="hunter2")
    api.ask("HEAD", f"/workspaces/{workspace}", headers={"Request-Id": "job-7"})
    api.get("/ada-lovelace")

    got, head, missing = lines.objects()
    assert got["request_id"] == answer.headers["request-id"]
    assert (got["method"], got["route"], got["status"]) == (
        "GET",
        "/api/workspaces/{workspace_id}",
        answer.status_code,
    )
    assert (head["method"], head["request_id"]) == ("HEAD", "job-7")
    assert (missing["route"], missing["status"]) == ("unknown", 404)
    for private in (workspace, "hunter2", "ada-lovelace", api.key):
        assert private not in lines.getvalue()


@pytest.mark.usefixtures("api")
def test_a_page_is_one_line_with_its_name_and_the_interface_is_not_logged_twice(lines: LogLines) -> None:
    def page(_request):
        return PlainTextResponse("here")

    def breaks(_request):
        raise ValueError("ada@acme.example")

    screens = Starlette(routes=[Mount("/api", app=app), Route("/customers", page), Route("/health", breaks)])
    client = TestClient(ScreenRequests(screens, pages={"customers", "health"}), raise_server_exceptions=False)

    client.get("/customers?id=acme", headers={"Request-Id": "find-me"})
    client.get("/health")
    client.get("/acme/secret")
    client.get("/api/health")

    shown, broken, stranger, health = lines.objects()
    assert (shown["route"], shown["status"], shown["request_id"]) == ("/customers", 200, "find-me")
    assert (broken["route"], broken["status"]) == ("/health", 500)
    assert (stranger["route"], stranger["status"]) == ("unknown", 404)
    assert health["route"] == "/api/health"
    assert "acme" not in lines.getvalue()
