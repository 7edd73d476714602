"""Bad input of every kind: the shape of refusals, the size of bodies, slow senders."""

import gzip
import json
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from dashboard.api import app
from dashboard.api.document import openapi
from dashboard.api.limits import MAX_BODY, MAX_WEBHOOK_BODY, BodyLimits
from dashboard.server.problems import KINDS, MEDIA_TYPE, Problem, answer, of_code
from tests.dashboard.api_server import Api, serving

TRACK = "/usage/track-minute"


def assert_problem(response: requests.Response, status: int, code: str) -> None:
    """The whole shape of a refusal."""
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert problem["type"].endswith(f"#{code}")
    assert problem["title"] == KINDS[code].title
    assert problem["detail"]


def test_an_error_without_a_place_in_the_table_is_ours_and_keeps_its_words_to_itself() -> None:
    known, unknown = of_code("key_reused", "It was a."), of_code("lots_disagree", "acme holds 3, not 4")

    assert (known.status_code, known.body()["detail"]) == (409, "It was a.")
    assert (unknown.status_code, unknown.code) == (500, "internal")
    assert "acme" not in unknown.body()["detail"]


@pytest.mark.parametrize(
    "path", ["/nothing", "//", "/workspaces/acme/nothing", "/workspaces/a%2Fb/statement", "/health/"]
)
def test_an_unknown_path_is_a_problem(api: Api, path: str) -> None:
    assert_problem(api.get(path), 404, "unknown_path")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/workspaces", "GET, HEAD, POST"),
        ("GET", "/usage/track-minute", "POST"),
        ("DELETE", "/workspaces/acme", "GET, HEAD, PATCH"),
        ("POST", "/health", "GET, HEAD"),
        ("GET", "/webhooks/stripe", "POST"),
        ("POST", "/docs", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(
    api: Api, method: str, path: str, allow: str
) -> None:
    answered = api.ask(method, path)

    assert_problem(answered, 405, "method_not_allowed")
    assert answered.headers["allow"] == allow


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"workspace_id": "acme", "key": "\\ud800"}',
        b'{"workspace_id": "acme", "key": "a", "minutes": NaN}',
        b'{"workspace_id": "acme", "key": "a", "minutes": 1e400}',
        b'{"workspace_id": "acme", "key": "a", "minutes": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"workspace_id": "acme", "key": "a", "minutes": 1, "minutes": 2}',
        b'{"workspace_id": "acme", "key": "a", "k\\u0065y": "b"}',
    ],
    ids=[
        "empty",
        "cut",
        "null",
        "list",
        "text",
        "not utf-8",
        "surrogate",
        "nan",
        "overflow",
        "digits",
        "nested",
        "twice",
        "twice, escaped",
    ],
)
def test_what_is_not_the_documented_json_is_a_problem(api: Api, body: bytes) -> None:
    answered = api.ask("POST", TRACK, data=body, headers={"Content-Type": "application/json"})

    assert_problem(answered, 422, "invalid_request")


def test_json_is_read_whatever_the_content_type_says(api: Api) -> None:
    acme = api.workspace()
    body = json.dumps({"workspace_id": acme, "key": "a"})

    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = api.ask("POST", TRACK, data=body, headers=typed)

    assert answered.status_code == 200


def test_a_hundred_megabytes_are_refused_without_being_stored(api: Api) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1_048_576

    def outcome(data: object) -> str:
        try:
            answered = api.ask("POST", "/usage/track-minutes", data=data)
        except requests.ConnectionError:
            return "closed"  # we stopped reading before the sender stopped sending
        assert_problem(answered, 413, "body_too_large")
        return "refused"

    assert outcome(b" " * 104_857_600) in {"refused", "closed"}
    assert outcome(pieces()) in {"refused", "closed"}
    assert api.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("path", "most"), [("/usage/track-minutes", MAX_BODY), ("/webhooks/stripe", MAX_WEBHOOK_BODY)]
)
def test_one_byte_too_many_is_refused(api: Api, path: str, most: int) -> None:
    body = b'{"uses": []}'.ljust(most + 1)

    within, beyond = (api.ask("POST", path, data=body[:size]) for size in (most, most + 1))

    assert within.status_code in {422, 503}
    assert_problem(beyond, 413, "body_too_large")


def test_who_sends_a_body_whole_before_looking_reads_the_refusal_all_the_same(api: Api) -> None:
    body = b" " * (2 * MAX_BODY)
    with closing(HTTPConnection(urlsplit(api.url).netloc, timeout=60)) as line:
        line.request("POST", "/api/usage/track-minutes", body)

        assert line.getresponse().status == 413


