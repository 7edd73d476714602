"""Buying over HTTP, through the built-in sandbox; and the events that credit."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from stripe import WebhookSignature

from dashboard import installation
from ledger.schedules import WorkerContext
from ledger.worker import open_gateways, work_once
from tests.dashboard.api_server import Api, use_database

SECRET = "whsec_of_these_tests"


def work(engine: Engine) -> None:
    """What the worker does beside the server."""
    settings = installation.settings()
    gateways = open_gateways(engine, settings)
    for _ in range(2):
        work_once(WorkerContext(engine, settings, gateways), at=datetime.now(UTC))
    for gateway in gateways.values():
        gateway.close()


def test_packages_are_listed_smallest_first(api: Api) -> None:
    acme = api.workspace()

    offers = [api.get("/extra-minutes/packages", workspace_id=each).json() for each in (None, acme)]

    assert offers[0] == offers[1]
    assert [tuple(each.values()) for each in offers[0]["items"]] == [
        ("small", "Small", 60, 999, "usd"),
        ("medium", "Medium", 150, 1999, "usd"),
        ("large", "Large", 300, 3499, "usd"),
        ("jumbo", "Jumbo", 600, 5999, "usd"),
    ]


def test_a_purchase_gives_a_secret_for_the_browser_and_credits_nothing(api: Api) -> None:
    acme = api.workspace(None)

    answer = api.post("/extra-minutes/purchase", {"workspace_id": acme, "package": "small"}, key="a")

    purchase_record = answer.json()
    assert (
        answer.status_code,
        purchase_record["status"],
        purchase_record["minutes"],
        purchase_record["amount_cents"],
    ) == (
        201,
        "requires_payment",
        60,
        999,
    )
    assert purchase_record["client_secret"].startswith(purchase_record["payment_intent"])
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["total_minutes"] == 0


def test_a_paid_purchase_is_credited_by_its_event(api: Api) -> None:
    acme = api.workspace(None)
    body = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa"}

    bought = api.post("/extra-minutes/purchase", body, key="a").json()
    work(api.engine)

    history = api.get("/extra-minutes/purchases", workspace_id=acme).json()["items"]
    balance = api.get("/extra-minutes/balance", workspace_id=acme).json()
    assert [(each["purchase_id"], each["status"]) for each in history] == [(bought["purchase_id"], "paid")]
    assert (balance["extra_minutes"], balance["lots"][0]["purchase_id"]) == (60, bought["purchase_id"])


def test_a_decline_is_an_answer_and_can_be_tried_again(api: Api) -> None:
    acme = api.workspace(None)
    body = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa_chargeDeclined"}

    declined = api.post("/extra-minutes/purchase", body, key="a")
    path = f"/extra-minutes/purchases/{declined.json()['purchase_id']}/retry"
    again = api.post(path, {"payment_method": "pm_card_visa"}, key="b")
    work(api.engine)

    assert (declined.status_code, declined.json()["status"]) == (201, "failed")
    assert declined.json()["failure_code"]
    assert declined.json()["failure_message"]
    assert again.status_code == 200
    assert again.json()["purchase_id"] == declined.json()["purchase_id"]
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["extra_minutes"] == 60


def test_a_retry_under_the_same_key_is_the_same_attempt_and_with_another_payment_method_refused(
    api: Api,
) -> None:
    acme = api.workspace(None)
    body = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa_chargeDeclined"}
    first, second = (api.post("/extra-minutes/purchase", body, key=key).json()["purchase_id"] for key in "ab")
    path = f"/extra-minutes/purchases/{first}/retry"

    declined = api.post(path, {"payment_method": "pm_card_visa_chargeDeclined"}, key="again")
    repeated = api.post(path, {"payment_method": "pm_card_visa_chargeDeclined"}, key="again")
    others = [
        api.post(path, {"payment_method": "pm_card_visa"}, key="again"),
        api.post(path, {}, key="again"),
        api.post(
            f"/extra-minutes/purchases/{second}/retry",
            {"payment_method": "pm_card_visa_chargeDeclined"},
            key="again",
        ),
    ]

    assert (declined.json()["status"], repeated.json()["status"]) == ("failed", "failed")
    assert [(each.status_code, each.json()["code"]) for each in others] == [(409, "key_reused")] * 3


def test_the_repeat_of_an_earlier_retry_begins_no_attempt(api: Api) -> None:
    acme = api.workspace(None)
    body = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa_chargeDeclined"}
    path = f"/extra-minutes/purchases/{api.post('/extra-minutes/purchase', body, key='a').json()['purchase_id']}/retry"
    declined = {"payment_method": "pm_card_visa_chargeDeclined"}
    for key in ("b", "c"):
        api.post(path, declined, key=key)

    late = api.post(path, declined, key="b")

    with api.engine.connect() as db:
        attempt = db.execute(text("SELECT attempt FROM extra_minutes_purchases")).scalar_one()
    assert (late.status_code, late.json()["status"], attempt) == (200, "failed", 3)


def test_only_a_failed_purchase_can_be_paid_again(api: Api) -> None:
    acme = api.workspace(None)
    bought = api.post("/extra-minutes/purchase", {"workspace_id": acme, "package": "small"}, key="a").json()

    answer = api.post(f"/extra-minutes/purchases/{bought['purchase_id']}/retry", {}, key="b")
    unknown = api.post(f"/extra-minutes/purchases/{uuid4()}/retry", {}, key="b")

    assert (answer.status_code, answer.json()["code"]) == (409, "purchase_not_failed")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_purchase")


def test_equal_purchases_at_the_same_moment_are_one_payment(api: Api) -> None:
    acme = api.workspace(None)
    body = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa"}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.post("/extra-minutes/purchase", body, key="a"), range(6)))
    work(api.engine)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["payment_intent"] for answer in answers}) == 1
    assert api.get("/extra-minutes/balance", workspace_id=acme).json()["extra_minutes"] == 60


def test_a_key_with_another_purchase_is_refused(api: Api) -> None:
    acme = api.workspace(None)
    api.post("/extra-minutes/purchase", {"workspace_id": acme, "package": "small"}, key="a")

    answer = api.post("/extra-minutes/purchase", {"workspace_id": acme, "package": "large"}, key="a")

    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"package": "huge"}, 422, "unknown_package"),
        ({"package": "No such"}, 422, "invalid_request"),
        ({"workspace_id": "nobody"}, 404, "unknown_workspace"),
        ({"payment_method": "pm_of_nobody"}, 201, None),
        ({"price": 1}, 422, "invalid_request"),
    ],
)
def test_what_cannot_be_bought_is_refused(
    api: Api, change: dict[str, object], status: int, code: str | None
) -> None:
    acme = api.workspace(None)

    answer = api.post("/extra-minutes/purchase", {"workspace_id": acme, "package": "small"} | change, key="a")

    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_a_workspace_of_another_source_is_not_charged(api: Api) -> None:
    use_database(api.engine, stripe_api_key="sk_test_" + "x" * 24)
    other = api.workspace(None)
    use_database(api.engine)

    answer = api.post("/extra-minutes/purchase", {"workspace_id": other, "package": "small"}, key="a")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_source")


def test_an_event_without_a_configured_secret_is_not_taken(api: Api) -> None:
    answer = api.ask("POST", "/webhooks/stripe", data=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (503, "no_webhook_secret")
    assert "retry-after" in answer.headers


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The header that Stripe would send with these bytes."""
    now = int(time.time())
    signature = WebhookSignature._compute_signature(f"{now}.{body.decode()}", secret)
    return {"Stripe-Signature": f"t={now},v1={signature}", "Authorization": ""}


