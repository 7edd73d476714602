"""A number over HTTP: of exactly one closed month, it also says what it was when the month closed."""

import pytest

from ledger.database import writing
from ledger.metrics.closed_months import close_months
from ledger.metrics.rollups import refresh_rollups
from tests import mini_ledger
from tests.closing import LATER
from tests.dashboard.api_server import Api
from tests.mini_ledger import AS_OF, when

MARCH = {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z", "source": "live"}


@pytest.fixture
def closed(api: Api) -> Api:
    """March has closed; then a refund dated into it."""
    with writing(api.engine) as db:
        mini_ledger.tell(db)
        refresh_rollups(db, at=AS_OF)
        close_months(db, at=AS_OF)
        mini_ledger.refund(db, "W01", at=when("03-31 12:00"))
        refresh_rollups(db, at=LATER, sweep=True)
        close_months(db, at=LATER)
    return api


def test_a_closed_month_has_the_number_as_it_closed_beside_the_one_of_now(closed: Api) -> None:
    net, conversion = (
        closed.get(f"/metrics/{slug}", **MARCH).json() for slug in ("revenue-net", "conversion")
    )

    assert net["value"] == 3998.0
    assert net["closed"] == {"value": 4997.0, "as_of": "2026-04-30T00:00:00Z", "revision": 2}
    assert conversion["closed"] == {"value": 50.0, "as_of": "2026-04-30T00:00:00Z", "revision": 1}


@pytest.mark.parametrize(
    "wish",
    [
        {"end": "2026-04-02T00:00:00Z"},
        {"start": "2026-03-01T00:00:01Z"},
        {"start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"},
        {"plan": "starter"},
        {"source": "sandbox"},
        {"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T00:00:00Z"},
    ],
)
def test_any_other_selection_has_no_closed_number(closed: Api, wish: dict[str, str]) -> None:
    answer = closed.get("/metrics/revenue-net", **MARCH | wish)

    assert (answer.status_code, answer.json()["closed"]) == (200, None)
