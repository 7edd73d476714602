"""While the database is away each request logs one line without places; an error of a statement says where it arose."""

import logging

import pytest
import requests
from psycopg import errors
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.routing import Route

from dashboard.api.figures import serve_figures
from dashboard.server.outages import log_unanswered
from tests.dashboard.api_server import Api, serving, use_database
from tests.log_lines import written_to


def test_each_request_of_an_outage_is_one_line_with_its_id_and_no_places(api: Api) -> None:
    use_database(create_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing"))
    with (
        serving(Starlette(routes=[Route("/metrics", serve_figures)])) as url,
        written_to(logging.getLogger("dashboard")) as lines,
    ):
        answers = [
            api.get("/ready"),
            api.get("/extra-minutes/balance", workspace_id="acme"),
            requests.get(f"{url}/metrics", timeout=60),
        ]
        said = [line for line in lines.objects() if line["level"] == "error"]

    assert [each.status_code for each in answers] == [503, 503, 503]
    assert [line["message"].split(": ", 1)[1] for line in said] == [
        "the database did not answer: OperationalError"
    ] * 3
    assert all("error" not in line for line in said)
    assert [line["request_id"] for line in said[:2]] == [each.headers["request-id"] for each in answers[:2]]


@pytest.mark.parametrize(
    ("cause", "has_places"), [(errors.AdminShutdown("x"), False), (errors.DeadlockDetected("x"), True)]
)
def test_only_an_error_of_a_statement_says_where_it_arose(cause: Exception, has_places: bool) -> None:
    with written_to(logging.getLogger("dashboard")) as lines:
        log_unanswered(OperationalError("SELECT 1", {}, cause))

    (line,) = lines.objects()
    assert ("error" in line) is has_places
    assert line["message"].endswith(f"the database did not answer: {type(cause).__name__} {cause.sqlstate}")
