"""What waits for support, on the Workspaces page: one sentence and one next action for each kind of case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import installation, navigation, url
from dashboard.access import Operator
from dashboard.clock import now
from dashboard.kit import tables
from dashboard.screens.approvals import answer as approvals_waiting
from dashboard.text import ago, counted, day, decimal, duration, money, plain, sentence_case
from ledger.desk import Approval, WaitingCase, WaitingCases, WorkspaceMatch, list_approvals, list_attention

LIST = "waiting"
"""The parameter that names the kind whose cases are listed: `?waiting=disputes`."""
ICONS = {
    "blocked": ":material/block:",
    "disputes": ":material/gavel:",
    "failed": ":material/credit_card_off:",
    "invoices": ":material/receipt_long:",
    "quarantined": ":material/lock:",
    "approvals": ":material/approval:",
}
DISPUTES_AT_STRIPE: Mapping[str, str] = {
    "live": "https://dashboard.stripe.com/disputes/",
    "stripe_test": "https://dashboard.stripe.com/test/disputes/",
}
MOST = 50


@dataclass(frozen=True)
class NextAction:
    """What to do about the most urgent case of a kind: a label, and a page of ours or an address at Stripe."""

    label: str
    page: str
    query: Mapping[str, str]


def disputes(cases: WaitingCases, at: datetime, *, private: bool = True) -> str:
    """Return how many disputes wait for an answer, how many of them soon, and whose is first."""
    count = counted(cases.count, "{n} dispute needs", "{n} disputes need")
    first = cases.first[0]
    if first.due_at is None:
        return f"**{count} an answer**; the bank named no deadline."
    whose = f"{_name(first, private=private)}{_worth(first)}"
    if first.due_at <= at:
        return f"**{count} an answer**; {whose} is **overdue** since {day(first.due_at)}."
    soon = f", {decimal(cases.due_soon)} within a week" if cases.due_soon else ""
    by = f"by {day(first.due_at)}, in {duration((first.due_at - at).total_seconds())}"
    return f"**{count} an answer**{soon}; first {whose}, {by}."


def failed(cases: WaitingCases, at: datetime, *, private: bool = True) -> str:
    """Return how many payments failed with nothing paid since, and why the latest did."""
    count = counted(cases.count, "{n} payment failed", "{n} payments failed")
    first = cases.first[0]
    why = f": {sentence_case(first.detail).lower()}" if first.detail else ""
    return (
        f"**{count}** in the last 7 days with nothing paid since; latest "
        f"{_name(first, private=private)}{_worth(first)}{plain(why)}, {ago(first.at, at)}."
    )


def invoices(cases: WaitingCases, at: datetime, *, private: bool = True) -> str:
    """Return how many invoices of plans could not be collected, and whose is the latest."""
    count = counted(cases.count, "{n} plan invoice is unpaid", "{n} plan invoices are unpaid")
    first = cases.first[0]
    return f"**{count}**: no minutes were added; latest {_name(first, private=private)}, {ago(first.at, at)}."


def quarantined(cases: WaitingCases, at: datetime, *, private: bool = True) -> str:
    """Return how many payments are quarantined because they don't match their purchase, and whose waits longest."""
    count = counted(cases.count, "{n} payment is held back", "{n} payments are held back")
    first = cases.first[0]
    waited = duration((at - first.at).total_seconds())
    return f"**{count}**: paid, but not as agreed; {_name(first, private=private)} has waited {waited}."


def blocked(count: int, latest: WorkspaceMatch, at: datetime, *, private: bool = True) -> str:
    """Return how many workspaces have nothing left and still request minutes, and which was blocked last."""
    said = counted(count, "{n} workspace is blocked", "{n} workspaces are blocked")
    name = plain(latest.name if private else latest.workspace_id)
    since = f", {ago(latest.hit_at, at)}" if latest.hit_at else ""
    return f"**{said}**; latest {name}{since}."


def _name(case: WaitingCase, *, private: bool) -> str:
    known = case.name if private else None
    return plain(known or case.workspace_id or case.object_id)


def _worth(case: WaitingCase) -> str:
    if case.amount_cents is None or case.currency is None:
        return ""
    return f" ({plain(money(case.amount_cents, case.currency))})"


SENTENCES = {"disputes": disputes, "failed": failed, "invoices": invoices, "quarantined": quarantined}


ALSO_WAITING = (
    ("disputes", "{n} dispute to answer", "{n} disputes to answer"),
    ("failed", "{n} failed payment", "{n} failed payments"),
    ("invoices", "{n} unpaid plan invoice", "{n} unpaid plan invoices"),
    ("quarantined", "{n} payment held back", "{n} payments held back"),
)


