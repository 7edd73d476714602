"""Workspaces over HTTP, and reading what they have."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.dashboard.api_server import Api

ACME = {"workspace_id": "acme", "name": "Acme <b>&</b>", "owner_email": "owner@acme.example"}
STARTER = {"plan": "starter", "billing_cycle": "monthly"}


def test_a_workspace_is_made_with_its_first_allocation(api: Api) -> None:
    answer = api.post("/workspaces", ACME | STARTER)

    created = answer.json()
    assert answer.status_code == 201
    assert {name: created[name] for name in (*ACME, *STARTER, "source")} == {
        **ACME,
        **STARTER,
        "source": "sandbox",
    }
    assert (created["total_minutes"], created["balance"]["plan_minutes"]) == (200, 200)
    assert created["balance"]["percent_used"] == 0.0
    assert [lot["kind"] for lot in created["balance"]["lots"]] == ["plan"]


def test_a_workspace_may_begin_without_a_plan(api: Api) -> None:
    created = api.post("/workspaces", ACME).json()

    assert (created["plan"], created["balance"]["total_minutes"], created["balance"]["percent_used"]) == (
        None,
        0,
        None,
    )


def test_the_same_body_again_finds_the_workspace_with_its_present_balance(api: Api) -> None:
    first = api.post("/workspaces", ACME | STARTER).json()
    api.post("/usage/track-minute", {"workspace_id": "acme", "minutes": 50, "key": "a"})
    api.post("/workspaces/acme/plan", {"plan": "pro", "billing_cycle": "annual"}, key="b")

    again = api.post("/workspaces", ACME | STARTER)

    assert again.status_code == 201
    assert (first["repeated"], again.json()["repeated"]) == (False, True)
    assert again.json()["created_at"] == first["created_at"]
    assert again.json() == api.get("/workspaces/acme").json() | {"repeated": True}
    assert again.json()["balance"]["plan_minutes"] == 150 + 3600


def test_of_equal_creations_at_once_one_is_the_first_and_another_explicit_time_is_refused(api: Api) -> None:
    times = [f"2026-03-0{1 + number % 2}T00:00:00Z" for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda at: api.post("/workspaces", ACME | STARTER | {"at": at}), times))

    created = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert sorted(each["repeated"] for each in created) == [False, True, True, True]
    assert len({each["created_at"] for each in created}) == 1
    assert refused == ["workspace_exists"] * 4


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"owner_email": "other@acme.example"},
        {"plan": "pro", "billing_cycle": "monthly"},
        {"plan": "starter", "billing_cycle": "annual"},
        {"plan": None, "billing_cycle": None},
    ],
)
def test_another_body_for_the_same_workspace_is_refused(api: Api, change: dict[str, str]) -> None:
    api.post("/workspaces", ACME | STARTER)

    answer = api.post("/workspaces", ACME | STARTER | change)

    assert (answer.status_code, answer.json()["code"]) == (409, "workspace_exists")
    assert api.get("/workspaces/acme").json()["balance"]["total_minutes"] == 200


def test_a_plan_is_not_slipped_into_a_workspace_that_began_without_one(api: Api) -> None:
    api.post("/workspaces", ACME)

    answer = api.post("/workspaces", ACME | STARTER)

    assert answer.status_code == 409
    assert api.get("/workspaces/acme").json()["balance"]["total_minutes"] == 0


def test_equal_workspaces_made_at_the_same_moment_are_one(api: Api) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post("/workspaces", ACME | STARTER), range(16)))

    assert {answer.status_code for answer in answers} == {201}
    assert api.get("/workspaces/acme").json()["balance"]["total_minutes"] == 200


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"owner_email": "nobody"}, "owner_email"),
        ({"owner_email": "x+y@evil.example;=1+1"}, "owner_email"),
        ({"workspace_id": "a/b"}, "workspace_id"),
        ({"plan": "Gold", "billing_cycle": "monthly"}, "plan"),
        ({"plan": "starter"}, "billing_cycle"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_is_wrong_with_a_workspace_is_named(api: Api, change: dict[str, object], name: str) -> None:
    answer = api.post("/workspaces", ACME | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert name in answer.json()["detail"]


def test_an_allocation_adds_to_what_remains(api: Api) -> None:
    acme = api.workspace("starter")
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 190, "key": "a"})

    created = api.post(f"/workspaces/{acme}/plan", {"plan": "pro", "billing_cycle": "annual"}, key="b").json()

    assert (created["minutes"], created["plan_minutes"], created["balance"]["plan_minutes"]) == (
        3600,
        3610,
        3610,
    )
    assert created["balance"]["minutes_reset_date"] is None


def test_a_repeated_allocation_is_booked_once_and_another_body_refused(api: Api) -> None:
    acme = api.workspace("starter")
    first = api.post(f"/workspaces/{acme}/plan", STARTER, key="b")

    again = api.post(f"/workspaces/{acme}/plan", STARTER, key="b")
    other = api.post(f"/workspaces/{acme}/plan", {**STARTER, "plan": "pro"}, key="b")

    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert api.get(f"/workspaces/{acme}").json()["balance"]["total_minutes"] == 400


def test_an_allocation_needs_a_key_and_a_workspace(api: Api) -> None:
    acme = api.workspace()

    without = api.post(f"/workspaces/{acme}/plan", STARTER)
    nobody = api.post("/workspaces/nobody/plan", STARTER, key="a")

    assert (without.status_code, nobody.status_code) == (422, 404)


def test_the_statement_is_read_in_pages_newest_first(api: Api) -> None:
    acme = api.workspace("starter")
    for number in range(5):
        api.post("/usage/track-minute", {"workspace_id": acme, "key": str(number)})

    first = api.get(f"/workspaces/{acme}/statement", limit=4).json()
    second = api.get(f"/workspaces/{acme}/statement", limit=4, after=first["next"]).json()

    assert [entry["entry_no"] for entry in first["items"] + second["items"]] == [6, 5, 4, 3, 2, 1]
    assert second["next"] is None
    assert first["items"][0] | {"at": 0, "recorded_at": 0} == {
        "entry_no": 6,
        "kind": "use",
        "plan_delta": -1,
        "extra_delta": 0,
        "plan_minutes": 195,
        "extra_minutes": 0,
        "unmet_minutes": 0,
        "at": 0,
        "recorded_at": 0,
        "actor": "usage",
        "reason": None,
        "reference": None,
        "key": "4",
        "overage_policy": "partial",
        "duration_seconds": None,
        "lot_id": 1,
    }


def test_workspaces_are_searched_in_pages(api: Api) -> None:
    made = sorted(api.workspace("starter") for _ in range(3))
    pro = api.workspace("pro")

    first = api.get("/workspaces", plan="starter", limit=2).json()
    second = api.get("/workspaces", plan="starter", limit=2, after=first["next"]).json()

    assert [each["workspace_id"] for each in first["items"] + second["items"]] == made
    assert second["next"] is None
    assert [each["total_minutes"] for each in api.get("/workspaces", q=pro).json()["items"]] == [300]


def test_a_page_that_never_was_is_refused(api: Api) -> None:
    answer = api.get("/workspaces", after="nonsense")

    assert answer.status_code == 422


def test_a_balance_is_read_now_and_as_of_a_time(api: Api) -> None:
    acme = api.workspace("starter")
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 20, "key": "a"})

    now = api.get("/extra-minutes/balance", workspace_id=acme).json()
    before = api.get("/extra-minutes/balance", workspace_id=acme, at="2020-01-01T00:00:00Z").json()

    assert (now["total_minutes"], now["minutes_total"], now["minutes_used"]) == (180, 200, 20)
    assert now["lots"][0]["remaining"] == 180
    due = datetime.fromisoformat(now["minutes_reset_date"])
    assert timedelta(days=27) < due - datetime.now(UTC) < timedelta(days=32)
    assert (before["total_minutes"], before["lots"]) == (0, [])


@pytest.mark.parametrize(
    "path",
    [
        "/workspaces/nobody",
        "/workspaces/nobody/statement",
        "/extra-minutes/balance?workspace_id=nobody",
        "/extra-minutes/purchases?workspace_id=nobody",
        "/extra-minutes/packages?workspace_id=nobody",
        "/usage/check-limit?workspace_id=nobody",
    ],
)
def test_an_unknown_workspace_is_not_found(api: Api, path: str) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_workspace")


def test_a_workspace_is_changed_in_what_is_sent_and_only_there(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()

    renamed = api.ask("PATCH", f"/workspaces/{acme}", json={"name": "New"}).json()
    moved = api.ask("PATCH", f"/workspaces/{acme}", json={"owner_email": "new@x.example"}).json()

    assert (renamed["name"], renamed["owner_email"]) == ("New", "owner@acme.example")
    assert (moved["name"], moved["owner_email"]) == ("New", "new@x.example")
    assert api.get(f"/workspaces/{other}").json()["name"] == "Acme"
    assert api.ask("PATCH", f"/workspaces/{acme}", json={"name": " "}).status_code == 422
    assert api.ask("PATCH", "/workspaces/nobody", json={"name": "x"}).json()["code"] == "unknown_workspace"


def test_names_and_addresses_are_hidden_from_keys_that_only_read_balances(api: Api) -> None:
    acme = api.workspace()
    blind, seeing = api.with_key("balance:read"), api.with_key("balance:read", "customers:read")

    for key, name, email in ((blind, None, None), (seeing, "Acme", "owner@acme.example")):
        one, listed = key.get(f"/workspaces/{acme}").json(), key.get("/workspaces").json()["items"][0]
        assert [(each["name"], each["owner_email"]) for each in (one, listed)] == [(name, email)] * 2


def test_a_page_that_is_full_and_the_last_one_has_no_next(api: Api) -> None:
    acme, _ = api.workspace(), api.workspace()
    api.post("/usage/track-minute", {"workspace_id": acme, "key": "a"})

    assert api.get("/workspaces", limit=2).json()["next"] is None
    assert api.get("/workspaces", limit=1).json()["next"] is not None
    assert api.get(f"/workspaces/{acme}/statement", limit=2).json()["next"] is None
    assert api.get(f"/workspaces/{acme}/statement", limit=1).json()["next"] == 2


def test_a_month_that_is_due_is_there_before_a_worker_has_booked_it(api: Api) -> None:
    for name, days in (("acme", 40), ("other", 20)):
        at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        api.post("/workspaces", ACME | STARTER | {"workspace_id": name, "at": at})
        api.post("/usage/track-minute", {"workspace_id": name, "minutes": 200, "key": "a", "at": at})

    totals = {
        name: (
            api.get(f"/extra-minutes/balance?workspace_id={name}").json()["total_minutes"],
            api.get(f"/workspaces/{name}").json()["balance"]["total_minutes"],
            api.get(f"/usage/check-limit?workspace_id={name}").json()["total_minutes"],
        )
        for name in ("acme", "other")
    }

    assert totals == {"acme": (200, 200, 200), "other": (0, 0, 0)}
    assert [each["kind"] for each in api.get("/workspaces/acme/statement").json()["items"]] == [
        "use",
        "allocation",
    ]
