"""The bank's side of a simulation: another card, the cardholder's response, disputes, failing refunds."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.kit import forms
from ledger.payments import PAID, Purchase
from ledger.stripe_gateway import TEST_PAYMENT_METHODS

IN_TEST_MODE = ("win", "lose", "refund_half", "refund")


def moves(purchase: Purchase) -> None:
    """Draw the next possible steps of a purchase: another card, the cardholder, the bank."""
    if purchase.status == "failed":
        st.selectbox(
            "Try again with",
            list(TEST_PAYMENT_METHODS),
            format_func=lambda method: TEST_PAYMENT_METHODS[method],
            key="again_method",
        )
        st.button("Try again", key="again", on_click=again, args=(purchase,))
    possible = possible_moves(purchase)
    if possible:
        st.caption("What happens next")
        with st.container(horizontal=True):
            for move in possible:
                label = actions.MOVES[move][0]
                st.button(label, key=f"move_{move}", on_click=make_move, args=(purchase, move))


def possible_moves(purchase: Purchase) -> Sequence[str]:
    """Return the moves that a purchase allows now, by their names in `actions.MOVES`.

    In Stripe's own test mode, only those that its API supports.
    """
    moves = _moves(purchase)
    return moves if purchase.source != "stripe_test" else [move for move in moves if move in IN_TEST_MODE]


def _moves(purchase: Purchase) -> Sequence[str]:
    if purchase.status == "requires_action":
        return ("authenticate", "refuse")
    if purchase.status == "disputed":
        return () if purchase.dispute_status == "lost" else ("win", "lose")
    if purchase.status == "requires_payment" and purchase.checkout_session:
        return ("pay_page",)
    if purchase.status not in PAID:
        return ()
    disputes = () if purchase.dispute_status else ("dispute", "inquire")
    refunds = (
        *(() if purchase.refunded_cents else ("refund_half",)),
        *(("refund",) if purchase.refundable_cents else ()),
        *(("refund_fails",) if purchase.refunded_cents else ()),
    )
    return (*disputes, "warn", *refunds)


def again(purchase: Purchase) -> None:
    """Handle the click on "Try again", with the card chosen now: a quick click overtakes the run that shows it."""
    card = st.session_state["again_method"]
    act = partial(actions.try_again, operator_or_nobody(), purchase.workspace_id, purchase.purchase_id)
    forms.carry_out("again", lambda: act(payment_method=card, key=forms.key_of("again")))


def make_move(purchase: Purchase, move: str) -> None:
    """Handle the click on a move of the bank or the cardholder."""
    act = partial(actions.play, operator_or_nobody(), purchase.workspace_id, purchase.purchase_id)
    forms.carry_out("move", lambda: act(move, key=forms.key_of("move")))
