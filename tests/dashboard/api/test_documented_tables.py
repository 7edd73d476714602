"""What makes two requests the same: the table in the docs is made from the interface, and the interface does it."""

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.api import app, document
from dashboard.api.documented_tables import DOCS, TABLES, compared_fields, takes_key, with_table
from tests.dashboard.api_server import Api

OLD = {"workspace_id": "old", "name": "Old", "owner_email": "o@x.example", "at": "2026-10-01T00:00:00Z"}
AT, OTHER_AT = "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z"
PAGE, OTHER_PAGE = "https://app.example.com/a", "https://app.example.com/b"
WRITES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "trackMinute": (
        "/usage/track-minute",
        {"workspace_id": "old", "minutes": 2, "at": AT, "duration_seconds": 60, "require_full": False},
        {"minutes": 3, "at": OTHER_AT, "duration_seconds": 61, "require_full": True},
    ),
    "allocatePlan": (
        "/workspaces/old/plan",
        {"plan": "starter", "billing_cycle": "annual", "at": AT},
        {"plan": "pro", "billing_cycle": "monthly", "at": OTHER_AT},
    ),
    "cancelPlan": ("/workspaces/old/plan/cancel", {"at": AT}, {"at": OTHER_AT}),
    "grantMinutes": (
        "/workspaces/old/grants",
        {"minutes": 2, "reason": "why"},
        {"minutes": 3, "reason": "another"},
    ),
    "createPurchase": (
        "/extra-minutes/purchase",
        {"workspace_id": "old", "package": "small", "payment_method": "pm_card_visa_chargeDeclined"},
        {"package": "large", "payment_method": "pm_card_visa"},
    ),
    "createCheckout": (
        "/extra-minutes/checkout",
        {"workspace_id": "old", "package": "small", "success_url": PAGE, "cancel_url": PAGE},
        {"package": "large", "success_url": OTHER_PAGE, "cancel_url": OTHER_PAGE},
    ),
    "retryPurchase": (
        "/extra-minutes/purchases/{purchase_id}/retry",
        {"payment_method": "pm_card_visa_chargeDeclined"},
        {"payment_method": "pm_card_visa"},
    ),
    "reportOfferSeen": ("/extra-minutes/offer-seen", {"workspace_id": "old", "at": AT}, {"at": OTHER_AT}),
}
"""Operation -> path, a request, and another value of every field that is compared."""


@pytest.mark.parametrize(("place", "make"), TABLES.items(), ids=["compared", "events"])
def test_the_tables_of_the_docs_are_those_of_the_interface(
    place: tuple[str, str], make: Callable[[dict[str, Any]], str]
) -> None:
    page = (DOCS / place[0]).read_text("utf-8")

    assert with_table(page, place[1], make(document.openapi(app))) == page
    assert f"<!-- {place[1]} -->\n|" in page


def test_every_write_with_a_key_is_tried_with_every_field() -> None:
    made = document.openapi(app)
    keyed = {
        operation["operationId"]: set(compared_fields(made, operation)) - {"purchase_id"}
        for _, _, operation in document.operations(made)
        if takes_key(operation)
    }

    assert keyed == {name: set(other) for name, (_, _, other) in WRITES.items()}


def test_a_key_stands_only_where_it_does_something() -> None:
    made = document.openapi(app)

    for _, _, operation in document.operations(made):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = (content.get("schema", {}).get("anyOf") or [content.get("schema", {})])[0].get("$ref", "")
        fields = made["components"]["schemas"].get(body.rsplit("/", 1)[-1], {}).get("properties", {})
        assert ("key" in fields) == takes_key(operation), operation["operationId"]


@pytest.mark.parametrize("name", WRITES)
def test_every_field_of_a_write_makes_another_request_and_the_same_one_again_is_a_repeat(
    api: Api, name: str
) -> None:
    path, body, others = WRITES[name]
    api.post("/workspaces", OLD)
    declined = {"workspace_id": "old", "package": "small", "payment_method": "pm_card_visa_chargeDeclined"}
    failed = api.post("/extra-minutes/purchase", declined, key="failed").json()["purchase_id"]
    path = path.format(purchase_id=failed)

    first, again = (api.post(path, body, key="k") for _ in range(2))
    changed = {field: api.post(path, body | {field: value}, key="k") for field, value in others.items()}
    left_out = api.post(path, {field: value for field, value in body.items() if field != "at"}, key="k")

    assert first.status_code in {200, 201, 204}, first.text
    assert again.status_code == first.status_code
    assert {field: each.status_code for field, each in changed.items()} == dict.fromkeys(others, 409)
    assert {each.json()["code"] for each in changed.values()} == {"key_reused"}
    assert left_out.status_code == first.status_code
