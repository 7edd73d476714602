"""Linking Stripe to workspaces and mapping prices over HTTP."""

from datetime import UTC, datetime

from dashboard.installation import current
from tests.dashboard.api_server import Api

ACME = {"workspace_id": "acme", "name": "Acme", "owner_email": "owner@acme.example"}


def test_links_add_up_and_belong_to_one_workspace(api: Api) -> None:
    for name in ("acme", "other"):
        api.post("/workspaces", ACME | {"workspace_id": name})

    api.ask("PUT", "/workspaces/acme/stripe", json={"customer_id": "cus_1"})
    link = api.ask(
        "PUT",
        "/workspaces/acme/stripe",
        json={"subscription_id": "sub_1", "starts_at": "2026-03-01T00:00:00Z"},
    )

    assert link.status_code == 200
    assert link.json() == {
        "workspace_id": "acme",
        "customers": ["cus_1"],
        "subscriptions": ["sub_1"],
        "starts_at": "2026-03-01T00:00:00Z",
    }
    refused = api.ask("PUT", "/workspaces/other/stripe", json={"customer_id": "cus_1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "link_conflict")
    assert api.ask("PUT", "/workspaces/nobody/stripe", json={"customer_id": "cus_2"}).status_code == 404
    assert api.ask("PUT", "/workspaces/acme/stripe", json={}).status_code == 422
    assert api.ask("PUT", "/workspaces/acme/stripe", json={"customer_id": "sub_1"}).status_code == 422


def test_an_existing_price_is_mapped_to_a_plan_once(api: Api) -> None:
    gateway = current().gateway()
    product = gateway.create_product("Starter", idempotency_key=f"p{datetime.now(UTC)}")
    price = gateway.create_price(
        product.product, 5700, "usd", idempotency_key="q", interval="month", interval_count=3
    ).price
    plan = {"plan": "starter", "billing_cycle": "monthly"}

    first = api.ask("PUT", f"/plan-prices/{price}", json=plan)

    assert (first.status_code, first.json()["minutes"]) == (200, 600)
    assert api.ask("PUT", f"/plan-prices/{price}", json=plan).json() == first.json()
    other = api.ask("PUT", f"/plan-prices/{price}", json=plan | {"plan": "pro"})
    assert (other.status_code, other.json()["code"]) == (409, "catalogue_conflict")
    assert api.ask("PUT", "/plan-prices/price_unknown", json=plan).status_code == 422


def test_prices_are_listed_and_one_that_is_no_plan_is_said_to_be_none(api: Api) -> None:
    gateway = current().gateway()
    product = gateway.create_product("Storage", idempotency_key=f"s{datetime.now(UTC)}")
    price = gateway.create_price(
        product.product, 500, "eur", idempotency_key=f"t{datetime.now(UTC)}", interval="month"
    ).price

    marked = api.ask("PUT", f"/plan-prices/{price}", json={"plan": None})

    assert marked.json() == {"price_id": price, "plan": None, "billing_cycle": None, "minutes": 0}
    listed = {each["price_id"]: each for each in api.get("/stripe/prices").json()["items"]}
    assert (listed[price]["is_other"], listed[price]["product_name"], listed[price]["currency"]) == (
        True,
        "Storage",
        "eur",
    )
    half = api.ask("PUT", f"/plan-prices/{price}", json={"plan": "starter"})
    assert half.status_code == 422
