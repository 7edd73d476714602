"""Power and secrets in the audit log: a line for the request, one for the decision, and no secret in any."""

from dataclasses import replace
from uuid import UUID

import pytest

import ledger
from dashboard.clock import present
from ledger.desk.staff import Limits
from ledger.notify import list_endpoints, list_subscriptions
from ledger.notify.reports import ReportSubscription
from tests.audited_desk import ADA, ANY, BEN, VIC, Desk, says

URL = "https://hooks.example.com/a"


def test_a_person_with_little_power_needs_one_line_and_one_with_much_needs_two(desk: Desk) -> None:
    desk.plays(ADA, "add_staff", "vic@example.com", role="viewer", key="1", line="add_staff")
    says(desk.last(), sides=({}, {"role": "viewer"}), workspace_id=None)
    request = desk.plays(ADA, "add_staff", "eve@example.com", role="admin", key="2", line="ask_staff")
    desk.plays(BEN, "decide", request.waits_for, accepted=True, again=False, line="approve_staff")
    says(desk.last(), sides=({}, {"role": "admin"}), workspace_id=None, reason="eve@example.com as admin")
    desk.plays(ADA, "disable_staff", "vic@example.com", key="3", line="disable_staff")
    says(desk.last(), sides=({"role": "viewer"}, {"disabled_at": ANY}), workspace_id=None)


def test_limits_are_written_down_before_and_after(desk: Desk) -> None:
    was, low = Limits("support", 300, 1500, 6000, 30_000), Limits("support", 1, 2, 3, 4)
    desk.plays(ADA, "set_limits", low, key="1", line="set_limits")
    says(desk.last(), sides=(vars(was), vars(low)), workspace_id=None)


@pytest.mark.parametrize("limit", range(4))
def test_one_limit_that_rises_needs_a_second_person(desk: Desk, limit: int) -> None:
    was = Limits("support", 300, 1500, 6000, 30_000)
    values = [
        value + (1 if number == limit else -1) for number, value in enumerate((300, 1500, 6000, 30_000))
    ]
    high = Limits("support", *values)
    request = desk.plays(ADA, "set_limits", high, key="1", line="ask_limits")
    desk.plays(BEN, "decide", request.waits_for, accepted=True, again=False, line="approve_limits")
    says(desk.last(), sides=(vars(was), vars(high)), workspace_id=None, reason="Higher limits of support")


def test_a_key_has_lines_from_its_making_to_its_end(desk: Desk) -> None:
    desk.plays(ADA, "create_key", "reads", ["balance:read"], key="1", line="create_key")
    key_id = str(desk.last().subject)
    desk.plays(ADA, "limit_key", key_id, 60, key="2", line="limit_key")
    says(desk.last(), sides=({"requests_per_minute": None}, {"requests_per_minute": 60}), workspace_id=None)
    desk.plays(ADA, "revoke_key", key_id, key="3", line="revoke_key")
    assert desk.last().subject == key_id

    for key, accepted, line in (("4", True, "approve_api_key"), ("5", False, "reject")):
        request = desk.plays(ADA, "create_key", "writes", ["usage:write"], key=key, line="ask_api_key")
        desk.plays(BEN, "decide", request.waits_for, accepted=accepted, reason="r", again=False, line=line)

    decided = desk.shop.rows("SELECT approved_by, revoked_by FROM api_keys WHERE name = 'writes'")
    assert {tuple(row.values()) for row in decided} == {("ben@example.com", None), (None, "ben@example.com")}
    desk.has_written_no_secret(shown=3)


def test_an_endpoint_has_lines_from_its_request_to_its_end(desk: Desk) -> None:
    about = (URL, ["minutes.credited"])
    request = desk.plays(ADA, "add_webhook_endpoint", *about, key="1", line="ask_webhook_endpoint")
    desk.plays(BEN, "decide", request.waits_for, accepted=True, again=False, line="approve_webhook_endpoint")
    rejected = desk.plays(ADA, "add_webhook_endpoint", *about, key="2", line="ask_webhook_endpoint")
    desk.plays(BEN, "decide", rejected.waits_for, accepted=False, again=False, line="reject")
    with ledger.reading(desk.shop.engine) as db:
        (endpoint,) = list_endpoints(db)
    desk.plays(ADA, "grant_minutes", "acme", 5, reason="r", key="3", line="grant")
    (event,) = desk.shop.rows("SELECT event_no FROM outgoing_events")

    at = endpoint.endpoint_id
    desk.plays(ADA, "replay_webhook_event", at, event["event_no"], key="4", line="replay_webhook_event")
    desk.plays(ADA, "rotate_webhook_secret", at, key="5", line="rotate_webhook_secret")
    desk.plays(ADA, "delete_webhook_endpoint", at, key="6", line="delete_webhook_endpoint")
    says(desk.last(), sides=({"url": URL}, {}), workspace_id=None)
    desk.has_written_no_secret(shown=3)


def test_alerts_reports_and_sessions_have_lines(desk: Desk) -> None:
    outside = ("payment", "webhook", URL)
    request = desk.plays(ADA, "add_alert_subscription", *outside, key="1", line="ask_alert_subscription")
    own = ("payment", "email", ADA.actor)
    desk.plays(ADA, "add_alert_subscription", *own, key="2", line="add_alert_subscription")
    alert_id = UUID(str(desk.last().subject))
    approved = {"accepted": True, "again": False, "line": "approve_alert_subscription"}
    desk.plays(BEN, "decide", request.waits_for, **approved)
    desk.plays(ADA, "stop_alert_subscription", alert_id, key="3", line="stop_alert_subscription")
    with ledger.reading(desk.shop.engine) as db:
        assert [each.target for each in list_subscriptions(db)] == [URL]
    sent = {"source": "live", "channel": "webhook", "target": URL}
    within = {"source": "live", "channel": "email", "target": ADA.actor}
    metric = {"days": 7, "direction": "above", "threshold": 1.0}
    about = (UUID(int=1), "conversion")
    desk.plays(ADA, "alert_on_metric", *about, **metric, **within, line="alert_on_metric")
    desk.plays(ADA, "stop_alert", UUID(int=1), again=False, line="stop_alert")
    about = (UUID(int=3), "conversion")
    desk.plays(ADA, "alert_on_metric", *about, **metric, **sent, line="ask_alert_subscription")
    by = {"secret": None, "created_by": ADA.actor, "created_at": present()}
    report = ReportSubscription(alert_id=UUID(int=2), page="overview", query="", every="week", **within, **by)
    desk.plays(ADA, "add_report", report, line="add_report")
    desk.plays(ADA, "stop_report_of", UUID(int=2), line="stop_report")
    outside_report = replace(report, alert_id=UUID(int=4), channel="webhook", target=URL)
    desk.plays(ADA, "add_report", outside_report, line="ask_alert_subscription")
    desk.plays(VIC, "sign_out_everywhere", key="4", line="sign_out_everywhere")
    desk.plays(ADA, "end_sessions", "vic@example.com", key="5", line="end_sessions")
    desk.has_written_no_secret(shown=3)
