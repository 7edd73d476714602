"""Auto top-up by staff: the saved card is read at Stripe only where one is needed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard import actions
from dashboard.access import LOCAL_ADMINISTRATOR
from dashboard.clock import present
from dashboard.installation import Installation, close, use_installation
from ledger.settings import load_settings
from tests.ledger.payments.test_top_ups import saves_a_card, settings
from tests.shop import AnswersLost, Shop, open_shop


@pytest.fixture
def shop(engine: Engine) -> Iterator[Shop]:
    with open_shop(engine, present()) as shop:
        shop.signs_up("other")
        saves_a_card(shop)
        yield shop
        close()
        use_installation(None)


@pytest.mark.parametrize("enabled", [True, False])
def test_whoever_switches_auto_top_up_off_does_not_wait_for_stripe(shop: Shop, enabled: bool) -> None:
    gateway = AnswersLost(shop.gateway, "saved_card")
    use_installation(Installation(shop.engine, load_settings(), {"sandbox": gateway}))
    wanted = {"package": "small", "trigger": 80, "monthly_limit_cents": 5_000}

    done = actions.save_auto_top_up(LOCAL_ADMINISTRATOR, "acme", **wanted, enabled=enabled, key="k")

    reached_stripe = gateway.call == ""
    assert reached_stripe is enabled
    assert done.sentence == ("Auto top-up saved." if enabled else "Auto top-up is off.")
    saved = settings(shop)
    assert saved is not None
    assert (saved.state, settings(shop, "other")) == ("ready" if enabled else "off", None)
