"""The limit of a month counts charges in the currency of the offer."""

import ledger
from ledger.minutes.attributes import set_attributes
from tests.ledger.payments.test_catalogue import sells
from tests.ledger.payments.test_top_ups import (
    acme as acme,  # noqa: PLC0414  a fixture
)
from tests.ledger.payments.test_top_ups import attempts, outcomes, passes, switches_on
from tests.shop import Shop


def test_the_limit_of_the_month_adds_no_amounts_of_two_currencies(acme: Shop) -> None:
    switches_on(acme, monthly_limit_cents=1_000)
    acme.uses(80)
    passes(acme)
    with ledger.writing(acme.engine) as db:
        sells(db, acme.now, code="small", amount_cents=899, currency="eur")
        set_attributes(db, "acme", {"billing_currency": "eur"}, actor="ada", at=acme.now)
    acme.uses(70)
    passes(acme)
    acme.uses(60)
    passes(acme)

    paid = acme.rows("SELECT currency, amount_cents FROM extra_minutes_purchases ORDER BY currency")
    assert [tuple(row.values()) for row in paid] == [("eur", 899), ("usd", 999)]
    assert outcomes(acme) == ["over_limit", "paid", "paid"]
    assert "8.99 EUR of this month's 10.00 EUR" in (attempts(acme)[0].detail or "")
