"""Simulated purchases: choose workspace and package, pay with a test card, watch the minutes arrive."""

from collections.abc import Sequence
from html import escape
from typing import Any
from uuid import UUID

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation, navigation, url
from dashboard.access import operator_or_nobody
from dashboard.clock import present
from dashboard.installation import current
from dashboard.kit import awaited, forms, states, tables, template
from dashboard.screens.outcome import outcome_of, steps_of
from dashboard.text import PURCHASE_STATES, decimal, minutes, moment, money, plain, problem
from dashboard.url import dashboard_address, no_workspace_yet, parameter
from ledger.desk import search_workspaces
from ledger.errors import LedgerError
from ledger.experiments import CONTROL, hold_out_of
from ledger.minutes import Balance, get_balance
from ledger.payments import (
    PAID,
    WAITING,
    Package,
    Purchase,
    UnknownPurchase,
    find_purchase,
    list_packages,
    list_purchases,
)
from ledger.stripe_gateway import FAULTS, TEST_PAYMENT_METHODS

FORM = "simulated purchase"
FAULT_NAMES = {
    "webhook_late": "Events arrive a minute late",
    "webhook_duplicate": "Events arrive twice",
    "webhook_out_of_order": "Events arrive in the wrong order",
    "webhook_lost": "Events never arrive",
    "timeout_after_success": "The response is lost after the charge",
    "rate_limited": "Stripe refuses: too many requests (429)",
    "server_error": "Stripe fails (500)",
    "refund_fails_later": "The next refund fails later",
    "fee_late": "The fee arrives later",
}


def mode_line() -> None:
    """Draw the line that no real money moves."""
    gateway = current().gateway()
    template.answer(answer(gateway.source, gateway.masked_key))


def answer(source: str, masked_key: str) -> str:
    """Return where a simulated payment goes, in one sentence."""
    if source == "live":
        return "**No real money moves**: a copy of the live workspace buys in the built-in sandbox."
    if source == "stripe_test":
        return f"**No real money moves**: payments run in Stripe test mode, key {plain(masked_key)}."
    return "**No real money moves**: payments run in the built-in sandbox, without a Stripe account."


def choose_workspace(connection: Connection, *, private: bool) -> str | None:
    """Draw the choice of the workspace that buys, and return its id.

    `private`: whether the names of workspaces may be shown.
    """
    typed = url.text(
        "Workspace",
        key="id",
        placeholder="Name, id, e-mail or payment",
        help="A live workspace is never charged: a copy of it buys instead.",
    )
    matches = {
        row.workspace_id: f"{plain(row.name)} · `{row.workspace_id}`" if private else f"`{row.workspace_id}`"
        for row in search_workspaces(connection, typed, limit=8)
    }
    if typed in matches:
        return typed
    if not matches:
        if typed:
            st.caption("No workspace matches.")
        else:
            no_workspace_yet()
        return None
    first, widget = next(iter(matches)), f"buyer_found_{typed}"
    st.pills(
        "Matches",
        list(matches),
        default=first,
        required=True,
        key=widget,
        format_func=matches.__getitem__,
        on_change=lambda: url.replace_parameters(id=st.session_state[widget]),
    )
    return first


def order(connection: Connection, workspace_id: str) -> None:
    """Draw the packages on offer to this workspace, the card, the fault, and the buttons."""
    offers = list_packages(connection, workspace_id, at=present())
    if not offers:
        st.warning("Nothing is on sale.")
        return
    hold_out = hold_out_of(connection, workspace_id, at=present())
    if hold_out and hold_out.arm == CONTROL:
        control = "Held out by {name}: this workspace sees no offer, but can still buy at these prices."
        st.info(control.format(name=plain(hold_out.name)), icon=":material/visibility_off:")
    names = {offer.code: _offer(offer) for offer in offers}
    with st.form("simulate_form", border=True):
        package = st.radio("Package", list(names), format_func=names.__getitem__, key="sim_package")
        method = st.selectbox(
            "Card",
            list(TEST_PAYMENT_METHODS),
            format_func=lambda method: TEST_PAYMENT_METHODS[method],
            key="sim_method",
        )
        fault = st.selectbox(
            "Fault",
            ["", *FAULTS],
            format_func=lambda fault: FAULT_NAMES.get(fault, "Nothing"),
            key="sim_fault",
            help="Only the built-in sandbox can simulate faults.",
        )
        with st.container(horizontal=True):
            st.form_submit_button("Pay", type="primary", key="sim_submit", icon=":material/credit_card:")
            st.form_submit_button("Pay on Stripe's page", key="sim_page", icon=":material/open_in_new:")
    if st.session_state.get("sim_submit"):
        pay(workspace_id, str(package), str(method), fault or None)
    if st.session_state.get("sim_page"):
        open_page(workspace_id, str(package))


def _offer(offer: Package) -> str:
    price = money(offer.amount_cents, offer.currency)
    arm = "" if offer.arm == "standard" else f" · {plain(offer.arm)}"
    return f"{plain(offer.name)} · {minutes(offer.minutes)} · {price}{arm}"


def open_page(workspace_id: str, package: str) -> None:
    """Begin a purchase on Stripe's page: it waits until the customer has paid there."""
    done = forms.carry_out(
        FORM,
        lambda: actions.simulate_checkout(
            operator_or_nobody(),
            workspace_id,
            package,
            dashboard=dashboard_address(),
            key=forms.key_of(FORM),
        ),
    )
    _remember(done)


