"""The front end reports that the offer was shown."""

from sqlalchemy import text

from tests.dashboard.api_server import Api


def reports(api: Api) -> int:
    with api.engine.connect() as db:
        return db.execute(text("SELECT count(*) FROM offers_seen")).scalar_one()


def test_a_report_under_a_key_counts_once(api: Api) -> None:
    acme, other = api.workspace(), api.workspace()

    answers = [
        api.post("/extra-minutes/offer-seen", {"workspace_id": each}, key="shown-1")
        for each in (acme, acme, other)
    ]

    assert [(each.status_code, each.content) for each in answers] == [(204, b"")] * 3
    assert reports(api) == 2


def test_reports_without_a_key_count_once_a_minute(api: Api) -> None:
    made = {"workspace_id": "old", "name": "Old", "owner_email": "o@x.example", "at": "2026-10-31T00:00:00Z"}
    api.post("/workspaces", made)
    times = ("2026-11-01T10:00:01Z", "2026-11-01T10:00:59Z", "2026-11-01T10:01:00Z")

    answers = [api.post("/extra-minutes/offer-seen", {"workspace_id": "old", "at": at}) for at in times]

    assert [each.status_code for each in answers] == [204] * 3
    assert reports(api) == 2


def test_another_explicit_time_is_another_request_and_none_is_before_the_workspace(api: Api) -> None:
    made = {"workspace_id": "old", "name": "Old", "owner_email": "o@x.example", "at": "2026-10-31T00:00:00Z"}
    api.post("/workspaces", made)
    times = ("2026-11-01T10:00:00Z", "2026-11-01T10:00:01Z", "2026-10-30T00:00:00Z")

    answers = [
        api.post("/extra-minutes/offer-seen", {"workspace_id": "old", "at": at}, key="a") for at in times
    ]

    assert [each.status_code for each in answers] == [204, 409, 422]
    unknown = api.post("/extra-minutes/offer-seen", {"workspace_id": "nobody"}, key="a")
    assert unknown.json()["code"] == "unknown_workspace"
