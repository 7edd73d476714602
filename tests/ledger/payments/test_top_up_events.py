"""What came of a top-up goes out as an event, and a payment that the bank asks about finds its customer."""

import smtplib
from collections.abc import Iterator
from typing import Any, Self

import pytest

import ledger
from ledger.notify.channels import MailServer
from ledger.notify.top_up_mail import mail_confirmations
from ledger.payments.checkout import retry_on_page
from ledger.payments.errors import PurchaseNotFailed
from ledger.payments.portal import portal_link
from ledger.payments.top_ups import list_latest_top_ups, run_top_ups, waiting_confirmation
from tests.ledger.payments.test_top_ups import (
    acme as acme,  # noqa: PLC0414  a fixture
)
from tests.ledger.payments.test_top_ups import outcomes, passes, saves_a_card, stripe, switches_on
from tests.receiver import EventReceiver, add_receiver, receiving, sends
from tests.shop import Shop

ASKS = "pm_card_authenticationRequired"
PUBLIC = "https://minutes.example.com"


@pytest.fixture
def receiver(acme: Shop) -> Iterator[EventReceiver]:
    with receiving() as one:
        add_receiver(acme.engine, one, acme.now, "top_up.paid", "top_up.failed")
        yield one


def received(acme: Shop, receiver: EventReceiver) -> list[tuple[str, dict[str, Any]]]:
    sends(acme.engine, acme.now)
    return [(event["type"], event["data"]) for event in receiver.events]


def test_a_paid_top_up_is_one_event_with_its_purchase_and_balance(
    acme: Shop, receiver: EventReceiver
) -> None:
    acme.uses(80)
    passes(acme)
    passes(acme)

    ((kind, data),) = received(acme, receiver)
    (purchase,) = acme.rows("SELECT purchase_id FROM extra_minutes_purchases")
    assert (kind, data["reason"], data["purchase_id"]) == (
        "top_up.paid",
        "paid",
        str(purchase["purchase_id"]),
    )
    assert (data["minutes"], data["amount_cents"], data["balance"]["total_minutes"]) == (60, 999, 80)


def test_each_decline_is_an_event_and_the_last_says_that_it_pauses(
    acme: Shop, receiver: EventReceiver
) -> None:
    saves_a_card(acme, "pm_card_chargeCustomerFail")
    acme.uses(80)
    for days in (0, 1, 3, 30):
        acme.later(days=days)
        passes(acme)

    events = received(acme, receiver)
    assert [(kind, data["reason"], data["paused"]) for kind, data in events] == [
        ("top_up.failed", "declined", False),
        ("top_up.failed", "declined", False),
        ("top_up.failed", "declined", True),
    ]
    assert [data["next_attempt_at"] is None for _, data in events] == [False, False, True]


def test_what_bought_nothing_says_why(acme: Shop, receiver: EventReceiver) -> None:
    switches_on(acme, monthly_limit_cents=999)
    for minutes in (80, 80):
        acme.uses(minutes)
        passes(acme)

    assert [
        (kind, data["reason"], data["purchase_id"] is None) for kind, data in received(acme, receiver)
    ] == [
        ("top_up.paid", "paid", False),
        ("top_up.failed", "over_limit", True),
    ]


def test_a_payment_to_confirm_carries_an_address_that_opens_for_three_days(
    acme: Shop, receiver: EventReceiver
) -> None:
    acme.gateway.public_url = PUBLIC
    saves_a_card(acme, ASKS)
    acme.uses(80)
    passes(acme)
    passes(acme)

    ((kind, data),) = received(acme, receiver)
    assert (kind, data["reason"]) == ("top_up.failed", "needs_confirmation")
    token = data["confirm_url"].removeprefix(f"{PUBLIC}/api/portal/")
    with ledger.reading(acme.engine) as db:
        assert portal_link(db, token, at=acme.later(hours=71).now).workspace_id == "acme"
    assert [each.outcome for each in latest(acme)] == ["needs_confirmation"]


def latest(acme: Shop) -> list[Any]:
    with ledger.reading(acme.engine) as db:
        return list_latest_top_ups(db)


def test_a_customer_confirms_on_stripes_page_and_is_charged_once(acme: Shop) -> None:
    saves_a_card(acme, ASKS)
    acme.uses(80)
    run_top_ups(acme.engine, acme.gateway, at=acme.now)
    acme.works()
    with ledger.reading(acme.engine) as db:
        waiting = waiting_confirmation(db, "acme")
        assert waiting_confirmation(db, "other") is None
    assert waiting is not None
    about: dict[str, Any] = {
        "success_url": "https://a.example/{PURCHASE_ID}",
        "cancel_url": "https://a.example",
    }

    page = retry_on_page(acme.engine, acme.gateway, "acme", waiting.purchase_id, **about, at=acme.now)
    again = retry_on_page(acme.engine, acme.gateway, "acme", waiting.purchase_id, **about, at=acme.now)
    assert page.checkout_url == again.checkout_url
    assert acme.gateway.fetch_payment(waiting.payment_intent or "").status == "canceled"
    acme.later(hours=2)
    passes(acme)
    assert acme.extra() == 20, "an open page is not charged beside the customer"

    acme.gateway.complete_checkout(page.checkout_session or "", payment_method="pm_card_visa")
    acme.later(hours=2)
    passes(acme)

    assert (outcomes(acme), acme.extra()) == (["paid"], 80)
    assert len([each for each in stripe(acme).charges.list().data if each.paid]) == 1
    assert len({each.payment_intent for each in stripe(acme).charges.list().data}) == 2


def test_a_payment_that_still_waits_for_the_bank_gets_no_second_page(acme: Shop) -> None:
    waiting = acme.buys("small", ASKS)

    with pytest.raises(PurchaseNotFailed, match="requires_action"):
        retry_on_page(
            acme.engine,
            acme.gateway,
            "acme",
            waiting.purchase_id,
            success_url="https://a.example",
            cancel_url="https://a.example",
            at=acme.now,
        )


class Mailbox:
    """A mail server that takes every message, or refuses all."""

    refuses = False
    messages: list[Any]

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send_message(self, message: Any) -> None:
        if type(self).refuses:
            raise smtplib.SMTPException("full")
        type(self).messages.append(message)


def test_the_owner_gets_one_e_mail_with_the_address_and_another_try_when_it_did_not_arrive(
    acme: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    Mailbox.messages, Mailbox.refuses = [], True
    monkeypatch.setattr(smtplib, "SMTP", Mailbox)
    server = MailServer(url="smtp://mail.example:25")
    saves_a_card(acme, ASKS)
    acme.uses(80)
    passes(acme)

    assert mail_confirmations(acme.engine, server, None, at=acme.now) == 0
    assert mail_confirmations(acme.engine, server, PUBLIC, at=acme.now) == 0
    Mailbox.refuses = False
    assert mail_confirmations(acme.engine, server, PUBLIC, at=acme.now) == 1
    assert mail_confirmations(acme.engine, server, PUBLIC, at=acme.now) == 0

    (message,) = Mailbox.messages
    assert (message["To"], message["Subject"]) == ("owner@example.com", "Confirm your top-up of 60 minutes")
    address = next(line for line in message.get_content().splitlines() if line.startswith(PUBLIC))
    with ledger.reading(acme.engine) as db:
        assert portal_link(db, address.rsplit("/", 1)[1], at=acme.now).read_only is False
