"""A company moves in over HTTP: links with a dry run, the first sync, the comparison, and going live."""

from datetime import UTC, datetime

from dashboard.installation import current
from tests.dashboard.api_server import Api


def subscribed(api: Api) -> str:
    """A customer whose paid subscription names nobody, its mapped price, and the workspace it is for."""
    gateway = current().gateway()
    unique = str(datetime.now(UTC))
    product = gateway.create_product("Starter", idempotency_key=f"p{unique}")
    price = gateway.create_price(
        product.product, 1900, "usd", idempotency_key=f"q{unique}", interval="month"
    ).price
    customer = gateway.create_customer(
        name="A", email="a@example.com", idempotency_key=f"c{unique}", payment_method="pm_card_visa"
    ).customer
    gateway.create_subscription(customer, price, idempotency_key=f"s{unique}")
    api.post("/workspaces", {"workspace_id": "acme", "name": "Acme", "owner_email": "a@example.com"})
    api.ask("PUT", f"/plan-prices/{price}", json={"plan": "starter", "billing_cycle": "monthly"})

    return customer


def test_a_company_moves_in_over_http(api: Api) -> None:
    customer = subscribed(api)
    before = api.post("/stripe/comparisons", {}).json()
    assert (before["open"], before["may_go_live"]) == (1, False)
    number = before["comparison_id"]
    assert api.post(f"/stripe/comparisons/{number}/go-live", {}).json()["code"] == "still_different"

    links = {
        "links": [
            {"workspace_id": "acme", "customer_id": customer},
            {"workspace_id": "nobody", "customer_id": "cus_x"},
        ]
    }
    tried = api.post("/stripe/links", links | {"dry_run": True}).json()
    assert (tried["linked"], tried["items"][0]["problem"], "nobody" in tried["items"][1]["problem"]) == (
        1,
        None,
        True,
    )
    assert api.get("/stripe/subscriptions").json()["items"][0]["workspace_id"] is None
    api.post("/stripe/links", links)
    (preview,) = api.get("/stripe/subscriptions").json()["items"]
    assert (preview["workspace_id"], preview["new_minutes"], preview["open"]) == ("acme", 200, True)
    assert api.get("/extra-minutes/balance", workspace_id="acme").json()["plan_minutes"] == 0

    (synced,) = api.post("/stripe/sync", {}).json()["items"]
    assert "+200 minutes" in synced["summary"]
    old = {"balances": [{"workspace_id": "acme", "minutes": 200}]}
    assert api.ask("PUT", "/stripe/old-balances", json=old).json() == {"saved": 1}
    after = api.post("/stripe/comparisons", {}).json()
    assert (after["equal"], after["may_go_live"], after["differences"]) == (2, True, [])
    live = api.post(f"/stripe/comparisons/{after['comparison_id']}/go-live", {}).json()
    assert [each["went_live_by"] is not None for each in live["items"]] == [True, False]
    assert api.get("/stripe/comparisons").json() == live


def test_a_key_that_only_reads_balances_links_nothing(api: Api) -> None:
    reader = api.with_key("balance:read")

    assert reader.post("/stripe/links", {"links": [{"workspace_id": "acme"}]}).status_code == 403
    assert reader.post("/stripe/sync", {}).status_code == 403