def event(**changes: object) -> bytes:
    """An event as Stripe writes it, umlauts included."""
    body = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": "2026-10-29.dahlia",
        "created": int(time.time()),
        "livemode": False,
        "type": "customer.created",
        "data": {"object": {"id": "cus_1", "object": "customer", "name": "Jürgen"}},
    }
    return json.dumps(body | changes, ensure_ascii=False, indent=2).encode()


def test_a_signed_event_is_stored_once_and_needs_no_key(api: Api) -> None:
    use_database(api.engine, stripe_webhook_secrets=(SECRET,))
    body = event()

    answers = [api.ask("POST", "/webhooks/stripe", data=body, headers=signed(body)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["repeated"] for answer in answers] == [False, True]


def test_an_event_of_the_wrong_mode_is_stored_as_refused(api: Api) -> None:
    use_database(api.engine, stripe_webhook_secrets=(SECRET,))
    body = event(livemode=True)

    answer = api.ask("POST", "/webhooks/stripe", data=body, headers=signed(body))

    assert (answer.status_code, answer.json()["status"]) == (200, "refused")


def test_an_event_that_stripe_did_not_sign_is_refused(api: Api) -> None:
    use_database(api.engine, stripe_webhook_secrets=(SECRET,))
    body = event()
    others = [
        (body, signed(body, "whsec_of_somebody_else")),
        (body + b" ", signed(body)),
        (body, {"Stripe-Signature": "nonsense"}),
        (body, {}),
        (b"\xff", {"Stripe-Signature": "t=1,v1=2"}),
    ]

    answers = [api.ask("POST", "/webhooks/stripe", data=data, headers=headers) for data, headers in others]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "bad_signature")}


def test_one_purchase_is_read_as_it_stands_in_the_history(api: Api) -> None:
    acme = api.workspace()
    body = {"workspace_id": acme, "package": "small"}
    begun = [api.post("/extra-minutes/purchase", body, key=key).json()["purchase_id"] for key in ("a", "b")]

    one = api.get(f"/extra-minutes/purchases/{begun[0]}").json()
    page = api.get("/extra-minutes/purchases", workspace_id=acme, limit=1).json()
    last = api.get("/extra-minutes/purchases", workspace_id=acme, limit=1, after=page["next"]).json()

    assert (one["purchase_id"], one["workspace_id"], one["status"]) == (begun[0], acme, "requires_payment")
    assert (last["items"], last["next"]) == ([one], None)
    unknown = api.get("/extra-minutes/purchases/018f3a50-0000-7000-8000-000000000000")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_purchase")
