"""Granting minutes over HTTP: once under a key, and never above the cap of the API key."""

import pytest
from sqlalchemy import text

from tests.dashboard.api_server import Api

OUTAGE = {"minutes": 60, "reason": "outage of 3 March"}


def test_a_grant_is_credited_once_and_audited_once(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()

    first, again = (api.post(f"/workspaces/{acme}/grants", OUTAGE, key="g1") for _ in range(2))
    elsewhere = api.post(f"/workspaces/{other}/grants", OUTAGE, key="g1")

    assert (first.status_code, first.json()["total_minutes"], first.json()["minutes"]) == (201, 260, 60)
    assert again.json() == first.json()
    assert elsewhere.json()["total_minutes"] == 260
    with api.engine.connect() as db:
        lines = db.execute(
            text("SELECT workspace_id, role, minutes, reason FROM audit ORDER BY audit_no")
        ).all()
    assert [tuple(line) for line in lines] == [
        (acme, "program", 60, OUTAGE["reason"]),
        (other, "program", 60, OUTAGE["reason"]),
    ]


@pytest.mark.parametrize("change", [{"minutes": 61}, {"reason": "another"}])
def test_the_same_key_with_another_grant_is_refused(api: Api, change: dict) -> None:
    acme = api.workspace()
    api.post(f"/workspaces/{acme}/grants", OUTAGE, key="g1")

    other = api.post(f"/workspaces/{acme}/grants", OUTAGE | change, key="g1")

    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_a_key_grants_up_to_its_cap_of_the_day_over_all_workspaces_and_a_repeat_does_not_count(
    api: Api,
) -> None:
    capped = api.with_key("workspaces:write", grant_minutes_per_day=100)
    acme, other = api.workspace(), api.workspace()

    answers = [
        capped.post(f"/workspaces/{workspace}/grants", {"minutes": minutes, "reason": "r"}, key=key)
        for workspace, minutes, key in (
            (acme, 60, "a"),
            (acme, 60, "a"),
            (other, 41, "b"),
            (other, 40, "c"),
            (acme, 1, "d"),
        )
    ]

    assert [each.status_code for each in answers] == [201, 201, 403, 201, 403]
    assert {each.json()["code"] for each in answers if each.status_code == 403} == {"key_grant_limit"}
    assert api.get("/extra-minutes/balance", workspace_id=other).json()["extra_minutes"] == 40
    assert api.with_key().post(f"/workspaces/{acme}/grants", OUTAGE, key="e").status_code == 201


@pytest.mark.parametrize(
    "body", [OUTAGE | {"minutes": 0}, {"minutes": 5}, OUTAGE | {"reason": " "}, OUTAGE | {"at": "x"}]
)
def test_a_grant_needs_minutes_and_a_reason(api: Api, body: dict) -> None:
    assert api.post(f"/workspaces/{api.workspace()}/grants", body, key="g").status_code == 422


def test_an_unknown_workspace_is_granted_nothing(api: Api) -> None:
    answer = api.post("/workspaces/nobody/grants", OUTAGE, key="g")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_workspace")
