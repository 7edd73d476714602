"""The examples of rules 2 and 4 to 7 in docs/glossary.md, played in the sandbox through events."""

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.plan_invoices import PlanInvoice, list_plan_invoices
from ledger.payments.plan_lines import owed_minutes
from ledger.payments.price_mapping import map_price
from ledger.stripe_gateway import SubscriptionFacts
from tests.databases import CHECKOUT
from tests.shop import Shop
from tests.subscriber import advance, balance, priced, subscribes

GLOSSARY = (CHECKOUT / "docs" / "glossary.md").read_text()


def examples(rule: str, rows: int) -> list[list[str]]:
    """Return the rows of the table below a rule. Raise AssertionError when some are missing."""
    lines = GLOSSARY.split(f"\n{rule}")[1].split("\n\n")[1].splitlines()
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert len(cells) == rows, rule
    return cells


LOOPS = examples("Rule 2", 4)
MONEY_BACK = examples("Rule 4", 4)
TWO_PLANS = examples("Rules 5 and 6", 4)
READ_WHOLE = examples("Rule 7", 4)


def newest(shop: Shop) -> PlanInvoice:
    """Return the newest paid invoice, after a look at the whole ledger."""
    with ledger.reading(shop.engine) as db:
        assert ledger.verify(db) == []
        return list_plan_invoices(db, "acme")[0]


def shown(shop: Shop) -> str:
    now = balance(shop)
    return f"{now.plan} {now.billing_cycle}" if now.plan else "none"


@pytest.mark.parametrize("row", LOOPS, ids=" ".join)
def test_a_loop_settles_what_was_used_before_its_money_came_back(shop: Shop, prices, row: list[str]) -> None:
    used, month, owed, year, owed_at_last, together = map(int, row)
    annual = subscribes(shop, prices["pro", "annual"])
    shop.works()
    if used:
        shop.uses(used)
    given = []
    for plan, cycle in (("starter", "monthly"), ("pro", "annual")):
        shop.later(seconds=1)
        shop.gateway.change_subscription(
            annual.subscription, prices[plan, cycle], idempotency_key=f"to {plan}"
        )
        shop.works()
        with ledger.reading(shop.engine) as db:
            given.append((newest(shop).minutes, owed_minutes(db, "acme")))

    assert given == [(month, owed), (year, owed_at_last)]
    assert used + balance(shop).plan_minutes == together


@pytest.mark.parametrize("row", MONEY_BACK, ids=" ".join)
def test_money_that_goes_back_takes_minutes_of_its_invoice(shop: Shop, prices, row: list[str]) -> None:
    plan, cycle = row[0].split()
    paid, used, back, taken, shortfall, left = map(int, row[1:])
    subscription = subscribes(shop, prices[plan, cycle])
    shop.works()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)
    assert facts.amount_paid_cents == paid
    if used:
        shop.uses(used)

    shop.gateway.refund(facts.payment_intent or "", back, idempotency_key="back")
    shop.works()

    invoice = newest(shop)
    assert (invoice.taken_back_minutes, invoice.shortfall_minutes) == (taken, shortfall)
    assert balance(shop).plan_minutes == left


@pytest.mark.parametrize("row", TWO_PLANS, ids=" ".join)
def test_two_subscriptions_give_both_and_show_the_highest(shop: Shop, prices, row: list[str]) -> None:
    first, second, highest, reset, alert, minutes, after = row
    living: dict[str, SubscriptionFacts] = {}
    for number, name in enumerate(each for each in (first, second) if each != "none"):
        plan, cycle = name.split()
        living[name] = subscribes(shop, prices[plan, cycle], key=str(number))
        advance(shop, days=10)

    assert (shown(shop), balance(shop).plan_minutes) == (highest, int(minutes))
    expected = None if reset == "none" else living[highest].period_end
    assert balance(shop).minutes_reset_date == expected
    with ledger.reading(shop.engine) as db:
        assert [each.kind for each in list_alerts(db)] == ([] if alert == "none" else [alert])

    shop.gateway.cancel_subscription(living[highest].subscription)
    shop.works()

    assert (shown(shop), balance(shop).plan_minutes) == (after, int(minutes))
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db) == []
    newest(shop)


@pytest.mark.parametrize("row", READ_WHOLE, ids=" ".join)
def test_an_invoice_is_read_to_its_last_line_whatever_its_reason(shop: Shop, prices, row: list[str]) -> None:
    name, months, before, reason, minutes = row
    prices["starter", "quarterly"] = priced(shop, 5700, "month", 3)
    with ledger.writing(shop.engine) as db:
        mapped = prices["starter", "quarterly"]
        map_price(db, shop.gateway, mapped, plan="starter", billing_cycle="monthly", actor="ada", at=shop.now)
    plan, cycle = name.split()
    other = prices["pro", "monthly"]
    changes = int(before) // 2
    subscription = subscribes(shop, other if changes % 2 else prices[plan, cycle])
    for number in range(changes):
        shop.later(hours=1)
        price = other if number % 2 else prices[plan, cycle]
        shop.gateway.change_subscription(
            subscription.subscription, price, idempotency_key=f"c{number}", prorate="create_prorations"
        )
    if changes:
        advance(shop, days=32)
    elif reason != "subscription_create":
        shop.gateway.bill_by_hand(subscription.subscription, reason)
    shop.works()

    with ledger.reading(shop.engine) as db:
        (invoice,) = [each for each in list_plan_invoices(db, "acme") if each.billing_reason == reason]
    whole = [line.minutes for line in invoice.lines if not line.proration]
    assert (whole, len(invoice.lines)) == ([int(minutes)], int(before) + 1)
    assert int(minutes) == 200 * int(months)
    newest(shop)
