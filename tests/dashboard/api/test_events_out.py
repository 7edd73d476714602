"""The events in the document are those that are sent, and what is sent fits them."""

from typing import Any
from uuid import UUID

from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from dashboard.api import app, document
from dashboard.api.events_out import EVENTS
from dashboard.clock import present
from ledger.database import writing
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.uses import book_refusal
from ledger.notify.metric_alerts import add_metric_alert, check_metric_alerts
from ledger.notify.webhook_endpoints import EVENT_TYPES
from tests import mini_ledger
from tests.dashboard.api_server import Api
from tests.receiver import add_receiver, receiving, sends


def test_every_type_of_event_is_described(api: Api) -> None:
    described = api.get("/openapi.json").json()

    assert tuple(EVENTS) == EVENT_TYPES
    assert tuple(described["webhooks"]) == EVENT_TYPES


def test_what_is_sent_fits_the_document(api: Api) -> None:
    acme, now = api.workspace(), present()
    with receiving() as receiver:
        add_receiver(api.engine, receiver, now)
        with writing(api.engine) as db:
            book_refusal(db, acme, 999, key="r", at=now)
        api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 170, "key": "a"})
        body = {"workspace_id": acme, "package": "small", "payment_method": "pm_card_visa_chargeDeclined"}
        api.post("/extra-minutes/purchase", body, key="p")
        api.post(f"/workspaces/{acme}/plan", {"plan": "pro", "billing_cycle": "monthly"}, key="b")
        sends(api.engine, present())

    assert set(receiver.types) == {
        "usage.limit_hit",
        "usage.refused",
        "usage.threshold",
        "purchase.failed",
        "minutes.credited",
    }
    for event in receiver.events:
        fits(event)


def test_an_alert_on_a_metric_fits_the_document(engine: Engine) -> None:
    with writing(engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=mini_ledger.AS_OF)
        for number, metric in enumerate(("revenue-gross", "conversion")):
            add_metric_alert(
                db,
                UUID(int=number),
                metric,
                source="live",
                days=60,
                direction="below",
                threshold=1_000_000,
                channel="email",
                target="team@example.com",
                actor="ada",
                at=mini_ledger.AS_OF,
            )
    with receiving() as receiver:
        add_receiver(engine, receiver, mini_ledger.AS_OF, "metric.alert")
        check_metric_alerts(engine, at=mini_ledger.AS_OF, send=lambda *_: None)
        sends(engine, mini_ledger.AS_OF)

    assert [
        (each["data"]["metric"], each["data"]["unit"], each["data"]["currency"]) for each in receiver.events
    ] == [
        ("revenue-gross", "cents", "usd"),
        ("conversion", "percent", None),
    ]
    for event in receiver.events:
        fits(event)


def fits(event: dict[str, Any]) -> None:
    """Check an event against its schema in the document."""
    described: dict[str, Any] = document.openapi(app)
    operation = described["webhooks"][event["type"]]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    rules = {**schema, "components": described["components"]}
    Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(event)
