"""Moving in: the ledger beside Stripe and the old system, and the steps that make them agree."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation
from dashboard.access import operator_or_nobody
from dashboard.clock import present
from dashboard.installation import current
from dashboard.kit import forms, tables, template
from dashboard.text import counted, decimal, moment, money, plain, problem, unlinked
from ledger.errors import LedgerError
from ledger.payments import link_lists, moving_in, old_system

BYTES_AT_MOST = 5_000_000


def answer(report: moving_in.MoveInComparison | None) -> str:
    """Return whether the ledger agrees with Stripe and the old system, in one sentence."""
    if report is None:
        return "**Not compared yet**: map prices on the Catalogue page, link customers, then compare."
    if report.went_live_by:
        return f"**Live since this comparison**, started by {unlinked(plain(report.went_live_by))}."
    if report.may_go_live:
        equal = counted(
            report.equal, "{n} subscription or balance matches", "{n} subscriptions and balances match"
        )
        return f"**No differences**: {equal}. Go live."
    to_resolve = counted(report.open, "{n} difference", "{n} differences")
    minutes = counted(report.unexplained_minutes, "{n} minute", "{n} minutes")
    return f"**{to_resolve} to resolve**, {minutes} unexplained."


def overview(db: Connection) -> None:
    """Draw the answer, the figures of the latest comparison, and the button that goes live."""
    report = next(iter(moving_in.list_comparisons(db, limit=1)), None)
    agreed = report is not None and bool(report.went_live_by or report.may_go_live)
    template.answer(answer(report), tone="good" if agreed else "attention" if report else "neutral")
    if report is None:
        st.caption("A trial writes nothing to Stripe, and a read-only key is enough.")
        return
    with template.tile_row():
        st.metric("Equal", decimal(report.equal), border=True)
        st.metric("To resolve", decimal(report.open), border=True)
        st.metric("Unexplained minutes", decimal(report.unexplained_minutes), border=True)
        st.metric("Unexplained money", unexplained_money(report), border=True)
    st.caption(
        f"{_capital(report.source)}, compared {moment(report.compared_at)} by {unlinked(plain(report.actor))}"
    )
    if report.may_go_live and not report.went_live_by:
        st.button("Go live", type="primary", key="go_live", on_click=go_live, args=(report.comparison_id,))


def unexplained_money(report: moving_in.MoveInComparison) -> str:
    """Return the unexplained money in each of its currencies."""
    sums = [money(cents, currency) for currency, cents in report.unexplained_by_currency.items()]
    return " + ".join(sums) or decimal(0)


def comparison(db: Connection) -> None:
    """Draw each difference with its cause, and the button that compares again."""
    st.button("Compare now", key="compare", on_click=compare)
    reports = moving_in.list_comparisons(db, limit=1)
    differences = [dict(row) for row in reports[0].differences] if reports else []
    shown = ("workspace_id", "cause", "new_invoices", "new_minutes", "difference", "status", "subscription")
    tables.show(
        _readable(pd.DataFrame(differences, columns=shown)),
        key="move_in_differences",
        empty="No differences." if reports else "Compare to see what differs.",
        file_name="differences.csv",
        columns={
            "workspace_id": tables.text("Workspace"),
            "cause": tables.text("Cause"),
            "new_invoices": tables.whole("Invoices to book"),
            "new_minutes": tables.whole("Minutes to book"),
            "difference": tables.whole("Minutes off"),
            "status": tables.text("At Stripe"),
            "subscription": tables.text("Subscription"),
        },
    )


def links() -> None:
    """Draw the check of a list of links, line by line, and the button that links it."""
    st.caption(
        "CSV with the header workspace_id, customer_id, subscription_id, starts_at. Cells may be empty."
    )
    text = _text("links")
    if not text.strip():
        return
    rows = link_lists.read_links(text)
    with installation.writing() as db:
        checked = link_lists.apply_links(db, rows, actor=operator_or_nobody().actor, at=present())
        db.rollback()
    good = sum(row.problem is None for row in checked)
    first = next((row for row in checked if row.problem), None)
    if first:
        refused = counted(len(checked) - good, "{n} line can't be linked", "{n} lines can't be linked")
        st.warning(f"{refused}. Line {first.line}: {plain(first.problem or '')}")
    tables.show(
        pd.DataFrame([asdict(row) for row in sorted(checked, key=lambda row: row.problem is None)]),
        key="links_checked",
        file_name="links_checked.csv",
        columns={
            "line": tables.whole("Line", width="small"),
            "workspace_id": tables.text("Workspace"),
            "customer_id": tables.text("Customer"),
            "subscription_id": tables.text("Subscription"),
            "problem": tables.text("Problem"),
        },
    )
    st.button(
        counted(good, "Link {n} line", "Link {n} lines"),
        type="primary",
        key="link_all",
        disabled=not good,
        on_click=link_all,
        args=(rows,),
    )


def first_sync() -> None:
    """Draw what a sync of every subscription would do, and the button that does it."""
    with st.container(horizontal=True):
        wanted = st.button("Show dry run", key="dry_run_sync")
        st.button("Sync now", type="primary", key="sync_now", on_click=synchronise)
    if not wanted:
        return
    with installation.reading() as db:
        previews = list(moving_in.preview_subscriptions(db, current().gateway(), at=present()))
    if previews:
        st.write(dry_run(previews))
    shown = ("workspace_id", "cause", "new_invoices", "new_minutes", "plan", "status", "subscription")
    tables.show(
        _readable(pd.DataFrame([asdict(each) for each in previews], columns=shown)),
        key="sync_preview",
        empty="This account has no subscriptions.",
        file_name="first_sync.csv",
        columns={
            "workspace_id": tables.text("Workspace"),
            "cause": tables.text("Why"),
            "new_invoices": tables.whole("Invoices to book"),
            "new_minutes": tables.whole("Minutes to book"),
            "plan": tables.text("Plan"),
            "status": tables.text("At Stripe"),
            "subscription": tables.text("Subscription"),
        },
    )


def dry_run(previews: Sequence[moving_in.SubscriptionPreview]) -> str:
    """Return what a sync would do, in one sentence."""
    invoices = counted(sum(each.new_invoices for each in previews), "{n} invoice", "{n} invoices")
    added = counted(sum(each.new_minutes for each in previews), "{n} minute", "{n} minutes")
    read = decimal(len(previews))
    return (
        f"A sync would book {invoices} and add **{added}**. Subscriptions read: {read}. Nothing was changed."
    )


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with sentences and states that begin with a capital letter."""
    texts = [name for name in ("cause", "status", "plan") if name in frame]
    return frame.assign(**{name: frame[name].map(_capital) for name in texts})


