"""A shop whose payment page adds tax and accepts promotion codes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.shop import SETTINGS, Shop


@pytest.fixture
def taxing(engine, now) -> Iterator[Shop]:
    """Two workspaces; Stripe's page adds tax and accepts codes."""
    settings = replace(SETTINGS, stripe_automatic_tax=True, stripe_promotion_codes=True)
    shop = Shop(engine, now, settings)
    shop.signs_up("beta")
    yield shop
    shop.gateway.close()