def pay(workspace_id: str, package: str, method: str, fault: Any) -> None:
    """Buy, and put the purchase into the address so that the page can be shared."""
    done = forms.carry_out(
        FORM,
        lambda: actions.simulate_purchase(
            operator_or_nobody(),
            workspace_id,
            package,
            payment_method=method,
            fault=fault,
            key=forms.key_of(FORM),
        ),
    )
    _remember(done)


def _remember(done: actions.ActionResult | None) -> None:
    if done:
        st.query_params["purchase"] = done.details["purchase_id"]
        st.session_state["stripe_page"] = done.details
        st.session_state.pop("waits", None)
    st.rerun()


def watched(connection: Connection) -> Purchase | None:
    """Return the purchase of `?purchase=`; None without one, or when it is unknown."""
    try:
        return find_purchase(connection, UUID(parameter("purchase")))
    except (ValueError, UnknownPurchase):
        return None


@st.fragment(run_every=1.0)
def watch(purchase_id: UUID) -> None:
    """Draw the state of a purchase, read again every second until it is settled.

    Coming back from a payment proves nothing: this says "confirming" until the minutes are credited. Events credit
    them; when the events are late, the page reads the payment from Stripe.
    """
    with installation.reading() as connection:
        purchase = find_purchase(connection, purchase_id)
    waits = st.session_state.get("waits", 0)
    if not is_settled(purchase) and waits and waits % 5 == 0:
        try:
            purchase = actions.confirm_purchase(
                operator_or_nobody(), purchase.workspace_id, purchase.purchase_id
            )
        except LedgerError as error:
            st.caption(problem(error))
    with installation.reading() as connection:
        balance = get_balance(connection, purchase.workspace_id)
    _show(purchase, balance)
    st.session_state["waits"] = waits + 1
    now_so = (purchase.purchase_id, purchase.status, purchase.dispute_status, purchase.refunded_cents)
    if is_settled(purchase) and st.session_state.get("settled") != now_so:
        st.session_state["settled"] = now_so
        awaited.update_page()


def is_settled(purchase: Purchase) -> bool:
    """Return whether money and minutes agree, and nothing more is expected."""
    return purchase.is_credited if purchase.status in PAID else purchase.status not in WAITING


def _show(purchase: Purchase, balance: Balance) -> None:
    colour, words = PURCHASE_STATES[purchase.status]
    with st.container(border=True, key="watched"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(words, color=colour)
            paid = money(purchase.charged_cents, purchase.currency)
            st.markdown(f"**{plain(purchase.package_name)}** · {minutes(purchase.minutes)} · {paid}")
        st.html(steps(steps_of(purchase)))
        outcome_of(purchase).show()
        _way_to_stripe(purchase)
        extra, back, short = st.columns(3)
        extra.metric("Extra minutes now", decimal(balance.extra_minutes))
        back.metric("Taken back", decimal(purchase.taken_back_minutes))
        short.metric("Shortfall", decimal(purchase.shortfall_minutes))
        named = [purchase.workspace_id, str(purchase.purchase_id), purchase.payment_intent or ""]
        st.caption(" · ".join(plain(each) for each in named if each))


def steps(each: Sequence[tuple[str, str]]) -> str:
    """Return the steps of a purchase as HTML; the state of each is in words for screen readers."""
    meanings = {"done": "done", "now": "waiting", "failed": "failed", "ahead": "not yet"}
    lines = "".join(
        f'<li class="{state}">{escape(name)}<span class="hidden">: {meanings[state]}</span></li>'
        for name, state in each
    )
    return f'<ol class="steps">{lines}</ol>'


def _way_to_stripe(purchase: Purchase) -> None:
    """Draw the link to Stripe's payment page for a purchase begun there; the sandbox has no such page."""
    opened = st.session_state.get("stripe_page", {})
    mine = opened.get("purchase_id") == str(purchase.purchase_id) and opened.get("url")
    if mine and purchase.source == "stripe_test" and purchase.status == "requires_payment":
        st.link_button("Open Stripe's page", opened["url"], type="primary", icon=":material/open_in_new:")


def history(connection: Connection, workspace_id: str) -> None:
    """Draw the purchases of this workspace, newest first."""
    rows = list_purchases(connection, workspace_id, limit=20)
    frame = tables.from_rows(rows, ["created_at", "package_name", "minutes", "payment_intent"])
    frame["price"] = [money(row.amount_cents, row.currency) for row in rows]
    frame["status"] = [states.PURCHASES[row.status] for row in rows]
    tables.show(
        frame,
        key="sim_history",
        file_name="purchases.csv",
        empty="No purchases yet.",
        columns={
            "created_at": tables.when("When"),
            "package_name": tables.text("Package"),
            "minutes": tables.whole("Minutes"),
            "price": tables.text("Price", alignment="right"),
            "status": states.column("State", states.PURCHASES.values()),
            "payment_intent": tables.text("Payment"),
        },
    )


def returned() -> None:
    """Draw the purchase as Stripe reports it now, for a customer returning from the payment page."""
    with installation.reading() as connection:
        purchase = watched(connection)
    if purchase is None:
        st.info("Purchase not found.")
        way = navigation.address("purchase")
        st.page_link(way, label="Simulate a purchase", icon=":material/shopping_cart:")
        return
    st.caption(f"Started {moment(purchase.created_at)}")
    watch(purchase.purchase_id)
