"""The outcome of a purchase in a sentence: what happened, and what to do."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from dashboard.screens.outcome import STEPS, outcome_of, steps_of
from dashboard.screens.purchase import steps
from dashboard.text import PURCHASE_STATES
from ledger.payments.purchases import Purchase

PAID: dict[str, Any] = {
    "workspace_id": "acme",
    "purchase_id": UUID(int=7),
    "source": "sandbox",
    "package_name": "Small",
    "minutes": 60,
    "amount_cents": 999,
    "tax_cents": 0,
    "discount_cents": 0,
    "currency": "usd",
    "status": "paid",
    "lot_id": 1,
    "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    "refunded_cents": 0,
    "taken_back_minutes": 0,
    "shortfall_minutes": 0,
}


@pytest.fixture
def paid() -> Purchase:
    """A purchase of 60 minutes whose money and minutes are there."""
    return Purchase(**{field.name: PAID.get(field.name) for field in fields(Purchase)})


def test_every_state_the_database_allows_has_words_and_a_colour(db) -> None:
    rule = db.execute(
        text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'purchases_status'")
    ).scalar_one()

    assert all(f"'{state}'" in rule for state in PURCHASE_STATES)
    assert rule.count("::text") <= len(PURCHASE_STATES) + 1


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({}, "done", ["60 min added"]),
        ({"lot_id": None}, "waits", ["Paid", "event"]),
        ({"status": "requires_payment"}, "waits", ["Nothing was charged", "every few seconds"]),
        (
            {"status": "requires_payment", "checkout_session": "cs_1"},
            "waits",
            ["Nothing was charged", "pay on Stripe"],
        ),
        ({"status": "requires_action"}, "waits", ["Nothing was charged", "with the bank"]),
        ({"status": "processing"}, "waits", ["Processing", "waiting for the money"]),
        (
            {"status": "failed", "failure_message": "The card has expired. Use another card."},
            "not",
            ["The card has expired", "no minutes were added", "Try again"],
        ),
        ({"status": "canceled"}, "not", ["no minutes were added", "start a new purchase"]),
        ({"status": "quarantined"}, "not", ["doesn't match this purchase", "Health page"]),
        (
            {"status": "partially_refunded", "refunded_cents": 499, "taken_back_minutes": 29},
            "back",
            ["$4.99 of $9.99", "29 of 60 min taken back"],
        ),
        (
            {
                "status": "refunded",
                "refunded_cents": 999,
                "taken_back_minutes": 40,
                "shortfall_minutes": 20,
            },
            "back",
            [
                "$9.99 of $9.99",
                "40 of 60 min",
                "20 min could not be taken back because they were already used",
            ],
        ),
        (
            {"status": "disputed", "dispute_status": "needs_response", "taken_back_minutes": 60},
            "back",
            ["withholds the money", "60 of 60 min taken back"],
        ),
        (
            {"status": "disputed", "dispute_status": "lost", "taken_back_minutes": 60},
            "back",
            ["lost", "the money is gone"],
        ),
        ({"dispute_status": "won"}, "done", ["60 min added", "money and minutes are back"]),
        (
            {"dispute_status": "warning_needs_response"},
            "done",
            ["The bank opened an inquiry", "stay as they are"],
        ),
        ({"dispute_status": "warning_closed"}, "done", ["closed its inquiry"]),
    ],
)
def test_every_outcome_says_what_happened_and_what_to_do(
    paid: Purchase, change: dict, kind: str, said: list[str]
) -> None:
    outcome = outcome_of(replace(paid, **change))

    assert outcome.kind == kind
    assert all(words in outcome.sentence.replace("\\", "") for words in said), outcome.sentence


def test_no_state_is_without_an_outcome(paid: Purchase) -> None:
    assert all(outcome_of(replace(paid, status=status)).sentence for status in PURCHASE_STATES)


@pytest.mark.parametrize(
    ("change", "states"),
    [
        ({"status": "requires_payment", "lot_id": None}, ["done", "now", "ahead", "ahead"]),
        ({"status": "processing", "lot_id": None}, ["done", "now", "ahead", "ahead"]),
        ({"lot_id": None}, ["done", "done", "now", "ahead"]),
        ({}, ["done", "done", "done", "done"]),
        ({"status": "refunded", "refunded_cents": 999}, ["done", "done", "done", "done"]),
        ({"status": "failed", "lot_id": None}, ["done", "failed", "ahead", "ahead"]),
        ({"status": "canceled", "lot_id": None}, ["done", "failed", "ahead", "ahead"]),
    ],
)
def test_the_steps_of_a_purchase_light_up_one_after_the_other(
    paid: Purchase, change: dict[str, Any], states: list[str]
) -> None:
    assert steps_of(replace(paid, **change)) == list(zip(STEPS, states, strict=True))


def test_a_step_says_its_state_in_words_too() -> None:
    drawn = steps([("Paid & sent", "done"), ("Event", "now"), ("Minutes", "ahead"), ("Payment", "failed")])

    assert '<li class="done">Paid &amp; sent<span class="hidden">: done</span></li>' in drawn
    assert [word for word in ("waiting", "not yet", "failed") if f": {word}</span>" in drawn] == [
        "waiting",
        "not yet",
        "failed",
    ]
