"""Auto top-up in the tab "Purchases": the settings, and the outcome of each trigger."""

from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms, tables, template
from dashboard.text import minutes, money, plain
from ledger.payments import (
    TRIGGERS,
    AutoTopUp,
    Package,
    TopUp,
    get_auto_top_up,
    list_latest_top_ups,
    list_packages,
    list_top_ups,
)

FORM = "auto_top_up"
LIMIT_CENTS = 5_000
MOST_CENTS = 99_999_999
OUTCOMES = {
    "started": "Payment on its way",
    "paid": "Paid",
    "needs_confirmation": "Waiting for the customer's bank",
    "declined": "Declined",
    "over_limit": "Monthly limit reached",
    "no_card": "No saved card",
    "not_on_sale": "Package no longer sold",
}


def show(db: Connection, operator: Operator, workspace_id: str) -> None:
    """Show the state in one sentence, what came of each trigger, and the form for those who may change it."""
    settings = get_auto_top_up(db, workspace_id)
    offer = list_packages(db, workspace_id, at=present())
    template.section("Auto top-up")
    st.markdown(sentence(settings, {each.code: each for each in offer}))
    attempts = list_top_ups(db, workspace_id)
    if attempts:
        tables.show(_rows(attempts), key="top_ups", file_name="top-ups.csv", columns=_columns())
    if offer and operator.may("grant_minutes"):
        with st.expander("Change auto top-up", icon=":material/autorenew:"):
            _form(workspace_id, settings, offer)


def latest(db: Connection) -> None:
    """Draw what came of the latest triggers of all workspaces."""
    attempts = list_latest_top_ups(db)
    if not attempts:
        return
    template.section("Auto top-ups")
    tables.show(
        _rows(attempts, "workspace_id"),
        key="latest_top_ups",
        file_name="top-ups.csv",
        columns={"workspace_id": tables.text("Workspace")} | _columns(),
    )


def _rows(attempts: list[TopUp], *more: str) -> pd.DataFrame:
    return tables.from_rows(attempts, (*more, "at", "detail", "next_attempt_at")).assign(
        outcome=[OUTCOMES[each.outcome] for each in attempts]
    )


def _columns() -> dict[str, Any]:
    return {
        "at": tables.when("When"),
        "outcome": tables.text("Result"),
        "detail": tables.text("Why"),
        "next_attempt_at": tables.when("Next attempt"),
    }


def sentence(settings: AutoTopUp | None, offer: dict[str, Package]) -> str:
    """Return what auto top-up does now, and what to do where it does nothing."""
    if settings is None or settings.state == "off":
        return "Auto top-up is off."
    package = offer.get(settings.package)
    name = plain(package.name) if package else plain(settings.package)
    limit = plain(money(settings.monthly_limit_cents, package.currency if package else "usd"))
    words = f"Buys {name} at {settings.trigger}% used, up to {limit} a month."
    return f"{words} **Paused:** {plain(settings.paused_reason)}" if settings.paused_reason else words


def _form(workspace_id: str, settings: AutoTopUp | None, offer: list[Package]) -> None:
    codes = [each.code for each in offer]
    named = {each.code: each for each in offer}
    chosen = settings.package if settings and settings.package in named else codes[0]
    with st.form("auto_top_up_form", border=False):
        st.toggle("Buy automatically", value=bool(settings and settings.enabled), key="top_up_enabled")
        st.selectbox(
            "Package",
            codes,
            index=codes.index(chosen),
            format_func=lambda code: f"{named[code].name}, {minutes(named[code].minutes)}",
            key="top_up_package",
        )
        st.selectbox(
            "When",
            TRIGGERS,
            index=TRIGGERS.index(settings.trigger) if settings else 0,
            format_func=lambda percent: f"{percent}% used",
            key="top_up_trigger",
        )
        forms.money_field(
            "Monthly spending limit",
            settings.monthly_limit_cents if settings else LIMIT_CENTS,
            key="top_up_limit",
            least=1,
            most=MOST_CENTS,
            currency=named[chosen].currency,
        )
        st.caption("Charges the card that the customer saved. Changing anything clears a pause.")
        st.form_submit_button(
            "Save auto top-up",
            key="top_up_submit",
            on_click=save,
            args=(
                workspace_id,
                {code: each.currency for code, each in named.items()},
                forms.key_of(FORM),
            ),
        )


def save(workspace_id: str, currencies: dict[str, str], key: str) -> None:
    """Save what the fields say, by the person who is signed in now."""
    state = st.session_state
    operator = operator_or_nobody()
    package = str(state["top_up_package"])

    def act() -> actions.ActionResult:
        return actions.save_auto_top_up(
            operator,
            workspace_id,
            package=package,
            trigger=int(state["top_up_trigger"]),
            monthly_limit_cents=forms.cents_of("top_up_limit", currencies[package]),
            enabled=bool(state["top_up_enabled"]),
            key=key,
        )

    forms.carry_out(FORM, act)