def summary(cases: Mapping[str, WaitingCases], approvals: int) -> str:
    """Return everything beside blocked workspaces that waits, for the answer of the page; nothing when nothing does."""
    counts = (
        *((cases[kind].count if kind in cases else 0, one, many) for kind, one, many in ALSO_WAITING),
        (approvals, "{n} request to approve", "{n} requests to approve"),
    )
    said = ", ".join(counted(number, one, many) for number, one, many in counts if number)
    return f" Also waiting: **{said}**." if said else ""


def next_action(kind: str, case: WaitingCase, mode: str) -> NextAction:
    """Return the next action for the most urgent case of a kind."""
    if kind == "disputes" and mode in DISPUTES_AT_STRIPE:
        return NextAction("Answer at Stripe", f"{DISPUTES_AT_STRIPE[mode]}{case.object_id}", {})
    if case.workspace_id is None:
        return NextAction("Open Health", navigation.address("health"), {})
    label = {
        "disputes": "Review payment",
        "failed": "Help pay",
        "invoices": "Review plan",
        "quarantined": "Check payment",
    }[kind]
    return NextAction(label, navigation.address("workspace"), {"id": case.workspace_id, "tab": "payments"})


@dataclass(frozen=True)
class Waiting:
    """Everything that waits for this person: cases by kind, and requests that they may decide."""

    cases: Mapping[str, WaitingCases]
    approvals: Sequence[Approval]

    @property
    def sentence(self) -> str:
        """Return what waits beside blocked workspaces."""
        return summary(self.cases, len(self.approvals))


def read(db: Connection, operator: Operator) -> Waiting:
    """Return what waits for this person."""
    requests = list_approvals(db, state="waiting") if operator.may("view_approvals") else []
    return Waiting(list_attention(db, at=now(), limit=MOST), requests)


def show(waiting: Waiting, operator: Operator, blocked_count: int, first: WorkspaceMatch | None) -> None:
    """Draw one row for each kind: its sentence and its next action; and the cases of the kind that is chosen."""
    private, mode = operator.may("view_personal_data"), installation.settings().mode
    chosen = url.parameter(LIST)
    if chosen and chosen not in waiting.cases:
        url.drop_unknown(LIST, "Waiting")
        chosen = ""
    if not (waiting.cases or waiting.approvals or blocked_count):
        return
    with st.container(border=True, key="attention", gap=None):
        if blocked_count and first:
            give = {"id": first.workspace_id, "panel": "give"}
            action = NextAction("Give minutes", navigation.address("workspace"), give)
            _row("blocked", blocked(blocked_count, first, now(), private=private), action)
        for kind, cases in waiting.cases.items():
            sentence = SENTENCES[kind](cases, now(), private=private)
            _row(kind, sentence, next_action(kind, cases.first[0], mode), cases.count, opened=kind == chosen)
            if kind == chosen:
                _cases(kind, cases, private=private)
        if waiting.approvals:
            sentence = approvals_waiting(waiting.approvals, operator, now())
            _row("approvals", sentence, NextAction("Decide", navigation.address("approvals"), {}))


def _row(kind: str, sentence: str, action: NextAction, count: int = 0, *, opened: bool = False) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"attention_{kind}", gap="small"):
        st.markdown(f"{ICONS[kind]} {sentence}")
        st.space("stretch")
        if count > 1:
            st.button(
                "Hide" if opened else f"Show all {count}",
                key=f"attention_list_{kind}",
                type="tertiary",
                on_click=url.replace_parameters,
                kwargs={LIST: "" if opened else kind},
            )
        options: dict[str, Any] = {"query_params": dict(action.query)} if action.query else {}
        st.page_link(action.page, label=action.label, icon=":material/arrow_forward:", **options)


def _cases(kind: str, cases: WaitingCases, *, private: bool) -> None:
    """Draw the cases of one kind, the most urgent first."""
    columns: dict[str, Any] = {
        "workspace_id": tables.text("Workspace"),
        "name": tables.text("Name"),
        "amount": tables.text("Amount", alignment="right"),
        "due_at": tables.when("Answer by"),
        "detail": tables.text("Reason"),
        "at": tables.when("Since"),
        "object_id": tables.text("At Stripe" if kind != "failed" else "Purchase"),
    }
    hidden = {
        *(() if private else ("name",)),
        *(() if kind == "disputes" else ("due_at",)),
        *(() if kind in {"disputes", "failed"} else ("amount",)),
    }
    shown = {name: look for name, look in columns.items() if name not in hidden}
    tables.show(
        pd.DataFrame([_line(case) for case in cases.first], columns=list(shown)),
        key=f"attention_{kind}_cases",
        file_name=f"{kind}.csv",
        linked=True,
        columns=shown,
    )
    if cases.count > len(cases.first):
        st.caption(f"The first {len(cases.first)} of {cases.count}.")


def _line(case: WaitingCase) -> dict[str, Any]:
    amount = "" if case.amount_cents is None else money(case.amount_cents, case.currency or "usd")
    return {**vars(case), "amount": amount, "detail": sentence_case(case.detail or "")}
