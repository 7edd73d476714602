"""Endpoints over HTTP: added, listed, rotated, deleted; the log with request and answer; paid is an event."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from dashboard import installation
from dashboard.clock import present
from ledger.notify.events import send_events
from ledger.webhooks.inbox import work_inbox
from tests.dashboard.api_server import Api
from tests.receiver import EventReceiver, receiving

ENDPOINTS = "/webhook-endpoints"


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


def added(api: Api, receiver: EventReceiver, *types: str) -> dict:
    answer = api.post(ENDPOINTS, {"url": receiver.url, "events": list(types)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def sends(api: Api) -> None:
    while send_events(api.engine, at=present()):
        pass


def test_a_purchase_that_is_declined_then_paid_arrives_by_events_without_polling(
    api: Api, receiver: EventReceiver
) -> None:
    acme = api.workspace()
    endpoint = added(api, receiver, "purchase.paid", "purchase.failed", "minutes.credited")

    order = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa_chargeDeclined"}
    declined = api.post("/extra-minutes/purchase", order, key="order").json()
    retried = {"payment_method": "pm_card_visa"}
    api.post(f"/extra-minutes/purchases/{declined['purchase_id']}/retry", retried, key="again")
    work_inbox(api.engine, {"sandbox": installation.current().gateway("sandbox")}, at=present())
    sends(api)

    assert receiver.types == ["purchase.failed", "minutes.credited", "purchase.paid"]
    failed, credited, paid = receiver.events
    assert failed["data"]["purchase_id"] == paid["data"]["purchase_id"] == declined["purchase_id"]
    assert failed["data"]["reason"] == declined["failure_code"]
    assert (credited["data"]["minutes"], credited["data"]["balance"]["extra_minutes"]) == (60, 60)
    assert paid["data"]["balance"]["total_minutes"] == 260
    assert (paid["data"]["amount_cents"], paid["data"]["currency"]) == (999, "usd")
    for headers, body in receiver.received:
        Webhook(endpoint["secret"]).verify(body, headers)


def test_endpoints_are_added_listed_and_deleted_and_the_secret_is_shown_once(
    api: Api, receiver: EventReceiver
) -> None:
    one = added(api, receiver, "usage.threshold")
    two = added(api, receiver, "purchase.paid", "usage.threshold")

    listed = api.get(ENDPOINTS)
    deleted = api.ask("DELETE", f"{ENDPOINTS}/{one['endpoint_id']}")

    assert [each["endpoint_id"] for each in listed.json()["items"]] == [
        one["endpoint_id"],
        two["endpoint_id"],
    ]
    assert "secret" not in listed.json()["items"][0]
    assert one["secret"] not in listed.text
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [each["url"] for each in api.get(ENDPOINTS).json()["items"]] == [receiver.url]
    assert api.ask("DELETE", f"{ENDPOINTS}/{uuid4()}").json()["code"] == "unknown_endpoint"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "http://hooks.example.com/x"}, "invalid_endpoint"),
        ({"events": []}, "invalid_request"),
        ({"events": ["everything"]}, "invalid_request"),
        ({"secret": "whsec_mine"}, "invalid_request"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused(api: Api, change: dict, code: str) -> None:
    body = {"url": "https://hooks.example.com/x", "events": ["purchase.paid"]} | change

    answer = api.post(ENDPOINTS, body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_the_log_shows_what_was_sent_and_answered_and_an_event_can_be_sent_again(
    api: Api, receiver: EventReceiver
) -> None:
    acme = api.workspace()
    endpoint = added(api, receiver, "usage.threshold")
    receiver.answers[:] = [503]
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 181, "key": "a"})
    sends(api)
    path = f"{ENDPOINTS}/{endpoint['endpoint_id']}/deliveries"

    first, second = reversed(api.get(path).json()["items"])
    again = api.post(f"{path}/{first['event_no']}/replay", {})
    sends(api)
    sends(api)

    assert (first["state"], second["state"], second["attempts"]) == ("pending", "pending", [])
    assert [(each["status"], each["answer"]) for each in first["attempts"]] == [(503, "done")]
    assert first["body"] == receiver.received[0][1]
    assert again.status_code == 202
    assert [each["state"] for each in api.get(path).json()["items"]] == ["delivered", "delivered"]
    assert [event["data"]["threshold"] for event in receiver.events] == [80, 80, 90]
    page = api.get(path, limit=1).json()
    assert api.get(path, limit=1, after=page["next"]).json()["next"] is None
    assert api.post(f"{path}/999999/replay", {}).json()["code"] == "unknown_delivery"


def test_the_log_of_a_deleted_endpoint_is_read_but_not_sent_again_and_one_that_never_was_is_unknown(
    api: Api, receiver: EventReceiver
) -> None:
    acme = api.workspace()
    endpoint = added(api, receiver, "usage.threshold")
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 160, "key": "a"})
    sends(api)
    path = f"{ENDPOINTS}/{endpoint['endpoint_id']}/deliveries"

    api.ask("DELETE", f"{ENDPOINTS}/{endpoint['endpoint_id']}")
    (sent,) = api.get(path).json()["items"]
    replayed = api.post(f"{path}/{sent['event_no']}/replay", {})
    never = api.get(f"{ENDPOINTS}/{uuid4()}/deliveries")

    assert (replayed.status_code, replayed.json()["code"]) == (404, "unknown_delivery")
    assert [each["state"] for each in api.get(path).json()["items"]] == ["delivered"]
    assert (never.status_code, never.json()["code"]) == (404, "unknown_endpoint")


def test_a_new_secret_signs_beside_the_old_one(api: Api, receiver: EventReceiver) -> None:
    acme = api.workspace()
    old = added(api, receiver, "usage.threshold")

    new = api.post(f"{ENDPOINTS}/{old['endpoint_id']}/rotate-secret", {}).json()
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 160, "key": "a"})
    sends(api)

    ((headers, body),) = receiver.received
    assert new["secret"] != old["secret"]
    for secret in (old["secret"], new["secret"]):
        Webhook(secret).verify(body, headers)


def test_every_change_of_an_endpoint_is_a_line_of_the_audit_log_without_its_secret(api: Api) -> None:
    body = {"url": "https://hooks.example.com/minutes", "events": ["purchase.paid"]}
    made = api.post("/webhook-endpoints", body).json()
    path = f"/webhook-endpoints/{made['endpoint_id']}"
    api.post(f"{path}/rotate-secret", None)
    for _ in range(2):
        api.ask("DELETE", path)

    with api.engine.connect() as db:
        lines = db.execute(
            text("SELECT action, actor, role, subject, after FROM audit ORDER BY audit_no")
        ).all()
    assert [line.action for line in lines] == [
        "add_webhook_endpoint",
        "rotate_webhook_secret",
        "delete_webhook_endpoint",
    ]
    assert {(line.role, line.subject) for line in lines} == {("program", made["endpoint_id"])}
    assert all(line.actor.startswith("key:") for line in lines)
    assert "whsec_" not in str(lines)
