"""Arms over HTTP: no offer for the control arm, the same arm wherever it is requested, all arms in pages."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.database import writing
from ledger.experiments.holdouts import HoldOut, end_hold_out, list_arms, start_hold_out
from ledger.payments.catalogue import publish_package, start_price_test
from tests.dashboard.api_server import Api


def hold(api: Api, name: str = "spring", source: str = "sandbox", share: int = 50) -> HoldOut:
    """Start a hold-out a minute ago."""
    parameters = {"source": source, "share_percent": share, "hits_needed": 195, "reason": "r", "actor": "t"}
    with writing(api.engine) as db:
        return start_hold_out(db, name, starts_at=datetime.now(UTC) - timedelta(minutes=1), **parameters)


def sides(api: Api, hold_out: HoldOut) -> dict[str, str]:
    """One workspace of each arm: arm -> id."""
    while True:
        api.workspace()
        with writing(api.engine) as db:
            arms = {arm: each for each, arm in list_arms(db, hold_out)}
        if len(arms) == 2:
            return arms


def offer(api: Api, workspace_id: str | None = None) -> dict:
    return api.get("/extra-minutes/packages", workspace_id=workspace_id).json()


def test_the_control_arm_gets_no_offer_and_the_reason(api: Api) -> None:
    hold_out = hold(api)
    who = sides(api, hold_out)

    assert offer(api, who["control"]) == {
        "items": [],
        "hold_out": {"name": "spring", "arm": "control"},
        "price_test": None,
    }
    assert len(offer(api, who["treatment"])["items"]) == 4
    assert offer(api, who["treatment"])["hold_out"] == {"name": "spring", "arm": "treatment"}
    assert (len(offer(api)["items"]), offer(api)["hold_out"], offer(api)["price_test"]) == (4, None, None)


def test_after_its_end_everybody_is_offered_everything(api: Api) -> None:
    who = sides(api, hold(api))
    with writing(api.engine) as db:
        end_hold_out(db, "spring", at=datetime.now(UTC))

    answer = offer(api, who["control"])

    assert (len(answer["items"]), answer["hold_out"]) == (4, None)
    assert api.get(f"/workspaces/{who['control']}/arms").json() == {"items": []}


def test_a_hold_out_of_another_source_holds_nobody_here(api: Api) -> None:
    acme = api.workspace()
    hold(api, source="live")

    assert len(offer(api, acme)["items"]) == 4
    assert offer(api, acme)["hold_out"] is None


def test_a_control_workspace_can_still_buy_at_the_normal_offer(api: Api) -> None:
    control = sides(api, hold(api))["control"]
    body = {"workspace_id": control, "package": "small", "payment_method": "pm_card_visa"}

    bought = api.post("/extra-minutes/purchase", body, key="a")

    assert (bought.status_code, bought.json()["amount_cents"]) == (201, 999)


def test_a_price_test_is_named_beside_the_offer_of_its_arm(api: Api) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    acme = api.workspace()
    with writing(api.engine) as db:
        for arm, cents in (("low", 899), ("lower", 799)):
            small = {"name": "Small", "minutes": 60, "amount_cents": cents, "arm": arm}
            publish_package(db, "small", **small, valid_from=at, actor="t")
        start_price_test(db, "prices", ("low", "lower"), starts_at=at, ends_at=None, actor="t")

    answer = offer(api, acme)
    (arm,) = api.get(f"/workspaces/{acme}/arms").json()["items"]

    assert answer["price_test"] == {"test": "prices", "arm": arm["arm"]}
    assert answer["items"][0]["amount_cents"] == {"low": 899, "lower": 799}[arm["arm"]]
    assert (arm["kind"], arm["name"], arm["ends_at"]) == ("price_test", "prices", None)


def test_the_arm_of_a_workspace_is_the_one_of_the_list(api: Api) -> None:
    who = sides(api, hold(api))

    arms = {arm: api.get(f"/workspaces/{each}/arms").json()["items"][0]["arm"] for arm, each in who.items()}
    paged, after = [], None
    while True:
        page = api.get("/hold-outs/spring/arms", limit=1, after=after).json()
        paged += page["items"]
        after = page["next"]
        if after is None:
            break

    assert arms == {"control": "control", "treatment": "treatment"}
    assert paged == api.get("/hold-outs/spring/arms").json()["items"]
    assert {each["workspace_id"]: each["arm"] for each in paged} | {
        each: arm for arm, each in who.items()
    } == {each["workspace_id"]: each["arm"] for each in paged}


def test_hold_outs_are_listed_latest_first(api: Api) -> None:
    hold(api, "of-test", source="stripe_test", share=10)
    hold(api)

    answer = api.get("/hold-outs").json()["items"]

    assert [(each["name"], each["source"], each["share_percent"], each["ends_at"]) for each in answer] == [
        ("spring", "sandbox", 50, None),
        ("of-test", "stripe_test", 10, None),
    ]
    assert "created_by" not in answer[0]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/hold-outs/autumn/arms", 404, "unknown_hold_out"),
        ("/hold-outs/No!/arms", 422, "invalid_request"),
        ("/hold-outs/spring/arms?limit=0", 422, "invalid_request"),
        ("/hold-outs/spring/arms?limit=10001", 422, "invalid_request"),
        ("/hold-outs/spring/arms?after=!", 422, "invalid_request"),
        ("/workspaces/nobody/arms", 404, "unknown_workspace"),
    ],
)
def test_what_is_not_there_is_a_problem(api: Api, path: str, status: int, code: str) -> None:
    hold(api)

    answer = api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_arms_need_the_scope_of_reading(api: Api) -> None:
    other = api.with_key("usage:write")

    assert {
        other.get(path).status_code for path in ("/hold-outs", "/hold-outs/x/arms", "/workspaces/x/arms")
    } == {403}
