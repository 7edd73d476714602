"""The shelf: its forms name plans and cycles that exist."""

from sqlalchemy import text

from dashboard import shelf
from ledger.catalogue import list_plan_prices, publish_plan_price
from ledger.workspaces import BILLING_CYCLES


def test_the_plans_of_the_form_are_those_of_the_ledger(db) -> None:
    assert set(shelf.PLANS) == set(db.scalars(text("SELECT plan FROM plans")))


def test_every_plan_can_be_priced_in_every_cycle(db, now) -> None:
    for plan in shelf.PLANS:
        for cycle in BILLING_CYCLES:
            about = {
                "plan": plan,
                "billing_cycle": cycle,
                "amount_cents": 100,
                "valid_from": now,
                "actor": "test",
            }
            publish_plan_price(db, f"price_{plan}_{cycle}", product_id=None, **about)

    assert len(list_plan_prices(db)) == len(shelf.PLANS) * len(BILLING_CYCLES)
