"""Business times over HTTP: explicit ones are part of the request, none is before its workspace, none by a wrong clock."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from requests import Response

import dashboard.clock
from tests.dashboard.api_server import Api

EARLIER, LATER = "2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"


@pytest.fixture
def old(api: Api) -> str:
    """A workspace that was created long ago, with 200 minutes."""
    made = {"workspace_id": "old", "name": "Old", "owner_email": "o@x.example", "at": "2026-10-31T00:00:00Z"}
    assert api.post("/workspaces", made | {"plan": "starter", "billing_cycle": "annual"}).status_code == 201
    return "old"


@pytest.mark.parametrize("more", [{}, {"require_full": True}])
def test_the_same_key_with_another_explicit_time_is_another_request(api: Api, old: str, more: dict) -> None:
    use = {"workspace_id": old, "minutes": 5, "key": "call-1", **more}
    first = api.post("/usage/track-minute", use | {"at": EARLIER})

    again = api.post("/usage/track-minute", use | {"at": EARLIER})
    other = api.post("/usage/track-minute", use | {"at": LATER})
    without = api.post("/usage/track-minute", use)

    assert (first.json()["repeated"], again.json()["repeated"], without.json()["repeated"]) == (
        False,
        True,
        True,
    )
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert api.get("/extra-minutes/balance", workspace_id=old).json()["total_minutes"] == 2395


def test_an_explicit_time_after_one_that_was_filled_in_is_another_request(api: Api, old: str) -> None:
    use = {"workspace_id": old, "minutes": 5, "key": "call-1"}
    api.post("/usage/track-minute", use)

    other = api.post("/usage/track-minute", use | {"at": LATER})

    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_in_a_batch_too_another_explicit_time_is_another_request(api: Api, old: str) -> None:
    use = {"workspace_id": old, "minutes": 5, "key": "call-1"}
    uses = [use | {"at": EARLIER}, use | {"at": LATER}, use | {"at": EARLIER}, use]

    results = api.post("/usage/track-minutes", {"uses": uses}).json()["results"]
    once_more = api.post("/usage/track-minutes", {"uses": uses[1:3]}).json()["results"]

    assert [each.get("repeated") for each in results] == [False, None, True, True]
    assert [each.get("problem", {}).get("code") for each in (results[1], once_more[0])] == ["key_reused"] * 2
    assert once_more[1]["repeated"]


@pytest.mark.parametrize("more", [{}, {"require_full": True}])
def test_a_use_before_its_workspace_was_created_is_refused_and_one_at_that_moment_is_not(
    api: Api, old: str, more: dict
) -> None:
    use = {"workspace_id": old, "minutes": 5, **more}

    early = api.post("/usage/track-minute", use | {"key": "a", "at": "2026-10-30T23:59:59.999999Z"})
    just = api.post("/usage/track-minute", use | {"key": "b", "at": "2026-10-31T00:00:00Z"})

    assert (early.status_code, early.json()["code"]) == (422, "invalid_time")
    assert "created at 2026-10-31T00:00:00Z" in early.json()["detail"]
    assert just.status_code == 200


def test_one_early_use_of_a_batch_stops_no_other(api: Api, old: str) -> None:
    uses = [
        {"workspace_id": old, "minutes": 1, "key": "a", "at": "2001-01-01T00:00:00Z"},
        {"workspace_id": old, "minutes": 2, "key": "b", "at": EARLIER},
        {"workspace_id": "nobody", "minutes": 2, "key": "b", "at": EARLIER},
        {"workspace_id": old, "minutes": 3, "key": "c"},
    ]

    results = api.post("/usage/track-minutes", {"uses": uses}).json()["results"]

    assert [each.get("problem", {}).get("code") for each in results] == [
        "invalid_time",
        None,
        "unknown_workspace",
        None,
    ]
    assert results[3]["total_minutes"] == 2395


def set_clock(monkeypatch: pytest.MonkeyPatch, wrong: timedelta) -> None:
    """Let the operating system of this machine answer a wrong time."""

    class MachineTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz or UTC) + wrong

    monkeypatch.setattr(dashboard.clock, "datetime", MachineTime)


def books_in_every_way(api: Api, workspace_id: str) -> list[Response]:
    """Send each request that moves minutes at the time of this machine."""
    use = {"workspace_id": workspace_id, "minutes": 5, "key": "call-1"}
    buys = {"workspace_id": workspace_id, "package": "small"}
    pages = {"success_url": "https://x.example/thanks", "cancel_url": "https://x.example/back"}
    return [
        api.post("/usage/track-minute", use),
        api.post("/usage/track-minute", use | {"require_full": True}),
        api.post("/usage/track-minutes", {"uses": [use, use | {"key": "call-2"}]}),
        api.post(f"/workspaces/{workspace_id}/grants", {"minutes": 5, "reason": "r"}, key="g"),
        api.post(f"/workspaces/{workspace_id}/plan", {"plan": "pro", "billing_cycle": "annual"}, key="p"),
        api.post("/extra-minutes/purchase", buys | {"payment_method": "pm_card_visa"}, key="b"),
        api.post("/extra-minutes/checkout", buys | pages, key="c"),
        api.post("/stripe/sync", {}),
    ]


@pytest.mark.parametrize("module", ["usage", "grants", "plans", "purchases", "customer_pages", "moving_in"])
def test_a_time_read_before_the_clock_was_set_back_books_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    workspace_id = api.workspace()
    ahead = datetime.now(UTC) + timedelta(days=400)
    monkeypatch.setattr(f"dashboard.api.{module}.present", lambda: ahead)

    answers = books_in_every_way(api, workspace_id)

    refused = [each.request.path_url for each in answers if each.status_code == 503]
    assert all(each.json()["code"] == "clocks_differ" for each in answers if each.status_code == 503)
    assert len(refused) == {"usage": 3}.get(module, 1)


@pytest.mark.parametrize("wrong", [timedelta(minutes=6), timedelta(days=400)])
def test_nothing_is_booked_while_the_clock_of_this_machine_is_ahead_and_the_same_request_is_booked_later(
    api: Api, monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    workspace_id = api.workspace()
    use = {"workspace_id": workspace_id, "minutes": 5, "key": "call-1"}
    set_clock(monkeypatch, wrong)
    refused = books_in_every_way(api, workspace_id)
    monkeypatch.undo()
    entries = api.get(f"/workspaces/{workspace_id}/statement").json()["items"]
    booked = api.post("/usage/track-minute", use)

    assert [(each.status_code, each.json().get("code")) for each in refused] == [(503, "clocks_differ")] * 8
    assert all(each.headers["Retry-After"] for each in refused)
    assert [each["kind"] for each in entries] == ["allocation"]
    assert (booked.status_code, booked.json()["total_minutes"]) == (200, 195)


@pytest.mark.parametrize("wrong", [timedelta(minutes=4), -timedelta(hours=2)])
def test_a_clock_that_is_little_ahead_or_behind_books(
    api: Api, monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    workspace_id = api.workspace(at=datetime.now(UTC) - timedelta(days=1))
    set_clock(monkeypatch, wrong)

    booked = api.post("/usage/track-minute", {"workspace_id": workspace_id, "minutes": 5, "key": "call-1"})

    assert booked.status_code == 200
