"""The panel "Refund": the effect of each choice before the click, and the refund."""

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.kit import choices, forms
from dashboard.text import counted, day, decimal, minutes, money, plain
from ledger.payments import REFUNDABLE, Purchase, RefundChoice, RefundQuote, list_purchases, quote_refund

FORM = "refund"
PANEL = "refund"
CLEARED = ("refund_words", "refund_ticket")
CUSTOM = "custom"
CHOICES = {"unused": "Unused part", "full": "Full amount", CUSTOM: "Other amount"}


def panel(operator: Operator, workspace_id: str) -> None:
    """Draw the panel beside the page while the address names it, for those who may refund."""
    if url.parameter("panel") != PANEL or not operator.may("refund_purchases"):
        return
    opened = st.dialog("Refund", width="medium", position="right", icon=":material/undo:", on_dismiss=close)
    opened(_body)(operator, workspace_id)


def close() -> None:
    """Close the panel of the page."""
    url.replace_parameters(panel="", purchase="")


def _body(operator: Operator, workspace_id: str) -> None:
    if url.parameter("panel") != PANEL:  # done: the whole page shows what changed
        st.rerun()
    forms.report()
    with reading() as db:
        purchases = list_purchases(db, workspace_id)
        refundable = {
            str(one.purchase_id): one
            for one in purchases
            if one.status in REFUNDABLE and one.refundable_cents
        }
        if not refundable:
            st.caption("No purchase can be refunded.")
            return
        chosen = choices.choice(
            "Purchase",
            {purchase_id: _named(one) for purchase_id, one in refundable.items()},
            key="purchase",
            label_visibility="visible",
        )
        _quote(db, operator, refundable[chosen])


def _named(purchase: Purchase) -> str:
    paid = money(purchase.charged_cents, purchase.currency)
    at = day(purchase.paid_at or purchase.created_at)
    return f"{at} · {purchase.package_name} · {paid} · {purchase.payment_intent}"


def _quote(db: Connection, operator: Operator, purchase: Purchase) -> None:
    quote = quote_refund(db, purchase.workspace_id, purchase.purchase_id)
    st.markdown(
        f"Of {minutes(purchase.minutes)}: **{minutes(quote.used_minutes)}** used, "
        f"**{minutes(quote.unused_minutes)}** unused."
    )
    ways = {choice.name: choice for choice in quote.choices}
    name = st.radio(
        "How much",
        [*ways, CUSTOM],
        format_func=lambda name: CHOICES[name],
        captions=[*(_effect(choice, quote) for choice in ways.values()), "Enter an amount."],
        key=f"refund_choice_{purchase.purchase_id}",
    )
    amount = _other(db, purchase, quote.refundable_cents) if name == CUSTOM else ways[name].amount_cents
    shown = money(amount, purchase.currency)
    above = actions.refund_above_limit(db, operator, amount, purchase.currency, at=present())
    if above:
        st.markdown(f"**This needs a second person**: it is {plain(above)}.")
    with st.form("refund_form", border=False):
        forms.reason_fields("refund")
        st.form_submit_button(
            f"Request approval for {shown}" if above else f"Refund {shown}",
            type="primary",
            key="refund_submit",
            on_click=refund,
            args=(purchase, (name, amount), forms.key_of(FORM)),
        )


def _other(db: Connection, purchase: Purchase, most: int) -> int:
    """Another amount in cents, at most what is refundable, and what refunding it would do."""
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
        ", {n} was already used and stays",
        ", {n} were already used and stay",
    )
    return "{amount}: removes {taken}{short}; extra minutes afterwards {after}; {left} stays paid".format(
        amount=plain(money(choice.amount_cents, quote.purchase.currency)),
        taken=counted(choice.minutes_taken, "{n} minute", "{n} minutes"),
        short=short if choice.shortfall_minutes else "",
        after=decimal(choice.extra_minutes_after),
        left=plain(money(choice.revenue_cents_after, quote.purchase.currency)),
    )


def refund(purchase: Purchase, shown: tuple[str, int], key: str) -> None:
    """Refund for the person who is signed in now; `shown`: the way and the sum of cents on the button.

    A click that overtakes what was chosen or typed just before it books neither sum: they have read only one of them.
    """
    reason = forms.reason_of("refund")
    operator = operator_or_nobody()

    def act() -> actions.ActionResult:
        if (choices.shown_by_menu("purchase"), _chosen(purchase, shown[1])) != (
            str(purchase.purchase_id),
            shown,
        ):
            raise forms.ReadAgain
        return actions.refund_purchase(
            operator,
            purchase.workspace_id,
            purchase.purchase_id,
            shown[1],
            reason=reason.checked(),
            key=key,
        )

    if forms.carry_out(FORM, act, clear=CLEARED):
        close()


def _chosen(purchase: Purchase, cents: int) -> tuple[str, int]:
    """Return what the fields say now: the way, and the sum; `cents` where none is typed."""
    name = st.session_state[f"refund_choice_{purchase.purchase_id}"]
    amount = f"refund_amount_{purchase.purchase_id}"
    typed = name == CUSTOM and amount in st.session_state
    return name, forms.cents_of(amount, purchase.currency) if typed else cents
