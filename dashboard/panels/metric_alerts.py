"""Alerts on a metric: which there are, when they fired, and the form for a new one."""

from uuid import UUID, uuid4

import streamlit as st
from sqlalchemy import Connection

from dashboard.access import Operator, operator_or_nobody
from dashboard.actions.marking import alert_on_metric, may_use_webhooks, stop_alert
from dashboard.kit import forms, tiles
from dashboard.kit.filters import Filters
from dashboard.panels.units import EnteredUnit, unit_of
from dashboard.text import counted, moment, plain, problem
from ledger.errors import LedgerError
from ledger.metrics import METRICS
from ledger.notify import CHANNELS, DIRECTIONS, MetricAlert, alert_history, list_metric_alerts


def panel(db: Connection, operator: Operator, filters: Filters, slug: str) -> None:
    """Draw the alerts of a metric with what they did lately, and the form for a new one."""
    unit = unit_of(db, slug)
    for alert in list_metric_alerts(db):
        if alert.metric == slug:
            _line(db, alert, unit)
    _form(operator, filters, slug, unit)


def _line(db: Connection, alert: MetricAlert, unit: EnteredUnit) -> None:
    state = "beyond the threshold now" if alert.beyond else "quiet"
    st.markdown(
        f"**{alert.direction.capitalize()} {plain(unit.shown(alert.threshold))}** · "
        f"{counted(alert.days, 'last day', 'last {n} days')} · {plain(alert.source)} · {plain(alert.target)} · {state}"
    )
    for firing in alert_history(db, alert.alert_id, limit=5):
        sent = "sent" if firing.delivered_at else f"not sent: {plain(firing.error or '–')}"
        verb = "crossed" if firing.beyond else "recovered"
        value = plain(tiles.number(firing.value, unit.unit, firing.currency or None, exact=True))
        st.caption(f"{moment(firing.at)} · {verb} · {value} · {sent}")
    st.button("Stop", key=f"stop_{alert.alert_id}", type="tertiary", on_click=_stop, args=[alert.alert_id])


def _stop(alert_id: UUID) -> None:
    """Stop the alert whose button was pressed."""
    forms.carry_out("stop alert", lambda: stop_alert(operator_or_nobody(), alert_id))


def _channel(operator: Operator) -> str:
    """Return the chosen channel; those that make this server call an address take the right to manage API keys."""
    names = [name for name, one in CHANNELS.items() if not one.calls_out or may_use_webhooks(operator)]
    return str(st.selectbox("Notify by", names, format_func=lambda name: CHANNELS[name].label, width=120))


def _form(operator: Operator, filters: Filters, slug: str, unit: EnteredUnit) -> None:
    st.session_state.setdefault("alert_id", uuid4())
    if METRICS[slug].estimate not in ("ratio", "mean", "sum"):
        st.caption("Alerts aren't available for this metric: it takes too long to compute.")
        return
    with st.form("alert", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.number_input("Window (days)", 1, 730, 30, width=150)
        direction = st.selectbox("Condition", DIRECTIONS, width=120)
        threshold = st.number_input(f"Threshold ({unit.name})", value=20.0, width=220)
        channel = _channel(operator)
        target = st.text_input("E-mail or HTTPS address", max_chars=2000, width=260)
        if st.form_submit_button("Add alert"):
            try:
                done = alert_on_metric(
                    operator,
                    st.session_state.alert_id,
                    slug,
                    source=filters.source,
                    days=int(days),
                    direction=str(direction),
                    threshold=unit.stored(threshold),
                    channel=channel,
                    target=target.strip(),
                )
            except LedgerError as error:
                st.error(problem(error))
            else:
                st.session_state.pop("alert_id")
                st.success(done.sentence)
                if "secret" in done.details:
                    forms.draw_secret(done.details["secret"])
