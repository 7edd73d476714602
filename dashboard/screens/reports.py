"""Reports that come by themselves: a page in words, with the same sentence and numbers, subscribed with its filters."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import now, present
from dashboard.kit import forms, narrowing, report, tiles
from dashboard.kit.changes import MetricChange
from dashboard.kit.figures import Figures
from dashboard.kit.filters import SOURCE_NAMES, Filters, carried, currencies_to_choose
from dashboard.kit.labels import label
from dashboard.kit.periods import Period, comparison
from dashboard.screens import conversion, liability, overview, packages, retention
from dashboard.text import days, plain
from ledger.metrics import Measure, rollup_state
from ledger.notify import (
    CHANNELS,
    REPORT_EVERY,
    Report,
    ReportSubscription,
    last_period,
    list_reports,
)

NAMES = {"week": "Every week", "month": "Every month"}
NOT_CARRIED = ("period", "from", "to", "compare", "source", "at")
"""Filters that a report has of its own."""


@dataclass(frozen=True)
class ReportPage:
    """A page as a report: its answer, and its metrics."""

    title: str
    slugs: Sequence[str]
    sentence: Callable[[Figures], str]


PAGES = {
    "overview": ReportPage("Overview", (*overview.CHARTED, *overview.SUPPORTING), overview.sentence),
    "conversion": ReportPage("Conversion", conversion.SLUGS, conversion.sentence),
    "packages": ReportPage("Packages", packages.SLUGS, packages.sentence),
    "retention": ReportPage("Retention", (), retention.sentence),
    "liability": ReportPage("Liability", liability.SLUGS, liability.sentence),
}
"""Pages that can be subscribed to."""


def compose(subscription: ReportSubscription, period: tuple[date, date], at: datetime) -> Report:
    """Return the report of a page over the days [first, last): its answer, its numbers, changes beyond noise."""
    page = PAGES[subscription.page]
    with installation.reading_copy() as db:
        figures = Figures(db, filters_of(db, subscription, period, at))
        sentence = unmarked(page.sentence(figures))
        numbers = [number(figures.of(slug), figures.change(slug)) for slug in page.slugs]
        pdf = report.page_pdf(figures, page.title, page.slugs, sentence=sentence)
    span = days(period[0], period[1] - timedelta(days=1))
    heading = f"{page.title}, {span} ({', '.join(_narrowing(figures.filters))})"
    lines = [heading, "", sentence, "", *numbers, "", *_links(subscription, period)]
    return Report(
        subject=f"{page.title}, {span}: {sentence}",
        text="\n".join(lines).strip(),
        data={"page": subscription.page, "first": str(period[0]), "last": str(period[1]), "answer": sentence},
        attachments={f"{subscription.page}-{period[0]}-{period[1] - timedelta(days=1)}.pdf": pdf},
    )


def filters_of(
    db: Connection, subscription: ReportSubscription, days_of: tuple[date, date], at: datetime
) -> Filters:
    """Return the filters of a subscription over its period, compared with the one before."""
    state = rollup_state(db)
    given = dict(parse_qsl(subscription.query))
    today = at.astimezone(ZoneInfo(state.timezone)).date()
    period = Period(*days_of, today, state.timezone)
    return Filters(
        period,
        comparison(period, "previous"),
        subscription.source,
        given.get("plan"),
        given.get("segment"),
        at,
        state,
        narrowing.attributes(given),
        _currency(currencies_to_choose(db, subscription.source, state, at), given.get("currency", "")),
    )


def _currency(known: Sequence[str], given: str) -> str | None:
    """Return the currency of a report's amounts: the subscribed one, else that of most payments."""
    return given if given in known else next(iter(known), None)


def number(result: Measure, change: MetricChange | None) -> str:
    """Return a line with a number, what it rests on, and how it moved where that is more than chance."""
    rests_on = tiles.muted(result)
    moved = f", {change.shown} against {change.days}" if change and change.sure else ""
    return f"{label(result.slug)}: {tiles.shown(result)}{f' ({rests_on})' if rests_on else ''}{moved}"


def unmarked(sentence: str) -> str:
    """Return a sentence of a page without its markup."""
    return re.sub(r"\\(.)", r"\1", sentence.replace("**", "")).replace("\u2060", "")


