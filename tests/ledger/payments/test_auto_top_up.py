"""Auto top-up without a saved card or without Stripe: it says so, goes on later, and stops nobody else's."""

from typing import Any

import pytest

import ledger
from ledger.payments.auto_top_up import resume_with_card
from ledger.payments.billing_portal import has_saved_card
from ledger.payments.reconcile import reconcile
from ledger.payments.top_ups import run_top_ups
from ledger.stripe_gateway import GatewayUnavailable
from tests.ledger.payments.test_top_ups import (
    START,
    grants,
    outcomes,
    passes,
    saves_a_card,
    settings,
    switches_on,
)
from tests.shop import Shop


def test_a_top_up_saved_without_a_card_waits_for_one_and_buys_at_the_next_trigger(shop: Shop) -> None:
    grants(shop)
    saved = switches_on(shop, card_saved=False)
    again = switches_on(shop, card_saved=False)
    assert (saved.state, saved.changed_at == again.changed_at) == ("needs_card", True)
    assert switches_on(shop, enabled=False, card_saved=False).state == "off"
    switches_on(shop, card_saved=False)

    saves_a_card(shop)
    shop.uses(80)
    passes(shop)

    now = settings(shop)
    assert now is not None
    assert (now.state, outcomes(shop), shop.extra()) == ("ready", ["paid"], 80)


def test_a_top_up_that_missed_its_trigger_buys_once_a_card_is_saved(shop: Shop) -> None:
    grants(shop)
    switches_on(shop, card_saved=False)
    shop.uses(80)
    passes(shop)
    assert (outcomes(shop), has_saved_card(shop.engine, shop.gateway, "acme")) == (["no_card"], False)
    saves_a_card(shop)
    assert has_saved_card(shop.engine, shop.gateway, "acme")

    with ledger.writing(shop.engine) as db:
        at = shop.later(minutes=1).now
        assert resume_with_card(db, "acme", actor="customer", at=at)
        assert not resume_with_card(db, "acme", actor="customer", at=at), "it waits no longer"
    passes(shop)

    assert (outcomes(shop), shop.extra()) == (["paid"], 80)


@pytest.mark.parametrize(("hours", "result"), [(20, "paid"), (21, "declined")])
def test_a_charge_that_was_never_sent_in_time_stops_no_other_top_up(
    shop: Shop, monkeypatch, hours: int, result: str
) -> None:
    def never_sent(*_: Any, **__: Any) -> None:
        raise GatewayUnavailable("no connection", outcome_unknown=False)

    shop.signs_up("other")
    for name in ("acme", "other"):
        grants(shop, workspace_id=name)
        saves_a_card(shop, workspace_id=name)
        switches_on(shop, name)
    shop.uses(80)
    with monkeypatch.context() as away:
        away.setattr(shop.gateway, "start_payment", never_sent)
        run_top_ups(shop.engine, shop.gateway, at=shop.now)
    shop.later(hours=hours).uses(80, "other")

    passes(shop)
    reconcile(shop.engine, shop.gateway, since=START, until=shop.now, actor="test", at=shop.now)
    passes(shop.later(minutes=2))

    assert (outcomes(shop), outcomes(shop, "other")) == ([result], ["paid"])
