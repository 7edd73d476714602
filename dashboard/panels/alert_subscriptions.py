"""Subscriptions to usage and payment alerts: the last message of each, and the forms that add and stop one."""

from uuid import UUID

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.kit import forms, tables, template
from dashboard.text import plain
from ledger.notify import ALERT_KINDS, CHANNELS, AlertSubscription, list_subscriptions

KINDS = {"usage": "Usage", "payment": "Payment"}


def show_subscriptions(db: Connection) -> None:
    """Draw the active subscriptions with the result of their last message."""
    template.section("Alert subscriptions")
    st.caption(
        "Usage alerts: 80, 90 and 100% of minutes used, plan minutes used up, limit hit. Payment alerts: opened and "
        "closed. Each subscription gets one message a minute at most. Alerts on metrics are set on each metric."
    )
    rows = list_subscriptions(db)
    tables.show(
        tables.from_rows(rows, ("target", "created_at", "created_by", "sent_at", "undelivered")).assign(
            kind=[KINDS[each.kind] for each in rows],
            channel=[_label(each.channel) for each in rows],
            result=[result(each) for each in rows],
        ),
        key="alert_subscriptions",
        file_name="alert-subscriptions.csv",
        empty="Nobody is notified of usage or payment alerts. Add a subscription to send them.",
        columns={
            "kind": tables.text("Alerts"),
            "channel": tables.text("Channel"),
            "target": tables.text("Address"),
            "sent_at": tables.when("Last message"),
            "result": tables.text("Result"),
            "undelivered": tables.whole("Not delivered"),
            "created_at": tables.when("Added"),
            "created_by": tables.text("Added by"),
        },
    )


def result(subscription: AlertSubscription) -> str:
    """Return the result of the last message of a subscription."""
    if subscription.sent_at is None:
        return "Nothing sent yet"
    if subscription.delivered_at:
        return "Delivered"
    return f"Not delivered: {subscription.error}" if subscription.error else "Waiting"


def change_subscriptions(db: Connection) -> None:
    """Draw the forms that add and stop a subscription; the secret of a new webhook is shown once."""
    forms.show_secret("subscription")
    add, end = st.columns(2, gap="large")
    with add, st.form("subscription_form", border=True):
        st.markdown("**Add alert subscription**")
        st.selectbox("Alerts", ALERT_KINDS, key="subscription_kind", format_func=lambda kind: KINDS[kind])
        st.selectbox("Notify by", list(CHANNELS), key="subscription_channel", format_func=_label)
        forms.text_field("E-mail or HTTPS address", key="subscription_target", max_chars=2_000)
        st.form_submit_button(
            "Add subscription",
            key="subscription_submit",
            on_click=save,
            args=(forms.key_of("subscription"),),
        )
    known = {each.alert_id: f"{KINDS[each.kind]}: {each.target}" for each in list_subscriptions(db)}
    if not known:
        return
    with end, st.form("subscription_end", border=True):
        st.markdown("**Stop alert subscription**")
        forms.pick("Subscription", known, key="subscription_id")
        st.form_submit_button("Stop subscription", key="subscription_stop", on_click=ask_to_stop)
    with end:
        forms.confirmation(
            "stop subscription",
            lambda each: f"{plain(known.get(each, ''))} gets no more alerts.",
            stop,
            yes="Stop subscription",
        )


def save(key: str) -> None:
    """Add the subscription of the form."""
    state, operator = st.session_state, operator_or_nobody()
    kind, channel = state["subscription_kind"], state["subscription_channel"]
    target = state["subscription_target"] or ""
    forms.carry_out(
        "subscription",
        lambda: actions.add_alert_subscription(operator, kind, channel, target, key=key),
        clear=("subscription_target",),
        fields=dict.fromkeys(("invalid_alert", "invalid_email", "invalid_endpoint"), "subscription_target"),
    )


def ask_to_stop() -> None:
    """Confirm first: nobody else may notice that alerts end."""
    forms.ask_to_confirm("stop subscription", st.session_state["subscription_id"])


def stop(alert_id: UUID) -> None:
    """Stop the subscription."""
    operator, key = operator_or_nobody(), forms.key_of("stop subscription")
    forms.carry_out("stop subscription", lambda: actions.stop_alert_subscription(operator, alert_id, key=key))


def _label(channel: str) -> str:
    return CHANNELS[channel].label if channel in CHANNELS else channel
