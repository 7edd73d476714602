"""What every answer has in common: ids, caching, HEAD, limits, versions, lists of faults."""

import logging

import pytest
import requests
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from dashboard.api import app
from dashboard.server.guards import OnlyThisMachine
from tests.dashboard.api_server import Api, serving, use_database


def test_every_answer_has_an_id_of_its_own_and_is_not_cached(api: Api) -> None:
    answers = [api.get(path) for path in ("/health", "/nothing", "/workspaces", "/workspaces/nobody")]

    ids = [answer.headers["request-id"] for answer in answers]
    assert len(set(ids)) == 4
    assert all(each.startswith("req_") for each in ids)
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_the_callers_id_comes_back_unless_it_could_not_be_written_into_a_log(api: Api) -> None:
    good = api.ask("GET", "/health", headers={"Request-Id": "job-7:try.2"})
    bad = [api.ask("GET", "/health", headers={"Request-Id": text}) for text in ("a b", "x" * 129, "")]

    assert good.headers["request-id"] == "job-7:try.2"
    assert all(answer.headers["request-id"].startswith("req_") for answer in bad)


def test_the_id_stands_in_the_log_of_a_failure(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    use_database(None)
    from sqlalchemy import create_engine  # noqa: PLC0415

    use_database(create_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing"))
    with caplog.at_level(logging.ERROR):
        api.ask("GET", "/workspaces", headers={"Request-Id": "find-me"})

    assert "find-me" in caplog.text


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/openapi.json", "/docs", "/plans", "/workspaces/nobody"]
)
def test_head_answers_as_get_without_the_body(api: Api, path: str) -> None:
    got, head = api.ask("GET", path), api.ask("HEAD", path)

    assert head.status_code == got.status_code
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.content == b""


def test_a_method_that_a_path_does_not_support_is_answered_with_those_it_does(api: Api) -> None:
    answer = api.ask("DELETE", "/workspaces/acme")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, PATCH"


def test_version_1_is_the_same_interface(api: Api) -> None:
    acme = api.workspace()

    answers = [api.get(f"{prefix}/extra-minutes/balance", workspace_id=acme) for prefix in ("", "/v1")]
    booked = api.post("/v1/usage/track-minute", {"workspace_id": acme, "key": "a"})

    assert answers[0].json() == answers[1].json()
    assert booked.json()["total_minutes"] == 199
    assert api.get("/v12/health").status_code == 404


def test_a_key_with_a_limit_sees_what_is_left_of_its_minute(api: Api) -> None:
    limited = api.with_key("balance:read", requests_per_minute=2)

    answers = [limited.get("/plans") for _ in range(3)]

    assert "ratelimit-limit" not in api.get("/plans").headers
    if len({answer.headers["ratelimit-remaining"] for answer in answers}) == 2:  # no minute ended meanwhile
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
        assert answers[2].status_code == 429
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"2"}
    assert all(1 <= int(answer.headers["ratelimit-reset"]) <= 61 for answer in answers)


def test_every_fault_of_a_request_is_listed_with_its_place(api: Api) -> None:
    body = api.post("/usage/track-minute", {"workspace_id": "acme", "minutes": 0, "foo": 1}, key="a").json()
    query = api.get("/workspaces", limit=0, q="x" * 201).json()

    assert [(each["pointer"], each["code"]) for each in body["errors"]] == [
        ("#/minutes", "greater_than_equal"),
        ("#/foo", "extra_forbidden"),
    ]
    assert sorted(each["pointer"] for each in query["errors"]) == ["query/limit", "query/q"]
    assert api.get("/workspaces", nonsense=1).json()["errors"][0]["pointer"] == "query/nonsense"


def test_a_broken_cursor_is_called_one(api: Api) -> None:
    answer = api.get("/workspaces", after="nonsense")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_a_header_that_is_sent_twice_is_refused_and_a_quoted_key_is_the_key(api: Api) -> None:
    acme = api.workspace()
    use = {"workspace_id": acme, "minutes": 5}
    session = requests.Session()
    request = session.prepare_request(requests.Request("POST", f"{api.url}/api/usage/track-minute", json=use))
    request.headers["Authorization"] = f"Bearer {api.key}"

    import http.client  # noqa: PLC0415

    host = api.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.putrequest("POST", "/api/usage/track-minute")
    for name, value in (*request.headers.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")):
        connection.putheader(name, value)
    connection.endheaders(request.body)
    twice = connection.getresponse()
    connection.close()
    plain = api.post("/usage/track-minute", use, key="q7").json()
    quoted = api.post("/usage/track-minute", use, key='"q7"').json()
    empty = api.post("/usage/track-minute", use, key='""')

    assert (twice.status, empty.status_code) == (422, 422)
    assert (plain["repeated"], quoted["repeated"]) == (False, True)


def test_a_guard_refuses_a_program_in_the_language_of_programs() -> None:
    guarded = Starlette(routes=[Mount("/api", app=app)], middleware=[Middleware(OnlyThisMachine)])
    with serving(guarded) as url:
        forwarded = {"X-Forwarded-For": "203.0.113.7"}
        program = requests.get(f"{url}/api/health", headers=forwarded, timeout=60)
        elsewhere = requests.get(f"{url}/overview", headers=forwarded, timeout=60)
        browser = forwarded | {"Accept": "text/html,*/*;q=0.8"}
        person = requests.get(f"{url}/overview", headers=browser, timeout=60)

    assert (program.status_code, program.json()["code"]) == (403, "not_this_machine")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "not_this_machine")
    assert program.headers["request-id"].startswith("req_")
    assert program.headers["cache-control"] == "no-store"
    assert program.headers["content-type"] == elsewhere.headers["content-type"] == "application/problem+json"
    assert person.status_code == 403
    assert person.headers["content-type"].startswith("text/plain")
