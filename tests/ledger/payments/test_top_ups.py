"""Auto top-up: bought once an epoch, never above the limit of the month, and never silently not bought."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import ledger
from ledger.errors import UnknownPackage, UnknownWorkspace
from ledger.payments.auto_top_up import AutoTopUp, get_auto_top_up, set_auto_top_up
from ledger.payments.customers import customer_of, ensure_customer
from ledger.payments.errors import InvalidTopUp
from ledger.payments.top_ups import TopUp, list_top_ups, run_top_ups
from tests.shop import AnswersLost, Shop

START = datetime(2020, 1, 1, tzinfo=UTC)


def stripe(shop: Shop) -> Any:
    """Return Stripe itself, as the customer's bank and browser see it."""
    return shop.gateway._client.v1


def saves_a_card(shop: Shop, method: str = "pm_card_visa", workspace_id: str = "acme") -> None:
    customer = ensure_customer(shop.engine, shop.gateway, workspace_id)
    saved = stripe(shop).payment_methods.attach(method, {"customer": customer})
    stripe(shop).customers.update(customer, {"invoice_settings": {"default_payment_method": saved.id}})


def switches_on(shop: Shop, workspace_id: str = "acme", **changes: Any) -> AutoTopUp:
    about: dict[str, Any] = {"package": "small", "trigger": 80, "monthly_limit_cents": 5_000, "enabled": True}
    with ledger.writing(shop.engine) as db:
        return set_auto_top_up(db, workspace_id, **{**about, **changes}, actor="ann@example.com", at=shop.now)


def settings(shop: Shop, workspace_id: str = "acme") -> AutoTopUp | None:
    with ledger.reading(shop.engine) as db:
        return get_auto_top_up(db, workspace_id)


def grants(shop: Shop, minutes: int = 100, workspace_id: str = "acme") -> None:
    with ledger.writing(shop.engine) as db:
        about: dict[str, Any] = {"reason": "start", "actor": "test", "at": shop.now}
        ledger.grant_minutes(db, workspace_id, minutes, key=f"grant at {shop.now}", **about)


def passes(shop: Shop) -> None:
    """Let the worker run once: top-ups, then the events of Stripe."""
    run_top_ups(shop.engine, shop.gateway, at=shop.now)
    shop.works()
    run_top_ups(shop.engine, shop.gateway, at=shop.now)


def outcomes(shop: Shop, workspace_id: str = "acme") -> list[str]:
    return [top_up.outcome for top_up in attempts(shop, workspace_id)]


def attempts(shop: Shop, workspace_id: str = "acme") -> list[TopUp]:
    with ledger.reading(shop.engine) as db:
        return list_top_ups(db, workspace_id)


@pytest.fixture
def acme(shop: Shop) -> Shop:
    """Acme and its neighbour, each with 100 minutes and a saved card; only acme's top-up is on."""
    shop.signs_up("other")
    for name in ("acme", "other"):
        grants(shop, workspace_id=name)
        saves_a_card(shop, workspace_id=name)
    switches_on(shop)
    switches_on(shop, "other", enabled=False)
    return shop


@pytest.mark.parametrize(("trigger", "before", "at_the_edge"), [(80, 79, 1), (90, 89, 1), (100, 99, 1)])
def test_a_package_is_bought_when_the_trigger_is_reached_and_not_a_minute_before(
    acme: Shop, trigger: int, before: int, at_the_edge: int
) -> None:
    switches_on(acme, trigger=trigger)
    acme.uses(before)
    acme.uses(100, "other")
    passes(acme)
    assert (acme.extra(), outcomes(acme)) == (100 - before, [])

    acme.uses(at_the_edge)
    passes(acme)

    assert (acme.extra(), outcomes(acme)) == (100 - before - at_the_edge + 60, ["paid"])
    assert (acme.extra(workspace_id="other"), outcomes(acme, "other")) == (0, [])


