"""The events in the document are those that are sent, and what is sent fits them."""

from typing import Any

from jsonschema import Draft202012Validator

from dashboard.api import app, document
from dashboard.api.events_out import EVENTS
from dashboard.clock import present
from ledger.database import writing
from ledger.minutes.uses import book_refusal
from ledger.notify.webhook_endpoints import EVENT_TYPES
from tests.dashboard.api_server import Api
from tests.receiver import listens, receiving, sends


def test_every_type_of_event_is_described(api: Api) -> None:
    described = api.get("/openapi.json").json()

    assert tuple(EVENTS) == EVENT_TYPES
    assert tuple(described["webhooks"]) == EVENT_TYPES


def test_what_is_sent_fits_the_document(api: Api) -> None:
    acme, now = api.workspace(), present()
    described: dict[str, Any] = document.openapi(app)
    with receiving() as receiver:
        listens(api.engine, receiver, now)
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
        operation = described["webhooks"][event["type"]]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        rules = {**schema, "components": described["components"]}
        Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(event)
