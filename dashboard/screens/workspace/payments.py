"""The tab "Purchases": status and receipt of each purchase, and refunds with a quote first."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, tables
from dashboard.text import counted, day, minutes, money, plain, spaced
from dashboard.url import parameter
from ledger.payments import REFUNDABLE, Purchase, RefundChoice, RefundQuote, list_purchases, quote_refund

FORM = "refund"
CLEARED = ("refund_words", "refund_ticket")
CUSTOM = "custom"
CHOICES = {"unused": "Unused part", "full": "Full amount", CUSTOM: "Other amount"}


def show(db: Connection, operator: Operator, workspace_id: str) -> None:
    """Draw the table of purchases, and the refund of one of them."""
    purchases = list_purchases(db, workspace_id)
    table(purchases)
    refundable = {str(p.purchase_id): p for p in purchases if p.status in REFUNDABLE and p.refundable_cents}
    if not refundable or not operator.may("refund_purchases"):
        return
    st.subheader("Refund")
    linked = parameter("purchase")
    chosen = st.selectbox(
        "Purchase",
        list(refundable),
        index=list(refundable).index(linked) if linked in refundable else 0,
        format_func=lambda purchase_id: _named(refundable[purchase_id]),
        key="refund_purchase",
    )
    _quote(db, refundable[chosen])


def _named(purchase: Purchase) -> str:
    paid = money(purchase.amount_cents, purchase.currency)
    at = day(purchase.paid_at or purchase.created_at)
    return f"{at} · {purchase.package_name} · {paid} · {purchase.payment_intent}"


def _quote(db: Connection, purchase: Purchase) -> None:
    quote = quote_refund(db, purchase.workspace_id, purchase.purchase_id)
    st.markdown(
        f"Of {minutes(purchase.minutes)}: **{minutes(quote.used_minutes)}** used, "
        f"**{minutes(quote.unused_minutes)}** unused."
    )
    choices = {choice.name: choice for choice in quote.choices}
    name = st.radio(
        "How much",
        [*choices, CUSTOM],
        format_func=lambda name: CHOICES[name],
        captions=[*(_effect(choice, quote) for choice in choices.values()), "Enter an amount."],
        key=f"refund_choice_{purchase.purchase_id}",
    )
    amount = (
        _custom_amount(db, purchase, quote.refundable_cents) if name == CUSTOM else choices[name].amount_cents
    )
    with st.form("refund_form", border=False):
        forms.reason_fields("refund")
        st.form_submit_button(
            f"Refund {money(amount, purchase.currency)}",
            type="primary",
            key="refund_submit",
            on_click=refund,
            args=(purchase, (name, amount), forms.minted(FORM)),
        )


def _custom_amount(db: Connection, purchase: Purchase, most: int) -> int:
    """Draw a field for another amount with its effect; return its cents, at most what is refundable."""
    amount = forms.money_field(
        f"Amount ({purchase.currency.upper()})",
        most,
        key=f"refund_amount_{purchase.purchase_id}",
        least=1,
        most=most,
        currency=purchase.currency,
        width=260,
    )
    quote = quote_refund(db, purchase.workspace_id, purchase.purchase_id, amount_cents=amount)
    st.caption(next(_effect(choice, quote) for choice in quote.choices if choice.name == CUSTOM))
    return amount


def _effect(choice: RefundChoice, quote: RefundQuote) -> str:
    short = counted(
        choice.shortfall_minutes,
        " ({n} already used and not taken back)",
        " ({n} already used and not taken back)",
    )
    return "Refund {amount}, take back {taken}{short}. Extra minutes left: {after:,}. Revenue left: {revenue}".format(
        amount=plain(money(choice.amount_cents, quote.purchase.currency)),
        taken=counted(choice.minutes_taken, "{n} minute", "{n} minutes"),
        short=short if choice.shortfall_minutes else "",
        after=choice.extra_minutes_after,
        revenue=plain(money(choice.revenue_cents_after, quote.purchase.currency)),
    )


def refund(purchase: Purchase, choice: tuple[str, int], key: str) -> None:
    """Refund the `choice` and amount that the button showed, as the person who is signed in now.

    A click that overtakes a change of choice or amount books neither: the person has read only one of them.
    """
    state = st.session_state
    reason = forms.Reason(state["refund_code"], state["refund_words"], state["refund_ticket"])
    operator = operator_or_nobody()

    def act() -> actions.Done:
        if (state["refund_purchase"], _chosen(purchase, choice[1])) != (str(purchase.purchase_id), choice):
            raise forms.ReadAgain
        return actions.refund_purchase(
            operator,
            purchase.workspace_id,
            purchase.purchase_id,
            choice[1],
            reason=reason.checked(),
            key=key,
        )

    forms.carry_out(FORM, act, clear=CLEARED)


def _chosen(purchase: Purchase, cents: int) -> tuple[str, int]:
    """Return the choice and the amount in the fields; `cents` where no amount is typed."""
    name = st.session_state[f"refund_choice_{purchase.purchase_id}"]
    amount = f"refund_amount_{purchase.purchase_id}"
    typed = name == CUSTOM and amount in st.session_state
    return name, forms.cents_of(amount, purchase.currency) if typed else cents


def table(purchases: Sequence[Purchase]) -> None:
    """State, money and minutes of each purchase, with its receipt."""
    frame = pd.DataFrame([_line(purchase) for purchase in purchases])
    tables.show(
        frame,
        key="purchases",
        empty="No purchases.",
        file_name="purchases.csv",
        columns={
            "at": tables.when("When"),
            "package": tables.text("Package"),
            "minutes": tables.whole("Minutes"),
            "paid": tables.text("Price"),
            "status": tables.text("State", width=tables.STATE_WIDTH),
            "refunded": tables.text("Refunded"),
            "back": tables.whole("Taken back"),
            "shortfall": tables.whole("Shortfall"),
            "failure": tables.text("Failure", width="medium"),
            "receipt": st.column_config.LinkColumn("Receipt", display_text="open"),
            "payment": tables.text("Payment"),
            "purchase": tables.text("Purchase"),
        },
    )


def _line(purchase: Purchase) -> dict[str, object]:
    return {
        "at": purchase.paid_at or purchase.created_at,
        "package": purchase.package_name,
        "minutes": purchase.minutes,
        "paid": money(purchase.amount_cents, purchase.currency),
        "status": spaced(purchase.status),
        "refunded": money(purchase.refunded_cents, purchase.currency) if purchase.refunded_cents else "",
        "back": purchase.taken_back_minutes or None,
        "shortfall": purchase.shortfall_minutes or None,
        "failure": purchase.failure_message or "",
        "receipt": purchase.receipt_url if (purchase.receipt_url or "").startswith("https://") else None,
        "payment": purchase.payment_intent or "",
        "purchase": str(purchase.purchase_id),
    }
