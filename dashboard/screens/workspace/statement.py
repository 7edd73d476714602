"""The tab "Statement": every change of the balance, and what one of them drew."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard.kit import tables
from dashboard.screens.workspace import pictures
from dashboard.text import day, moment, plain, signed
from ledger.minutes import Draw, Entry, LotStory, explain_lots

PAGE = 200
MOST = 5000
KINDS = ("use", "allocation", "reset", "purchase", "grant", "void", "refund", "dispute", "restore")


def show(db: Connection, workspace_id: str) -> None:
    """Chart, filters, table, the explanation of the selected line, and older lines on request."""
    wanted = min(int(st.session_state.get("ws_lines", PAGE)), MOST)
    entries = ledger.list_entries(db, workspace_id, limit=wanted)
    if not entries:
        st.caption("The statement is empty.")
        return
    st.plotly_chart(
        pictures.balance_over_time(entries),
        key="balance_chart",
        config=pictures.CONFIG,
        alt="Balance after each booking, plan and extra minutes stacked",
    )
    kinds = st.pills("Kinds", KINDS, selection_mode="multi", key="ws_kinds", help="None chosen: all kinds.")
    shown = [entry for entry in entries if not kinds or entry.kind in kinds]
    choice = table(shown)
    rows = choice.selection.rows if choice else []
    if rows and rows[0] < len(shown):
        _explain(db, workspace_id, shown[rows[0]])
    if len(entries) == wanted < MOST:
        st.button("Show older lines", key="ws_older", on_click=_more, args=(wanted,))


def _more(shown: int) -> None:
    st.session_state["ws_lines"] = shown * 5


def table(entries: Sequence[Entry]) -> Any:
    """The lines; one may be selected."""
    frame = pd.DataFrame([_line(entry) for entry in entries])
    return tables.show(
        frame,
        key="statement",
        empty="No line of these kinds.",
        file_name="statement.csv",
        on_select="rerun",
        selection_mode="single-row",
        height=420,
        columns={
            "entry_no": tables.whole("Line", width="small"),
            "at": tables.when("When"),
            "kind": tables.text("Kind", width="small"),
            "plan_delta": tables.whole("Plan"),
            "extra_delta": tables.whole("Extra"),
            "unmet": tables.whole("Unmet"),
            "balance": tables.whole("Balance"),
            "actor": tables.text("By"),
            "reason": tables.text("Reason"),
            "reference": tables.text("Reference"),
            "recorded_at": tables.when("Booked"),
        },
    )


def _line(entry: Entry) -> dict[str, object]:
    return {
        "entry_no": entry.entry_no,
        "at": entry.at,
        "kind": entry.kind,
        "plan_delta": entry.plan_delta,
        "extra_delta": entry.extra_delta,
        "unmet": entry.unmet_minutes or None,
        "balance": entry.plan_minutes + entry.extra_minutes,
        "actor": entry.actor,
        "reason": entry.reason or "",
        "reference": entry.reference or entry.key,
        "recorded_at": entry.recorded_at,
    }


def _explain(db: Connection, workspace_id: str, entry: Entry) -> None:
    draws = ledger.explain_entry(db, workspace_id, entry.entry_no)
    stories = {story.lot_id: story for story in explain_lots(db, workspace_id, at=entry.recorded_at)}
    with st.container(border=True):
        st.markdown(
            f"**Line {entry.entry_no}**: {entry.kind} on {moment(entry.at)}, balance "
            f"{entry.plan_minutes + entry.extra_minutes - entry.plan_delta - entry.extra_delta:,} "
            f"→ {entry.plan_minutes + entry.extra_minutes:,}"
        )
        if not draws:
            st.caption("It moved nothing: no minutes were left.")
        for draw in draws:
            story = stories.get(draw.lot_id)
            st.markdown(f"- {_drawn(draw, entry)}" + (_payment(story) if story else ""))


def _drawn(draw: Draw, entry: Entry) -> str:
    lot = f"lot {draw.lot_id} ({draw.kind} of {day(draw.acquired_at)})"
    return "{n} min: {lot}".format(n=signed(-draw.minutes if entry.kind == "use" else draw.minutes), lot=lot)


def _payment(story: LotStory) -> str:
    if story.package_name is None:
        return ""
    package = plain(story.package_name)
    return " · " + "package {package}, payment `{intent}`".format(
        package=package, intent=story.payment_intent or "–"
    )
