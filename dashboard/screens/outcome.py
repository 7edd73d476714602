"""What became of a purchase, in words: what happened to money and minutes, and what to do now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.text import minutes, money, plain
from ledger.payments import PAID, Purchase
from ledger.stripe_gateway import INQUIRY

_KINDS: Mapping[str, tuple[Callable[..., object], str]] = {
    "waits": (st.info, ":material/hourglass:"),
    "done": (st.success, ":material/check_circle:"),
    "back": (st.warning, ":material/undo:"),
    "not": (st.error, ":material/block:"),
}
NOTHING = "Nothing is charged and no minutes are added."
_UNPAID: Mapping[str, tuple[str, str]] = {
    "requires_payment": ("waits", "Stripe is asked again every few seconds; it may take a moment."),
    "requires_action": ("waits", "The card holder has to confirm it with the bank first."),
    "processing": ("waits", "Confirming: Stripe waits for the money; the minutes come with it."),
    "failed": ("not", "Try again, with this card or another one."),
    "canceled": ("not", "To buy all the same, pay again: that is a new purchase."),
}


@dataclass(frozen=True)
class Outcome:
    """`kind`: waits, done, back (money or minutes went back) or not (not paid); `sentence`: safe Markdown."""

    kind: str
    sentence: str

    def show(self) -> None:
        """Draw it: sign, colour and words."""
        draw, icon = _KINDS[self.kind]
        draw(self.sentence, icon=icon)


def outcome_of(purchase: Purchase) -> Outcome:
    """What happened to the money and the minutes of this purchase, and what to do."""
    if purchase.status in _UNPAID:
        return _unpaid(purchase)
    if purchase.status == "quarantined":
        return Outcome(
            "not",
            (
                "The payment at Stripe is not the one agreed here, so no minutes are added. The alert on the page"
                " Health says what differs; give the money back in Stripe."
            ),
        )
    if purchase.status in PAID and not purchase.is_credited:
        return Outcome("waits", "Confirming: paid, the minutes come with Stripe's event.")
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
    told = f"Paid: {minutes(purchase.minutes)} were added."
    dispute = purchase.dispute_status or ""
    if dispute == "won":
        told += " " + "The dispute was won: money and minutes are back."
    elif dispute == f"{INQUIRY}closed":
        told += " " + "The bank's inquiry has ended: nothing was taken."
    elif dispute.startswith(INQUIRY):
        told += " " + "The bank inquires: money and minutes stay as they are. Answer it in Stripe."
    return Outcome("done", told)


def _refunded(purchase: Purchase) -> Outcome:
    told = (
        f"{plain(money(purchase.refunded_cents, purchase.currency))} of "
        f"{plain(money(purchase.amount_cents, purchase.currency))} went back to the card."
    )
    return Outcome("back", f"{told} {_taken(purchase)}")


def _disputed(purchase: Purchase) -> Outcome:
    told = (
        "The dispute is lost: the money is gone."
        if purchase.dispute_status == "lost"
        else "The bank holds the money back until the dispute ends."
    )
    return Outcome("back", f"{told} {_taken(purchase)}")


def _taken(purchase: Purchase) -> str:
    told = "{taken} of {minutes} were taken back.".format(
        taken=f"{purchase.taken_back_minutes:,}", minutes=minutes(purchase.minutes)
    )
    if purchase.shortfall_minutes:
        short = "{short} could not be: they were used already."
        told += " " + short.format(short=minutes(purchase.shortfall_minutes))
    return told
