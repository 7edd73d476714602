"""Intake of used minutes over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.dashboard.api_server import Api

TRACK = "/usage/track-minute"
BATCH = "/usage/track-minutes"


def test_a_use_is_answered_with_what_it_drew_and_what_is_left(api: Api) -> None:
    acme = api.workspace("starter")

    answer = api.post(TRACK, {"workspace_id": acme, "minutes": 160, "key": "a"})

    assert answer.status_code == 200
    assert answer.json() == {
        "workspace_id": acme,
        "minutes": 160,
        "from_plan": 160,
        "from_extra": 0,
        "unmet_minutes": 0,
        "plan_minutes": 40,
        "extra_minutes": 0,
        "total_minutes": 40,
        "percent_used": 80.0,
        "thresholds": [80],
        "warning": 80,
        "allowed": True,
        "repeated": False,
    }


def test_minutes_default_to_one_and_the_key_may_come_in_the_header(api: Api) -> None:
    acme = api.workspace()

    answer = api.post(TRACK, {"workspace_id": acme}, key="call 1, minute 1")

    assert (answer.status_code, answer.json()["minutes"], answer.json()["total_minutes"]) == (200, 1, 199)


def test_a_repeat_gets_the_first_answer_and_books_nothing(api: Api) -> None:
    acme = api.workspace()
    first = api.post(TRACK, {"workspace_id": acme, "minutes": 100, "key": "a"}).json()
    api.post(TRACK, {"workspace_id": acme, "minutes": 50, "key": "b"})

    again = api.post(TRACK, {"workspace_id": acme, "minutes": 100, "key": "a"})

    assert again.json() == {**first, "repeated": True}
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["total_minutes"] == 50


def test_a_key_with_another_body_is_refused(api: Api) -> None:
    acme = api.workspace()
    api.post(TRACK, {"workspace_id": acme, "minutes": 1, "key": "a"})

    answer = api.post(TRACK, {"workspace_id": acme, "minutes": 2, "key": "a"})

    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")


def test_one_key_in_two_workspaces_is_two_uses(api: Api) -> None:
    acme, beta = api.workspace(), api.workspace()

    answers = [api.post(TRACK, {"workspace_id": each, "key": "a"}).json() for each in (acme, beta)]

    assert [answer["repeated"] for answer in answers] == [False, False]


def test_a_use_needs_exactly_one_key(api: Api) -> None:
    acme = api.workspace()

    without = api.post(TRACK, {"workspace_id": acme})
    differing = api.post(TRACK, {"workspace_id": acme, "key": "a"}, key="b")
    equal = api.post(TRACK, {"workspace_id": acme, "key": "a"}, key="a")

    assert [without.status_code, differing.status_code, equal.status_code] == [422, 422, 200]
    assert "key" in without.json()["detail"]


def test_what_is_not_there_is_recorded_as_unmet(api: Api) -> None:
    acme = api.workspace("starter")

    answer = api.post(TRACK, {"workspace_id": acme, "minutes": 250, "key": "a"}).json()

    assert (answer["from_plan"], answer["unmet_minutes"], answer["allowed"]) == (200, 50, False)
    assert (answer["thresholds"], answer["warning"]) == ([80, 90, 100], 100)


def test_all_or_nothing_is_refused_as_often_as_it_is_requested_and_counts_as_a_limit_hit(api: Api) -> None:
    acme = api.workspace("starter")
    body = {"workspace_id": acme, "minutes": 201, "key": "a", "require_full": True}

    answers = [api.post(TRACK, body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [402, 402]
    assert {answer.json()["code"] for answer in answers} == {"insufficient_minutes"}
    statement = api.get(f"/workspaces/{acme}/statement").json()["items"]
    assert [(entry["kind"], entry["unmet_minutes"]) for entry in statement] == [
        ("use", 201),
        ("allocation", 0),
    ]
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["total_minutes"] == 200


def test_all_or_nothing_is_booked_when_it_is_covered(api: Api) -> None:
    acme = api.workspace("starter")

    answer = api.post(TRACK, {"workspace_id": acme, "minutes": 200, "key": "a", "require_full": True})

    assert (answer.status_code, answer.json()["total_minutes"]) == (200, 0)


def test_an_unknown_workspace_is_not_found(api: Api) -> None:
    answer = api.post(TRACK, {"workspace_id": "nobody", "key": "a"})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_workspace")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_use_may_be_late_but_not_early(api: Api) -> None:
    acme = api.workspace(at=datetime.now(UTC) - timedelta(days=4))
    late = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    early = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()

    answers = [api.post(TRACK, {"workspace_id": acme, "key": at, "at": at}) for at in (late, early)]

    assert [answer.status_code for answer in answers] == [200, 422]
    assert "ahead" in answers[1].json()["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minutes", 0),
        ("minutes", 1_000_001),
        ("minutes", "1"),
        ("minutes", 1.5),
        ("minutes", True),
        ("minutes", None),
        ("at", "2026-03-01T12:00:00"),
        ("at", 1_772_366_400),
        ("at", "yesterday"),
        ("at", "1999-12-31T23:59:59Z"),
        ("at", "2026-02-30T12:00:00Z"),
        ("key", ""),
        ("key", "x" * 256),
        ("key", "nul \x00"),
        ("duration_seconds", -1),
        ("require_full", "yes"),
        ("workspace_id", "a/b"),
        ("workspace_id", "a'b"),
        ("workspace_id", "_a"),
        ("workspace_id", "a" * 65),
        ("colour", "blue"),
    ],
)
def test_a_wrong_field_is_named(api: Api, field: str, value: object) -> None:
    body = {"workspace_id": "acme", "key": "a", "minutes": 1} | {field: value}

    answer = api.post(TRACK, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["detail"].startswith(f"{field}:")


def test_a_leap_second_is_answered_as_the_next_minute(api: Api) -> None:
    body = {"workspace_id": api.workspace("starter"), "key": "a", "minutes": 1}
    minute = datetime.now(UTC) + timedelta(minutes=1)
    same = [f"{minute:%Y-%m-%dT%H:%M}:60Z", f"{minute + timedelta(minutes=1):%Y-%m-%dT%H:%M}:00Z"]

    answers = [api.post(TRACK, body | {"at": at}) for at in (*same, f"{minute:%Y-%m-%dT%H:%M}:59Z")]

    assert [each.status_code for each in answers] == [200, 200, 409]


def test_a_batch_is_answered_in_its_order_and_one_bad_use_stops_no_other(api: Api) -> None:
    acme = api.workspace("starter")
    uses = [
        {"workspace_id": acme, "minutes": 150, "key": "a"},
        {"workspace_id": "nobody", "key": "b"},
        {"workspace_id": acme, "minutes": 0, "key": "c"},
        {"workspace_id": acme, "minutes": 30, "key": "d"},
        {"workspace_id": acme, "minutes": 150, "key": "a"},
        {"workspace_id": acme, "minutes": 151, "key": "a"},
        {"workspace_id": acme, "key": "e", "require_full": True},
        "not a use",
        {"workspace_id": acme, "minutes": 30, "key": "f"},
    ]

    results = api.post(BATCH, {"uses": uses}).json()["results"]

    said = [each["problem"]["code"] if "problem" in each else each["total_minutes"] for each in results]
    assert said == [
        50,
        "unknown_workspace",
        "invalid_request",
        20,
        50,
        "key_reused",
        "invalid_request",
        "invalid_request",
        0,
    ]
    assert results[4]["repeated"]
    assert (results[8]["unmet_minutes"], results[8]["thresholds"]) == (10, [100])
    assert results[2]["problem"]["detail"].startswith("minutes:")


def test_a_batch_sent_twice_is_booked_once(api: Api) -> None:
    acme = api.workspace("pro")
    uses = [{"workspace_id": acme, "key": f"k{number}"} for number in range(50)]
    first = api.post(BATCH, {"uses": uses}).json()["results"]

    again = api.post(BATCH, {"uses": uses}).json()["results"]

    assert again == [{**each, "repeated": True} for each in first]


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_batch_has_one_to_ten_thousand_uses(api: Api, count: int) -> None:
    uses = [{"workspace_id": "acme", "key": str(number)} for number in range(count)]

    answer = api.post(BATCH, {"uses": uses})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["detail"].startswith("uses:")


def test_equal_calls_at_the_same_moment_have_one_effect(api: Api) -> None:
    acme = api.workspace("starter")
    body = {"workspace_id": acme, "minutes": 7, "key": "a"}

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: api.post(TRACK, body), range(32)))

    assert {answer.status_code for answer in answers} == {200}
    assert sum(not answer.json()["repeated"] for answer in answers) == 1
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["total_minutes"] == 193


def test_the_limit_is_checked_without_booking_a_use(api: Api) -> None:
    acme = api.workspace("starter")
    api.post(TRACK, {"workspace_id": acme, "minutes": 185, "key": "a"})

    covered, beyond = (api.get("/usage/check-limit", workspace_id=acme, minutes=n).json() for n in (15, 16))

    assert (covered["allowed"], beyond["allowed"]) == (True, False)
    assert (covered["warning"], covered["percent_used"], covered["using_extra"]) == (90, 92.5, False)


def test_an_overdue_allocation_never_blocks(api: Api) -> None:
    begun = datetime.now(UTC) - timedelta(days=40)
    acme = api.workspace(None, at=begun)
    plan = {"plan": "starter", "billing_cycle": "monthly", "at": begun.isoformat()}
    api.post(f"/workspaces/{acme}/plan", plan, key="plan")
    api.post(TRACK, {"workspace_id": acme, "minutes": 200, "key": "a", "at": begun.isoformat()})

    limit = api.get("/usage/check-limit", workspace_id=acme).json()

    assert (limit["allowed"], limit["total_minutes"]) == (True, 200)


def test_an_overdue_allocation_is_shown_before_it_is_needed(api: Api) -> None:
    begun = datetime.now(UTC) - timedelta(days=40)
    acme = api.workspace(None, at=begun)
    plan = {"plan": "starter", "billing_cycle": "monthly", "at": begun.isoformat()}
    api.post(f"/workspaces/{acme}/plan", plan, key="plan")
    api.post(TRACK, {"workspace_id": acme, "minutes": 190, "key": "a", "at": begun.isoformat()})

    limit = api.get("/usage/check-limit", workspace_id=acme).json()

    assert (limit["allowed"], limit["warning"], limit["total_minutes"]) == (True, None, 210)
    assert datetime.fromisoformat(limit["minutes_reset_date"]) > datetime.now(UTC)


def test_a_limit_may_be_checked_with_a_key_that_reads_balances(api: Api) -> None:
    acme = api.workspace()
    answers = {
        scope: api.with_key(scope).get("/usage/check-limit", workspace_id=acme).status_code
        for scope in ("usage:write", "balance:read", "metrics:read")
    }

    assert answers == {"usage:write": 200, "balance:read": 200, "metrics:read": 403}


def test_a_refused_use_says_how_much_was_requested_and_how_much_there_is(api: Api) -> None:
    acme = api.workspace()

    refused = api.post(
        "/usage/track-minute", {"workspace_id": acme, "minutes": 201, "key": "a", "require_full": True}
    ).json()

    assert (refused["asked_minutes"], refused["available_minutes"]) == (201, 200)
    assert refused["detail"] == "There are not enough minutes: 201 requested, 200 available."