def test_a_client_that_sends_nothing_of_a_body_too_large_is_answered_at_once_and_released() -> None:
    with (
        serving(BodyLimits(app, seconds=0.2)) as url,
        socket.create_connection(("127.0.0.1", urlsplit(url).port)) as line,
    ):
        line.settimeout(10)
        line.sendall(
            b"POST /api/usage/track-minutes HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
        )
        received = b"".join(iter(lambda: line.recv(65_536), b""))

    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_compressed_body_is_refused(api: Api) -> None:
    bomb = gzip.compress(b" " * 50_000_000)

    answered = api.ask("POST", TRACK, data=bomb, headers={"Content-Encoding": "gzip"})

    assert_problem(answered, 415, "unsupported_encoding")


@pytest.mark.parametrize("sent", [b"", b'{"a'])
def test_a_body_that_does_not_arrive_is_given_up(sent: bytes) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            reply = PlainTextResponse(await request.body())
        except Problem as problem:
            reply = answer(problem)
        await reply(scope, receive, send)

    with (
        serving(BodyLimits(echo, seconds=0.2)) as url,
        socket.create_connection(("127.0.0.1", urlsplit(url).port)) as line,
    ):
        line.settimeout(60)
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + sent)
        received = b"".join(iter(lambda: line.recv(65_536), b""))

    assert received.startswith(b"HTTP/1.1 408")
    assert b'"slow_request"' in received


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("/usage/check-limit", {}, "workspace_id"),
        ("/usage/check-limit", {"workspace_id": "a b"}, "workspace_id"),
        ("/usage/check-limit", {"workspace_id": "acme", "minutes": "0"}, "minutes"),
        ("/extra-minutes/balance", {"workspace_id": "acme", "at": "2026-03-01"}, "at"),
        ("/workspaces", {"limit": "201"}, "limit"),
        ("/workspaces", {"q": "\x00"}, "q"),
        ("/workspaces/acme/statement", {"before": "x"}, "before"),
        ("/workspaces/acme/statement", {"befor": "5"}, "befor"),
        ("/workspaces", {"Q": "acme"}, "Q"),
        ("/metrics", {"slug": "conversion"}, "slug"),
        ("/extra-minutes/balance", {"workspace_id": "acme", "minutes": "1"}, "minutes"),
        ("/extra-minutes/balance", {"workspace_id": ["acme", "umbrella"]}, "workspace_id"),
    ],
)
def test_a_wrong_parameter_is_named(
    api: Api, path: str, query: dict[str, str | list[str]], name: str
) -> None:
    answered = api.get(path, **query)

    assert_problem(answered, 422, "invalid_request")
    assert answered.json()["detail"].startswith(f"{name}:")


def whole_numbers() -> list[tuple[str, str]]:
    """Path and name of every query parameter that the document calls an integer."""
    return [
        (path.removeprefix("/api").format_map(defaultdict(lambda: "acme")), parameter["name"])
        for path, methods in openapi(app)["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and '"integer"' in json.dumps(parameter["schema"])
    ]


@pytest.mark.parametrize(("path", "name"), whole_numbers())
def test_a_whole_number_is_written_in_digits_everywhere(api: Api, path: str, name: str) -> None:
    for dressed in ("1_000", "1.0", "+1", " 1", "1e2", "\u0661", ""):
        answered = api.get(path, **{name: dressed})

        assert_problem(answered, 422, "invalid_request")
        assert answered.json()["detail"] == f"{name}: a whole number in digits is needed"


def test_a_batch_in_which_one_use_says_a_thing_twice_books_nothing(api: Api) -> None:
    acme = api.workspace()
    sound = json.dumps({"workspace_id": acme, "key": "a"})
    twice = sound.replace("}", ', "minutes": 1, "minutes": 100}')

    answered = api.ask("POST", "/usage/track-minutes", data=f'{{"uses": [{sound}, {twice}]}}')

    assert_problem(answered, 422, "invalid_request")
    assert "twice" in answered.json()["detail"]
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["minutes_used"] == 0


def test_a_missing_key_is_reported_before_a_wrong_parameter(api: Api) -> None:
    answered = api.ask("GET", "/workspaces?nothing=1", headers={"Authorization": ""})

    assert_problem(answered, 401, "unauthenticated")