def test_an_epoch_is_topped_up_once_and_the_next_one_again(acme: Shop) -> None:
    acme.uses(80)
    passes(acme)
    passes(acme)
    assert (acme.extra(), outcomes(acme)) == (80, ["paid"])

    acme.uses(70)
    passes(acme)

    assert (acme.extra(), outcomes(acme)) == (70, ["paid", "paid"])


def test_many_workers_at_once_buy_one_package(acme: Shop) -> None:
    acme.uses(85)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: run_top_ups(acme.engine, acme.gateway, at=acme.now), range(16)))
    acme.works()

    bought = acme.rows("SELECT actor, status, minutes FROM extra_minutes_purchases")
    assert bought == [{"actor": "auto top-up", "status": "paid", "minutes": 60}]
    assert acme.extra() == 75


@pytest.mark.parametrize(("limit", "bought"), [(1_997, 1), (1_998, 2)])
def test_the_month_ends_at_its_limit_to_the_cent_and_the_next_month_goes_on(
    acme: Shop, limit: int, bought: int
) -> None:
    switches_on(acme, monthly_limit_cents=limit)
    acme.uses(80)
    passes(acme)
    acme.uses(70)
    passes(acme)
    assert outcomes(acme).count("paid") == bought

    acme.uses(60)
    passes(acme)
    assert outcomes(acme)[0] == "over_limit"
    detail = f"{9.99 * bought:.2f} USD of this month's {limit / 100:.2f} USD are spent"
    assert detail in (attempts(acme)[0].detail or "")

    acme.later(days=32)
    passes(acme)
    assert outcomes(acme)[0] == "paid"


@pytest.mark.slow
def test_five_hundred_uses_and_buyers_at_once_never_exceed_the_limit_of_the_month(acme: Shop) -> None:
    switches_on(acme, monthly_limit_cents=5_000)

    def uses_and_buys(number: int) -> None:
        with ledger.writing(acme.engine) as db:
            ledger.track_minutes(db, "acme", 7, key=f"race {number}", at=acme.now)
        run_top_ups(acme.engine, acme.gateway, at=acme.now)
        if number % 5 == 0:
            acme.works()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(uses_and_buys, range(500)))
    passes(acme)

    paid = acme.rows("SELECT amount_cents, status FROM extra_minutes_purchases WHERE workspace_id = 'acme'")
    assert [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in paid] == [
        (999, "paid")
    ] * 5
    assert outcomes(acme) == ["over_limit", *["paid"] * 5]
    assert outcomes(acme, "other") == []
    with ledger.reading(acme.engine) as db:
        assert ledger.get_balance(db, "acme").total_minutes == 0
        assert ledger.verify(db) == []


@pytest.mark.parametrize(
    ("ahead", "outcome"), [(timedelta(days=4), "started"), (timedelta(days=400), "paid")]
)
def test_a_look_that_a_clock_ahead_put_off_for_a_year_is_due(
    acme: Shop, ahead: timedelta, outcome: str
) -> None:
    acme.uses(80)
    run_top_ups(acme.engine, acme.gateway, at=acme.now)
    acme.runs(
        "UPDATE top_ups SET outcome = 'started', next_attempt_at = :at WHERE workspace_id = 'acme'",
        at=acme.now + ahead,
    )
    acme.works()

    run_top_ups(acme.engine, acme.gateway, at=acme.now)

    assert outcomes(acme) == [outcome]


def test_without_a_saved_card_nothing_is_bought_and_the_settings_say_why(shop: Shop) -> None:
    grants(shop)
    switches_on(shop)
    shop.uses(80)

    passes(shop)

    paused = settings(shop)
    assert paused is not None
    assert (paused.state, outcomes(shop)) == ("needs_card", ["no_card"])
    assert "saves one with a purchase" in (paused.paused_reason or "")

    saves_a_card(shop)
    shop.later(minutes=1)
    switches_on(shop)
    passes(shop)
    assert (outcomes(shop), shop.extra()) == (["paid"], 80)


