"""The tab "Explain": the balance on any day, explained lot by lot and as text to send."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard import installation, url
from dashboard.access import Operator
from dashboard.clock import as_of, now
from dashboard.kit import choices, tables, template
from dashboard.screens.workspace import events, pictures
from dashboard.screens.workspace.answer import also, answer
from dashboard.text import local, lot_name, money
from ledger.minutes import Balance, LotStory, Workspace, explain_lots

MANY = 8
"""Lots from which on the used-up ones are hidden at first."""


def show(db: Connection, operator: Operator, workspace: Workspace, balance: Balance) -> None:
    """Draw the whole tab; `balance`: of the page's own moment."""
    past = _past_day(workspace)
    at = past or now()
    stories = explain_lots(db, workspace.workspace_id, at=at)
    if past:
        balance = ledger.get_balance(db, workspace.workspace_id, at=past)
    happened = events.sentences(db, workspace.workspace_id, at)
    if not stories:
        st.caption("No credits by then.")
        if happened:
            st.code("\n".join(also(happened)[2:]), language=None, wrap_lines=True)
        return
    picture, words = st.columns([3, 2])
    picture.plotly_chart(
        pictures.waterfall(stories),
        key="waterfall",
        config=pictures.CONFIG,
        alt="Credits minus use and what was taken back gives what remains",
    )
    words.caption("An answer you can send (use the copy button in its corner)")
    words.code(answer(balance, stories, at, happened), language=None, wrap_lines=True)
    template.section("Lots, in the order they are used")
    only_open = url.toggle("Only lots with minutes left", key="open_lots", first=len(stories) > MANY)
    lots(
        [story for story in stories if story.remaining or not only_open],
        private=operator.may("refund_purchases"),
    )


def lots(stories: Sequence[LotStory], *, private: bool) -> None:
    """Draw the table of lots: granted - used - refunded - voided = remaining, and the payment behind each."""
    frame = pd.DataFrame(
        [
            {
                "lot_id": story.lot_id,
                "lot": lot_name(story),
                "minutes": story.minutes,
                "used": story.used,
                "share": 100 * (story.minutes - story.remaining) // story.minutes if story.minutes else 0,
                "back": story.refunded + story.disputed + story.voided - story.restored,
                "remaining": story.remaining,
                "paid": money(story.amount_cents, story.currency or "")
                if story.amount_cents is not None
                else "",
                "payment": (story.payment_intent or "") if private else "",
                "why": story.reason or "",
            }
            for story in stories
        ]
    )
    tables.show(
        frame,
        key="lots",
        empty="No lot has minutes left.",
        file_name="lots.csv",
        columns={
            "lot_id": tables.whole("Lot", width="small"),
            "lot": tables.text("Origin"),
            "minutes": tables.whole("Credited"),
            "used": tables.whole("Used"),
            "share": tables.share("Gone"),
            "back": tables.whole("Taken back"),
            "remaining": tables.whole("Remaining"),
            "paid": tables.text("Paid", alignment="right"),
            "payment": tables.text("Payment"),
            "why": tables.text("Reason"),
        },
    )


def _past_day(workspace: Workspace) -> datetime | None:
    """Return the end of the past day on the slider, `?day=`; None where the moment of the page is explained."""
    if as_of():
        return None
    today, first = local(now()).date(), local(workspace.created_at).date()
    if first >= today:
        return None
    chosen = choices.value_between(
        "As of the end of",
        first,
        today,
        today,
        key="day",
        format=tables.day_format(),
        help="Move to see the balance on any day.",
    )
    if chosen >= today:
        return None
    midnight = datetime.combine(chosen + timedelta(days=1), time.min, installation.settings().report_zone)
    return midnight - timedelta(microseconds=1)
