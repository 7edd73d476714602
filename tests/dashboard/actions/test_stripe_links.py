"""What staff may do about Stripe links, and what is refused."""

import pytest
from sqlalchemy import Engine

from dashboard.access import LOCAL_ADMINISTRATOR
from dashboard.actions import stripe_links
from dashboard.clock import present
from ledger.payments.errors import StillDifferent
from tests.pages.visits import use
from tests.shop import open_shop
from tests.subscriber import priced, subscribes


def test_nobody_goes_live_while_something_is_open_and_the_trial_goes_on(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        subscribes(shop, priced(shop, 1900), workspace_id=None)
        use(engine)
        stripe_links.compare_move_in(LOCAL_ADMINISTRATOR, key="compare")
        (row,) = shop.rows("SELECT comparison_id FROM move_in_comparisons")

        with pytest.raises(StillDifferent):
            stripe_links.go_live(LOCAL_ADMINISTRATOR, row["comparison_id"], key="live")

        again = stripe_links.compare_move_in(LOCAL_ADMINISTRATOR, key="compare")
        assert again.repeated
        assert shop.rows("SELECT went_live_by FROM move_in_comparisons") == [{"went_live_by": None}]
