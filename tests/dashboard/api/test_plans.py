"""Plans over HTTP: they are rows of a table, given, cancelled, and filtered by."""

from sqlalchemy import text

from tests.dashboard.api_server import Api
from tests.databases import as_owner


def test_a_new_plan_works_everywhere_without_a_change_of_code(api: Api) -> None:
    with api.engine.begin() as db, as_owner(db):
        db.execute(text("INSERT INTO plans (plan, name, minutes) VALUES ('team', 'Team', 250)"))

    made = {"workspace_id": "acme", "name": "Acme", "owner_email": "o@x.example"}
    acme = api.post("/workspaces", made | {"plan": "team", "billing_cycle": "monthly"})
    more = api.post("/workspaces/acme/plan", {"plan": "team", "billing_cycle": "annual"}, key="a")
    listed = api.get("/plans").json()["items"]
    seen = api.get("/workspaces", plan="team").json()["items"]
    measured = api.get("/metrics/conversion", plan="team")

    assert (acme.status_code, acme.json()["plan_minutes"]) == (201, 250)
    assert more.json()["minutes"] == 3000
    assert [(each["plan"], each["minutes"]) for each in listed] == [
        ("starter", 200),
        ("team", 250),
        ("pro", 300),
    ]
    assert listed[1]["name"] == "Team"
    assert [each["workspace_id"] for each in seen] == ["acme"]
    assert measured.status_code == 200


def test_a_plan_that_does_not_exist_is_refused_everywhere(api: Api) -> None:
    acme = api.workspace()
    made = {"workspace_id": "b", "name": "B", "owner_email": "o@x.example", "billing_cycle": "monthly"}

    answers = [
        api.post("/workspaces", made | {"plan": "gold"}),
        api.post(f"/workspaces/{acme}/plan", {"plan": "gold", "billing_cycle": "monthly"}, key="a"),
        api.get("/workspaces", plan="gold"),
        api.get("/metrics/conversion", plan="gold"),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "unknown_plan")] * 4
    assert api.get("/workspaces/b").status_code == 404


def test_a_cancelled_plan_gives_nothing_more_and_the_minutes_stay(api: Api) -> None:
    acme = api.workspace()

    cancelled = [api.post(f"/workspaces/{acme}/plan/cancel", {}, key="bye").json() for _ in range(2)]

    assert cancelled[0] == cancelled[1]
    assert (cancelled[0]["plan_minutes"], cancelled[0]["minutes_reset_date"]) == (200, None)
    assert api.get(f"/workspaces/{acme}").json()["plan"] is None
    assert api.post("/workspaces/nobody/plan/cancel", {}, key="a").json()["code"] == "unknown_workspace"
    assert api.ask("POST", f"/workspaces/{acme}/plan/cancel").json()["code"] == "invalid_request"


def test_a_cancellation_under_the_same_key_with_another_explicit_time_is_another_request(api: Api) -> None:
    made = {"workspace_id": "old", "name": "O", "owner_email": "o@x.example", "at": "2026-10-01T00:00:00Z"}
    api.post("/workspaces", made | {"plan": "starter", "billing_cycle": "annual"})
    times = ("2026-10-02T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z", None)

    answers = [api.post("/workspaces/old/plan/cancel", {"at": at} if at else {}, key="bye") for at in times]

    assert [each.status_code for each in answers] == [200, 200, 409, 200]
    assert answers[2].json()["code"] == "key_reused"


def test_an_allocation_under_the_same_key_with_another_explicit_time_is_another_request(api: Api) -> None:
    made = {"workspace_id": "old", "name": "O", "owner_email": "o@x.example", "at": "2026-10-01T00:00:00Z"}
    api.post("/workspaces", made)
    plan = {"plan": "starter", "billing_cycle": "annual"}
    times = ("2026-10-02T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z", "2026-09-30T00:00:00Z")

    answers = [api.post("/workspaces/old/plan", plan | {"at": at}, key="a") for at in times]

    assert [each.status_code for each in answers] == [200, 200, 409, 422]
    assert answers[3].json()["code"] == "invalid_time"
    assert api.get("/workspaces/old").json()["total_minutes"] == 2400