def _capital(text: object) -> str:
    words = text if isinstance(text, str) else ""
    words = words if " " in words else words.replace("_", " ")  # a sentence may name ids
    return words[:1].upper() + words[1:]


def old_balances() -> None:
    """Draw the form for the balances of the old system, for the comparison."""
    st.caption("CSV with the header workspace_id, minutes: all minutes that a workspace has left.")
    text = _text("old")
    if not text:
        return
    try:
        minutes = old_system.read_balances(text)
    except LedgerError as error:
        st.error(problem(error))
        return
    st.button(
        counted(len(minutes), "Save {n} balance", "Save {n} balances"),
        key="save_old",
        disabled=not minutes,
        on_click=save_old,
        args=(minutes,),
    )


def link_all(rows: list[link_lists.LinkRow]) -> None:
    """Link the lines of the list."""
    act = partial(actions.link_list, operator_or_nobody(), rows)
    forms.carry_out("links", lambda: act(key=forms.key_of("links")))


def save_old(minutes: dict[str, int]) -> None:
    """Save the balances of the old system."""
    act = partial(actions.save_old_balances, operator_or_nobody(), minutes)
    forms.carry_out("old", lambda: act(key=forms.key_of("old")))


def compare() -> None:
    """Compare the ledger with Stripe and the old system."""
    act = partial(actions.compare_move_in, operator_or_nobody())
    forms.carry_out("compare", lambda: act(key=forms.key_of("compare")))


def synchronise() -> None:
    """Sync every subscription."""
    act = partial(actions.sync_subscriptions, operator_or_nobody())
    forms.carry_out("sync", lambda: act(key=forms.key_of("sync")))


def go_live(comparison_id: int) -> None:
    """End the trial."""
    act = partial(actions.go_live, operator_or_nobody(), comparison_id)
    forms.carry_out("live", lambda: act(key=forms.key_of("live")))


def _text(name: str) -> str:
    uploaded = st.file_uploader("List (CSV)", type=["csv", "txt"], key=f"{name}_file")
    pasted = st.text_area("Or paste it", key=f"{name}_text", height=140, max_chars=BYTES_AT_MOST)
    return uploaded.getvalue().decode("utf-8-sig", errors="replace") if uploaded else (pasted or "")
