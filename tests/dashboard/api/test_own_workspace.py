"""A key for one workspace opens this workspace and nothing else."""

import pytest

from tests.dashboard.api_server import Api


@pytest.fixture
def acme(api: Api) -> Api:
    """A caller whose key belongs to the workspace `acme`, beside another one."""
    for name in ("acme", "other"):
        made = {"workspace_id": name, "name": name, "owner_email": "o@x.example"}
        api.post("/workspaces", made | {"plan": "starter", "billing_cycle": "monthly"})
    return api.with_key(workspace_id="acme")


def test_its_own_workspace_is_read_and_written(acme: Api) -> None:
    use = {"workspace_id": "acme", "minutes": 5}

    answers = [
        acme.get("/workspaces/acme"),
        acme.get("/extra-minutes/balance", workspace_id="acme"),
        acme.post("/usage/track-minute", use, key="a"),
        acme.post("/usage/track-minutes", {"uses": [use | {"key": "b"}, use | {"key": "c"}]}),
        acme.get("/exports/uses", workspace_id="acme"),
        acme.get("/plans"),
    ]

    assert [each.status_code for each in answers] == [200] * 6
    assert answers[1].json()["total_minutes"] == 200


def test_another_workspace_and_lists_of_all_are_refused(api: Api, acme: Api) -> None:
    use = {"workspace_id": "acme", "minutes": 5}
    foreign = api.post(
        "/extra-minutes/purchase", {"workspace_id": "other", "package": "small"}, key="p"
    ).json()

    answers = [
        acme.get("/workspaces/other"),
        acme.get("/workspaces"),
        acme.get("/extra-minutes/balance", workspace_id="other"),
        acme.post("/usage/track-minute", use | {"workspace_id": "other"}, key="a"),
        acme.post(
            "/usage/track-minutes", {"uses": [use | {"key": "b"}, {"workspace_id": "other", "key": "c"}]}
        ),
        acme.post(
            "/usage/track-minutes", {"uses": [use | {"key": "b"}, {"workspace_id": ["acme"], "key": "c"}]}
        ),
        acme.get(f"/extra-minutes/purchases/{foreign['purchase_id']}"),
        acme.post(
            f"/extra-minutes/purchases/{foreign['purchase_id']}/retry", {"workspace_id": "acme"}, key="r"
        ),
        acme.get("/exports/entries"),
        acme.get("/webhook-endpoints"),
        acme.get("/metrics/conversion"),
        acme.post("/webhook-endpoints", {"url": "https://x.example/y", "events": ["purchase.paid"]}),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(403, "wrong_workspace")] * 12
    assert api.get("/extra-minutes/balance", workspace_id="other").json()["total_minutes"] == 200


def test_its_own_purchase_is_read_by_its_id(acme: Api) -> None:
    bought = acme.post(
        "/extra-minutes/purchase", {"workspace_id": "acme", "package": "small"}, key="p"
    ).json()

    assert acme.get(f"/extra-minutes/purchases/{bought['purchase_id']}").json()["workspace_id"] == "acme"


def test_a_body_that_is_no_json_is_refused_without_effect(acme: Api) -> None:
    answer = acme.ask("POST", "/usage/track-minute", data=b"{not json")

    assert answer.status_code in {403, 422}