def _narrowing(filters: Filters) -> list[str]:
    currency = filters.currency and filters.currency.upper()
    chosen = (
        filters.plan,
        filters.billing_cycle,
        *(": ".join(each) for each in filters.attributes),
        currency,
    )
    return [SOURCE_NAMES.get(filters.source, filters.source), *(each for each in chosen if each)]


def _links(subscription: ReportSubscription, period: tuple[date, date]) -> list[str]:
    """Return the address of the page with these days and filters, and how to unsubscribe."""
    public = installation.settings().public_url
    own = {"period": "own", "from": str(period[0]), "to": str(period[1] - timedelta(days=1))}
    query = urlencode(dict(parse_qsl(subscription.query)) | own | {"source": subscription.source})
    there = [f"{public.rstrip('/')}/{subscription.page}?{query}"] if public else []
    return [
        *there,
        f"To unsubscribe, stop this report under Reports on the {PAGES[subscription.page].title} page.",
    ]


def bar(db: Connection, operator: Operator, page: str, filters: Filters) -> None:
    """Draw one's reports of a page, and the form that subscribes to it with the filters of the address."""
    forms.show_secret("report")
    box = st.popover("Reports", icon=":material/schedule_send:", key="reports", on_change="rerun")
    if not box.open:
        return
    with box:
        for each in (each for each in list_reports(db, created_by=operator.actor) if each.page == page):
            st.markdown(f"**{NAMES[each.every]}** to {plain(each.target)} · {state_of(each)}")
            with st.container(horizontal=True):
                st.button("Send a test", key=f"test_{each.alert_id}", on_click=_test, args=[each])
                st.button("Stop", key=f"stop_{each.alert_id}", on_click=_stop, args=[each.alert_id])
        st.segmented_control(
            "How often", REPORT_EVERY, key="report_every", default="week", format_func=NAMES.__getitem__
        )
        st.selectbox(
            "Send by", list(CHANNELS), key="report_channel", format_func=lambda each: CHANNELS[each].label
        )
        st.text_input("E-mail or HTTPS address", key="report_target", max_chars=2_000)
        about = (page, filters.source, urlencode(_filters_of_address()))
        with st.container(horizontal=True):
            st.button("Subscribe", key="report_submit", type="primary", on_click=_save, args=about)
            previewed = st.button("Preview", key="report_preview")
        if previewed:
            st.code(_written(_draft(operator, *about)).text, language=None, wrap_lines=True)


def state_of(subscription: ReportSubscription) -> str:
    """Return what became of the last report."""
    if subscription.sent_at is None:
        return "first report after the end of this period"
    if subscription.error:
        return f"not delivered: {plain(subscription.error)}"
    return "delivered" if subscription.delivered_at else "on its way"


def _filters_of_address() -> dict[str, str]:
    return {key: value for key, value in carried().items() if key not in NOT_CARRIED}


def _draft(operator: Operator, page: str, source: str, query: str) -> ReportSubscription:
    """Return the subscription that the form describes now."""
    state = st.session_state
    return ReportSubscription(
        alert_id=UUID(forms.key_of("report")),
        source=source,
        page=page,
        query=query,
        every=state.get("report_every") or "week",
        channel=state.get("report_channel") or "email",
        target=(state.get("report_target") or "").strip(),
        secret=None,
        created_by=operator.actor,
        created_at=present(),
    )


def _written(subscription: ReportSubscription) -> Report:
    """Return the report of the last whole period."""
    at = now()
    with installation.reading() as db:
        zone = ZoneInfo(rollup_state(db).timezone)
    return compose(subscription, last_period(subscription.every, at.astimezone(zone).date()), at)


def _save(page: str, source: str, query: str) -> None:
    operator = operator_or_nobody()
    drafted = _draft(operator, page, source, query)
    forms.carry_out("report", lambda: actions.add_report(operator, drafted), clear=("report_target",))


def _test(subscription: ReportSubscription) -> None:
    key = forms.key_of("test report")
    forms.carry_out(
        "test report",
        lambda: actions.send_test_report(operator_or_nobody(), subscription, _written(subscription), key=key),
    )


def _stop(alert_id: UUID) -> None:
    forms.carry_out("stop report", lambda: actions.stop_report_of(operator_or_nobody(), alert_id))
