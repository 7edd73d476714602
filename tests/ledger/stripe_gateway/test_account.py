"""Lists of a whole account: every page, and what each row says."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.sandbox_world import World


@pytest.fixture
def world(engine: Engine) -> World:
    """A sandbox of this test's own."""
    return World(engine, listening=False)


def test_the_balance_report_has_payments_refunds_and_disputes_with_their_signs_and_fees(world: World):
    begun = world.now
    paid = world.pays()
    world.refunds(paid, 500)
    other = world.pays(purchase_id="01900000-0000-7000-8000-000000000002")
    dispute = world.gateway.open_dispute(other.payment_intent)
    changes = [
        (each.kind, each.amount_cents) for each in world.gateway.list_balance_changes(created_gte=begun)
    ]
    assert sorted(changes) == [("adjustment", -999), ("charge", 999), ("charge", 999), ("refund", -500)]
    assert [each.amount_cents for each in world.gateway.list_refunds(created_gte=begun)] == [500]
    assert [each.dispute for each in world.gateway.list_disputes(created_gte=begun)] == [dispute.dispute]
    world.waits(days=1)
    assert list(world.gateway.list_refunds(created_gte=world.gateway.sandbox_now())) == []


def test_a_dispute_that_is_won_says_when_the_money_came_back(world: World):
    paid = world.pays()
    dispute = world.gateway.open_dispute(paid.payment_intent)
    world.waits(days=5)
    world.gateway.close_dispute(dispute.dispute, won=True)
    (read,) = world.gateway.list_disputes(created_gte=world.now)
    assert read.won_at == world.now + timedelta(days=5)


def test_every_customer_is_listed_however_many_pages_that_takes(world: World):
    for number in range(103):
        world.gateway.create_customer(name=f"c{number}", email="c@example.com", idempotency_key=f"c{number}")
    assert len({each.customer for each in world.gateway.list_customers()}) == 103
