"""Who may call: keys, scopes, revocation and limits of keys."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import requests

from dashboard.api import app, auth, document
from dashboard.clock import present
from dashboard.server.wrong_keys import WRONG_PER_MINUTE
from ledger.database import reading, writing
from ledger.desk import audit, keys
from tests.dashboard.api_server import Api

OPEN = {"/api/health", "/api/ready", "/api/webhooks/stripe"}


def operations() -> list[tuple[str, str, dict]]:
    """Every route of the document: method, path, operation."""
    return list(document.operations(document.openapi(app)))


def concrete(path: str) -> str:
    """A path with something in its places."""
    return (
        path.removeprefix("/api")
        .replace("{workspace_id}", "acme")
        .replace("{purchase_id}", "018f3a50-0000-7000-8000-000000000000")
        .replace("{slug}", "conversion")
    )


def test_every_route_but_the_open_ones_says_which_scope_it_needs() -> None:
    without = {path for _, path, operation in operations() if not operation.get("security")}

    assert without == OPEN


def test_every_route_refuses_a_request_without_a_key(api: Api) -> None:
    keyed = [(method, path) for method, path, operation in operations() if operation.get("security")]

    answers = [
        requests.request(method, f"{api.url}/api{concrete(path)}", timeout=60) for method, path in keyed
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"unauthenticated"}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


def test_every_route_refuses_a_key_with_every_scope_but_its_own(api: Api) -> None:
    answers = []
    for method, path, operation in operations():
        enough = {each for scheme in operation["security"] for each in scheme["key"]}
        if enough:
            others = api.with_key(*[scope for scope in keys.SCOPES if scope not in enough])
            answers.append(others.ask(method, concrete(path)))

    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["code"] for answer in answers} == {"missing_scope"}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic YTpi",
        "Bearer minutes_000000000000_" + "a" * 43,
        "Bearer " + "x" * 5000,
    ],
)
def test_what_is_not_a_key_is_refused(api: Api, header: str) -> None:
    answer = api.ask("GET", "/workspaces", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_the_right_id_with_another_secret_is_refused(api: Api) -> None:
    other = api.with_key()
    key_id, _ = keys.split_key(api.key)
    _, secret = keys.split_key(other.key)

    answer = Api(api.url, api.engine, f"minutes_{key_id}_{secret}").get("/workspaces")

    assert answer.status_code == 401


def test_a_key_is_checked_before_its_body_is_read(api: Api) -> None:
    answer = api.ask("POST", "/usage/track-minute", headers={"Authorization": ""}, data=b"{not json")

    assert answer.status_code == 401


def test_a_revoked_key_stops_working_within_seconds(api: Api) -> None:
    before = api.get("/workspaces").status_code
    key_id, _ = keys.split_key(api.key)
    with writing(api.engine) as db:
        keys.revoke_key(db, key_id, actor="ada", at=datetime.now(UTC))

    for each, (until, key) in list(auth.known_keys._known.items()):  # two seconds later
        auth.known_keys._known[each] = (until - auth.REMEMBERED_SECONDS, key)

    assert (before, api.get("/workspaces").status_code) == (200, 401)
    assert auth.REMEMBERED_SECONDS <= 2


def test_the_last_use_of_a_key_is_remembered(api: Api) -> None:
    key_id, _ = keys.split_key(api.key)

    api.get("/workspaces")

    with reading(api.engine) as db:
        used = keys.find_key(db, key_id).last_used_at
    assert datetime.now(UTC) - used < timedelta(minutes=1)


def test_a_limited_key_learns_how_long_to_wait(api: Api) -> None:
    limited = api.with_key("balance:read", requests_per_minute=2)

    answers = [limited.get("/workspaces") for _ in range(5)]  # a new minute may begin in between

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.json()["code"] for answer in refused} == {"rate_limited"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)


def test_an_expired_key_opens_nothing_and_one_that_expires_later_does(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = api.with_key("balance:read", expires_at=datetime.now(UTC) + timedelta(hours=1))
    later = api.with_key("balance:read", expires_at=datetime.now(UTC) + timedelta(days=1))
    before = soon.get("/workspaces").status_code

    monkeypatch.setattr(auth, "present", lambda: present() + timedelta(hours=1))

    assert (before, soon.get("/workspaces").status_code, later.get("/workspaces").status_code) == (
        200,
        401,
        200,
    )


def test_many_wrong_keys_from_one_address_are_refused_unread_and_audited_once(api: Api) -> None:
    assert api.get("/workspaces").status_code == 200
    wrong = Api(api.url, api.engine, "minutes_000000000000_" + "a" * 43)

    answers = [wrong.get("/workspaces") for _ in range(WRONG_PER_MINUTE + 2)]

    assert [each.status_code for each in answers] == [401] * WRONG_PER_MINUTE + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert api.get("/workspaces").status_code == 200
    with reading(api.engine) as db:
        lines = [line for line in audit.list_lines(db) if line.action == "wrong_api_keys"]
    assert [(line.actor, line.role) for line in lines] == [("127.0.0.1", "stranger")]


def test_no_other_site_may_call_from_a_browser(api: Api) -> None:
    origin = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}

    answers = [
        api.ask("OPTIONS", "/usage/track-minute", headers=origin),
        api.ask("GET", "/plans", headers=origin),
    ]

    assert [each.status_code for each in answers] == [405, 200]
    assert not [
        name for each in answers for name in each.headers if name.lower().startswith("access-control")
    ]


def test_a_key_that_waits_for_a_second_person_opens_nothing(api: Api) -> None:
    approval_id = uuid4()
    importer = api.with_key("balance:read", approval_id=approval_id)
    waiting = importer.get("/workspaces")
    with writing(api.engine) as db:
        keys.approve_key(db, approval_id, actor="ben@example.com")
    auth.known_keys.forget()

    assert (waiting.status_code, importer.get("/workspaces").status_code) == (401, 200)
