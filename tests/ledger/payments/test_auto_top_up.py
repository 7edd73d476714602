"""Auto top-up without a saved card: it says so at once, and goes on when one is saved."""

import ledger
from ledger.payments.auto_top_up import resume_with_card
from ledger.payments.billing_portal import has_saved_card
from tests.ledger.payments.test_top_ups import grants, outcomes, passes, saves_a_card, settings, switches_on
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
