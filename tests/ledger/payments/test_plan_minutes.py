"""The minutes of a paid invoice: pure arithmetic, tried on both sides of every edge."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.payments.billing_start import BillingStart
from ledger.payments.plan_minutes import InvoiceMinutes, KnownPrice, Trial, full_periods, minutes_of_invoice
from ledger.stripe_gateway import InvoiceFacts, InvoiceLine

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PRICES = {
    "starter": KnownPrice(plan="starter", billing_cycle="monthly", month_minutes=200, months=1),
    "pro": KnownPrice(plan="pro", billing_cycle="monthly", month_minutes=300, months=1),
    "quarter": KnownPrice(plan="starter", billing_cycle="monthly", month_minutes=200, months=3),
    "annual": KnownPrice(plan="pro", billing_cycle="annual", month_minutes=300, months=12),
    "weekly": KnownPrice(plan="starter", billing_cycle="monthly", month_minutes=200, months=None),
}
LONG_AGO = BillingStart(starts_at=datetime(2020, 1, 1, tzinfo=UTC))


def line(price: str | None = "starter", amount: int = 1900, **changes: Any) -> InvoiceLine:
    """One line of March, whole unless changed."""
    fields: dict[str, Any] = {
        "price": price,
        "product": None,
        "amount_cents": amount,
        "quantity": 1,
        "proration": False,
        "period_start": MARCH,
        "period_end": APRIL,
        "returns": amount < 0,
    }
    return InvoiceLine(**fields | changes)


def invoice(*lines: InvoiceLine, **changes: Any) -> InvoiceFacts:
    fields: dict[str, Any] = {
        "invoice": "in_1",
        "status": "paid",
        "subscription": "sub_1",
        "customer": "cus_1",
        "payment_intent": None,
        "billing_reason": "subscription_cycle",
        "amount_due_cents": 1900,
        "amount_paid_cents": 1900,
        "currency": "usd",
        "livemode": False,
        "created": MARCH,
        "paid_at": MARCH,
        "attempt_count": 1,
        "lines": lines,
        "has_more_lines": False,
        "metadata": {},
    }
    return InvoiceFacts(**fields | changes)


def gives(paid: InvoiceFacts, **changes: Any) -> InvoiceMinutes:
    context: dict[str, Any] = {"periods": [(MARCH, APRIL)], "trial": Trial(), "start": LONG_AGO}
    return minutes_of_invoice(paid, PRICES, **context | changes)


def minutes(paid: InvoiceFacts, **changes: Any) -> list[int]:
    return [each.minutes for each in gives(paid, **changes).lines]


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        ("starter", 1, 200),
        ("starter", 3, 600),
        ("quarter", 1, 600),
        ("quarter", 2, 1200),
        ("annual", 1, 3600),
    ],
)
def test_a_line_gives_plan_minutes_times_quantity_times_months(
    price: str, quantity: int, expected: int
) -> None:
    assert minutes(invoice(line(price, quantity=quantity))) == [expected]


@pytest.mark.parametrize("reason", ["manual", "quote_accept", "subscription_threshold", "subscription", None])
def test_every_billing_reason_gives_its_minutes(reason: str | None) -> None:
    assert minutes(invoice(line(), billing_reason=reason)) == [200]


def test_an_invoice_paid_from_credit_counts_like_one_that_moved_money() -> None:
    change = (line("starter", -950, proration=True), line("pro", 1450, proration=True))

    moved = minutes(invoice(*change))

    assert minutes(invoice(*change, amount_due_cents=0, amount_paid_cents=0)) == moved == [-200, 300]


def test_a_late_upgrade_gives_the_rest_of_the_period_less_what_it_returns() -> None:
    rest = {"proration": True, "period_start": APRIL - DAY}

    result = gives(invoice(line("starter", -61, **rest), line("pro", 94, **rest)))

    assert [each.minutes for each in result.lines] == [-(200 * 1 // 31), 300 * 1 // 31] == [-6, 9]
    assert "floor(300 x 86400 / 2678400 seconds) = 9" in result.lines[1].arithmetic


def test_a_year_that_is_returned_on_its_first_day_is_returned_whole() -> None:
    lines = (line("annual", -29000, proration=True, period_end=NEXT_YEAR), line("starter", 1900))

    assert minutes(invoice(*lines), periods=[(MARCH, NEXT_YEAR), (MARCH, APRIL)]) == [-3600, 200]


def test_a_loop_of_down_and_up_gains_nothing() -> None:
    for hours in range(1, 700, 13):
        rest = {"proration": True, "period_start": MARCH + timedelta(hours=hours)}
        down = minutes(invoice(line("pro", -1, **rest), line("starter", 1, **rest)))
        up = minutes(invoice(line("starter", -1, **rest), line("pro", 1, **rest)))
        assert sum(down) + sum(up) <= 0


def test_a_proration_outside_every_known_period_is_measured_by_the_months_before_its_end() -> None:
    rest = line("pro", 94, proration=True, period_start=APRIL - DAY)

    assert minutes(invoice(rest), periods=[]) == [9]


def test_a_partial_first_period_is_measured_by_a_whole_month() -> None:
    short = (APRIL - 10 * DAY, APRIL)
    begins = line("starter", 613, proration=True, period_start=short[0])
    february = (datetime(2026, 2, 1, tzinfo=UTC), MARCH)

    assert minutes(invoice(begins), periods=[short]) == [200 * 10 // 31]
    whole = line("starter", 1900, proration=True, period_start=february[0], period_end=MARCH)
    assert minutes(invoice(whole), periods=[february]) == [200], "28 days are a month"


def test_a_change_during_a_trial_gives_nothing_and_one_after_it_does() -> None:
    ends = MARCH + 7 * DAY
    trial, periods = Trial(ends_at=ends), [(MARCH, ends), (ends, ends + 31 * DAY)]
    change = {"proration": True, "period_end": ends}
    in_trial = invoice(line("annual", 0, period_start=MARCH + DAY, **change))
    after = invoice(line("pro", 0, proration=True, period_start=ends, period_end=ends + 31 * DAY))

    assert minutes(in_trial, trial=trial, periods=periods) == [0]
    assert minutes(after, trial=trial, periods=periods) == [300]


def test_a_zero_proration_returns_when_it_credits_an_earlier_line() -> None:
    assert minutes(invoice(line("starter", 0, proration=True, returns=True))) == [-200]
    assert minutes(invoice(line("starter", 0, proration=True))) == [200]


def test_a_trial_gives_one_month_at_most_and_once() -> None:
    free = line("annual", 0, period_end=MARCH + 7 * DAY)
    trial = Trial(ends_at=MARCH + 7 * DAY)

    assert minutes(invoice(free), trial=trial) == [300]
    assert minutes(invoice(free, free), trial=trial) == [300, 0]
    again = gives(invoice(free), trial=Trial(ends_at=trial.ends_at, given=True))
    assert (again.outcome, again.because) == ("nothing", "this workspace has already had trial minutes")


def test_the_period_after_a_trial_and_a_plan_that_costs_nothing_are_no_trials() -> None:
    after = line("annual", 29000, period_start=MARCH + 7 * DAY, period_end=NEXT_YEAR)

    assert minutes(invoice(after), trial=Trial(ends_at=MARCH + 7 * DAY, given=True)) == [3600]
    assert minutes(invoice(line("starter", 0)), trial=Trial(given=True)) == [200]


def test_nothing_is_guessed_about_an_unknown_price_but_a_known_one_beside_it_counts() -> None:
    unknown = gives(invoice(line("seats", 500)))

    assert (unknown.outcome, "seats" in (unknown.because or "")) == ("alert", True)
    assert minutes(invoice(line("seats", 500), line())) == [0, 200]


def test_a_change_to_or_from_an_unknown_price_waits_whole() -> None:
    up = invoice(line("starter", -1000, proration=True), line("unknown", 1500, proration=True))
    down = invoice(line("unknown", -1500, proration=True), line("starter", 1000, proration=True), line())

    for paid in (up, down):
        assert (gives(paid).outcome, gives(paid).lines) == ("alert", ())
    beside = gives(invoice(line("seats", 500), line())).lines[0]
    assert beside.arithmetic == "price seats is not mapped to a plan"


def test_lines_that_could_not_be_read_weeks_and_absurd_quantities_need_a_person() -> None:
    for paid in (
        invoice(line(), has_more_lines=True),
        invoice(line("weekly")),
        invoice(line(quantity=5001)),
    ):
        assert gives(paid).outcome == "alert"
    assert gives(invoice(line(quantity=5000))).outcome == "lots"


def test_an_invoice_without_a_price_or_without_lines_gives_nothing_and_says_why() -> None:
    assert gives(invoice(line(None))).because == "the line names no price"
    assert gives(invoice()).because == "it has no lines"


def test_a_period_before_the_chosen_start_gives_nothing() -> None:
    start = BillingStart(starts_at=MARCH + timedelta(seconds=1), chosen=True)

    assert "before billing began" in (gives(invoice(line()), start=start).because or "")
    assert minutes(invoice(line()), start=BillingStart(starts_at=MARCH, chosen=True)) == [200]


def test_the_full_periods_of_a_subscription_are_those_of_its_whole_lines() -> None:
    rest = line("pro", 94, proration=True, period_start=APRIL - DAY)

    assert full_periods([invoice(line(), rest), invoice(line(period_end=None))]) == [(MARCH, APRIL)]
