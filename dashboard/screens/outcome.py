"""The outcome of a purchase in a sentence: money, minutes, and what to do next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.text import decimal, minutes, money, plain
from ledger.payments import PAID, WAITING, Purchase
from ledger.stripe_gateway import INQUIRY

_KINDS: Mapping[str, tuple[Callable[..., object], str]] = {
    "waits": (st.info, ":material/hourglass:"),
    "done": (st.success, ":material/check_circle:"),
    "back": (st.warning, ":material/undo:"),
    "not": (st.error, ":material/block:"),
}
NOTHING = "Nothing was charged and no minutes were added."
_UNPAID: Mapping[str, tuple[str, str]] = {
    "requires_payment": ("waits", "We check with Stripe every few seconds; this can take a moment."),
    "requires_action": ("waits", "The cardholder needs to confirm the payment with the bank."),
    "processing": (
        "waits",
        "Processing: Stripe is waiting for the money. The minutes are added when it arrives.",
    ),
    "failed": ("not", "Try again with this card or another one."),
    "canceled": ("not", "To buy anyway, start a new purchase."),
}


STEPS = ("Purchase begun", "Payment confirmed", "Event received", "Minutes added")


def steps_of(purchase: Purchase) -> list[tuple[str, str]]:
    """Return the four steps of a purchase, each `done`, `now` (it is waited for), `failed` or `ahead`."""
    paid = purchase.status in PAID
    done = 4 if purchase.is_credited else 2 if paid else 1
    if not paid and purchase.status not in WAITING:
        return [(STEPS[0], "done"), (STEPS[1], "failed"), *((step, "ahead") for step in STEPS[2:])]
    states = ["done"] * done + ["now"] * (done < len(STEPS)) + ["ahead"] * (len(STEPS) - done - 1)
    return list(zip(STEPS, states, strict=True))


@dataclass(frozen=True)
class Outcome:
    """`kind`: waits, done, back (money or minutes went back) or not (not paid); `sentence`: safe Markdown."""

    kind: str
    sentence: str

    def show(self) -> None:
        """Draw the outcome with its icon and colour."""
        draw, icon = _KINDS[self.kind]
        draw(self.sentence, icon=icon)


def outcome_of(purchase: Purchase) -> Outcome:
    """Return the outcome of a purchase."""
    if purchase.status in _UNPAID:
        return _unpaid(purchase)
    if purchase.status == "quarantined":
        return Outcome(
            "not",
            (
                "The payment at Stripe doesn't match this purchase, so no minutes were added. The alert on the Health"
                " page shows the difference. Refund the payment in Stripe."
            ),
        )
    if purchase.status in PAID and not purchase.is_credited:
        return Outcome("waits", "Paid. The minutes are added when Stripe's event arrives.")
    if purchase.status == "disputed":
        return _disputed(purchase)
    if purchase.refunded_cents:
        return _refunded(purchase)
    return _paid(purchase)


def _unpaid(purchase: Purchase) -> Outcome:
    kind, what_to_do = _UNPAID[purchase.status]
    if purchase.status == "requires_payment" and purchase.checkout_session:
        what_to_do = "Waiting for the customer to pay on Stripe's page."
    parts = (plain(purchase.failure_message or ""), NOTHING, what_to_do)
    return Outcome(kind, " ".join(part for part in parts if part))


def _paid(purchase: Purchase) -> Outcome:
    sentence = f"Paid: {minutes(purchase.minutes)} added."
    dispute = purchase.dispute_status or ""
    if dispute == "won":
        sentence += " The dispute was won: money and minutes are back."
    elif dispute == f"{INQUIRY}closed":
        sentence += " The bank closed its inquiry: nothing changes."
    elif dispute.startswith(INQUIRY):
        sentence += " The bank opened an inquiry: money and minutes stay as they are. Respond in Stripe."
    return Outcome("done", sentence)


def _refunded(purchase: Purchase) -> Outcome:
    refunded = (
        f"{plain(money(purchase.refunded_cents, purchase.currency))} of "
        f"{plain(money(purchase.charged_cents, purchase.currency))} refunded to the card."
    )
    return Outcome("back", f"{refunded} {_taken(purchase)}")


def _disputed(purchase: Purchase) -> Outcome:
    dispute = (
        "The dispute was lost and the money is gone."
        if purchase.dispute_status == "lost"
        else "The bank withholds the money until the dispute ends."
    )
    return Outcome("back", f"{dispute} {_taken(purchase)}")


def _taken(purchase: Purchase) -> str:
    taken = f"{decimal(purchase.taken_back_minutes)} of {minutes(purchase.minutes)} taken back."
    if purchase.shortfall_minutes:
        used = " {short} could not be taken back because they were already used."
        taken += used.format(short=minutes(purchase.shortfall_minutes))
    return taken