def test_a_declined_card_is_tried_after_one_and_three_days_and_then_pauses(acme: Shop) -> None:
    saves_a_card(acme, "pm_card_chargeCustomerFail")
    acme.uses(80)
    passes(acme)
    states = []
    for hours in (0, 23, 1, 71, 1, 240):
        acme.later(hours=hours)
        passes(acme)
        now = settings(acme)
        assert now is not None
        states.append((now.declines, now.state))

    assert states == [(1, "ready"), (1, "ready"), (2, "ready"), (2, "ready"), (3, "paused"), (3, "paused")]
    assert (acme.extra(), outcomes(acme)) == (20, ["declined"])


def test_a_card_that_asks_for_confirmation_waits_for_the_customer_and_is_not_charged_again(
    acme: Shop,
) -> None:
    saves_a_card(acme, "pm_card_authenticationRequired")
    acme.uses(80)
    passes(acme)
    acme.later(days=2)
    passes(acme)

    assert (outcomes(acme), acme.extra()) == (["needs_confirmation"], 20)
    (purchase,) = acme.rows("SELECT payment_intent, attempt FROM extra_minutes_purchases")
    assert purchase["attempt"] == 1
    params: Any = {"payment_method": "pm_card_visa", "return_url": "https://shop.example/back"}
    stripe(acme).payment_intents.confirm(purchase["payment_intent"], params)
    acme.later(hours=2)
    passes(acme)

    assert (outcomes(acme), acme.extra()) == (["paid"], 80)


@pytest.mark.parametrize("call", ["start_payment", "fetch_payment"])
def test_an_answer_of_stripe_that_never_arrives_is_one_charge_and_the_next_pass_finds_it(
    acme: Shop, call: str
) -> None:
    acme.uses(80)
    run_top_ups(acme.engine, AnswersLost(acme.gateway, call), at=acme.now)
    acme.later(minutes=2)
    passes(acme)

    assert (outcomes(acme), acme.extra()) == (["paid"], 80)
    assert len(acme.rows("SELECT 1 FROM extra_minutes_purchases")) == 1
    assert len(list(acme.gateway.list_payments(created_gte=START))) == 1


def test_a_workspace_whose_card_cannot_be_read_now_does_not_stop_the_others(acme: Shop) -> None:
    switches_on(acme, "other")
    acme.uses(80)
    acme.uses(80, "other")

    run_top_ups(acme.engine, AnswersLost(acme.gateway, "saved_card"), at=acme.now)
    assert (outcomes(acme), outcomes(acme, "other")) == ([], ["paid"])

    passes(acme)
    assert (acme.extra(), acme.extra(workspace_id="other")) == (80, 80)


def test_settings_that_cannot_work_are_refused_and_a_repeat_changes_nothing(shop: Shop) -> None:
    for wrong in ({"trigger": 85}, {"monthly_limit_cents": 0}, {"monthly_limit_cents": 998}):
        with pytest.raises(InvalidTopUp):
            switches_on(shop, **wrong)
    with pytest.raises(UnknownPackage):
        switches_on(shop, package="huge")
    with pytest.raises(UnknownWorkspace):
        switches_on(shop, "nobody")
    assert settings(shop) is None

    first = switches_on(shop, monthly_limit_cents=999)
    shop.now += timedelta(hours=1)

    assert switches_on(shop, monthly_limit_cents=999) == first
    assert switches_on(shop, enabled=False).state == "off"


def test_a_customer_is_made_once_for_a_workspace_and_every_payment_names_it(shop: Shop) -> None:
    shop.signs_up("other")
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: ensure_customer(shop.engine, shop.gateway, "acme"), range(4)))
    bought = [shop.bought("small"), shop.bought("medium")]
    elsewhere = shop.buys("small", workspace_id="other")

    assert made == {bought[0].customer} == {bought[1].customer}
    assert elsewhere.customer not in made
    with ledger.reading(shop.engine) as db:
        assert customer_of(db, "acme") == bought[0].customer
