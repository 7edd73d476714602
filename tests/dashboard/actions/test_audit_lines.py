"""Every action of staff leaves exactly one audit line: right actor, right sign, before and after, and no secret."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import ledger
from dashboard.__main__ import load_modules
from dashboard.actions import ACTIONS, NewPackage
from dashboard.actions.grants import request_uuid
from dashboard.clock import present
from ledger.desk import staff
from ledger.desk.bulk_grants import GrantRequest
from ledger.desk.staff import Limits
from ledger.payments.alerts import list_alerts, raise_alert
from ledger.payments.link_lists import LinkRow
from tests.audited_desk import ADA, ANY, SAM, Desk, says

WITHOUT_A_LINE = {
    "open_workspace": "a visit, in a table of its own",
    "pin_workspace": "of the operator alone",
    "save_view": "of the operator alone",
    "drop_view": "of the operator alone",
    "confirm_purchase": "asks Stripe what an event reports",
    "take_turn": "a step of a run whose beginning has a line",
    "buy_as_copy": "a step of a run whose beginning has a line",
    "end_cohort": "the end of a run whose beginning has a line",
}
ELSEWHERE = {
    "create_billing_link": "tests/pages/test_billing.py",
    "send_test_report": "tests/pages/test_reports.py",
}
"""Actions whose line the test of their page reads."""


def totals(before: int, after: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return both sides of a line about minutes of acme, which has 200 plan minutes."""
    return tuple(
        {"plan_minutes": 200, "extra_minutes": total - 200, "total_minutes": total}
        for total in (before, after)
    )  # type: ignore[return-value]


def test_minutes_have_their_sign_their_reason_and_both_sides(desk: Desk) -> None:
    desk.plays(SAM, "grant_minutes", "acme", 60, reason="outage", key="g1", line="grant")
    says(desk.last(), minutes=60, sides=totals(200, 260), reason="outage")
    lot_id = _lot(desk)

    desk.plays(SAM, "void_minutes", "acme", lot_id, 10, reason="mistake", key="v1", line="void")
    says(desk.last(), minutes=10, sides=totals(260, 250), reason="mistake")

    request = desk.plays(SAM, "grant_minutes", "acme", 301, reason="a week", key="g2", line="ask_grant")
    says(desk.last(), minutes=301, reason="a week")
    desk.plays(ADA, "decide", request.waits_for, accepted=True, again=False, line="approve_grant")
    says(desk.last(), minutes=301, sides=totals(250, 551), reason="a week")
    assert "sam@example.com" in str(desk.last().subject)
    assert _actors_of_grants(desk) == ["sam@example.com", "sam@example.com"]

    request = desk.plays(SAM, "grant_minutes", "acme", 302, reason="more", key="g3", line="ask_grant")
    desk.plays(
        ADA, "decide", request.waits_for, accepted=False, reason="too much", again=False, line="reject"
    )
    says(desk.last(), minutes=302, amount_cents=0, reason="too much")
    assert desk.last().subject == "grant requested by sam@example.com"


def test_a_refund_has_its_currency_its_minutes_and_both_sides(desk: Desk) -> None:
    small = desk.shop.bought("small")
    about = ("acme", small.purchase_id, small.amount_cents)

    desk.plays(SAM, "refund_purchase", *about, reason="r", key="1", line="refund")

    line, sides = desk.last(), totals(200 + small.minutes, 200)
    usd = {"currency": "usd"}
    says(line, minutes=-small.minutes, amount_cents=small.amount_cents, reason="r", sides=(ANY, ANY))
    assert (line.before, line.after) == tuple(side | usd for side in sides)


def test_a_refund_above_the_limit_has_a_line_for_the_request_and_one_for_the_decision(desk: Desk) -> None:
    medium, large = (desk.shop.bought(package) for package in ("medium", "large"))
    with ledger.writing(desk.shop.engine) as db:
        staff.set_limits(db, Limits("support", 300, 1500, 1, 30_000))
    usd = {"currency": "usd"}

    about = ("acme", medium.purchase_id, medium.amount_cents)
    request = desk.plays(SAM, "refund_purchase", *about, reason="all", key="1", line="ask_refund")
    says(desk.last(), amount_cents=medium.amount_cents, reason="all", sides=({}, usd))
    desk.plays(ADA, "decide", request.waits_for, accepted=True, again=False, line="approve_refund")
    line = desk.last()
    says(line, minutes=-medium.minutes, amount_cents=medium.amount_cents, reason="all", sides=(ANY, ANY))
    assert line.before["total_minutes"] - line.after["total_minutes"] == medium.minutes

    request = desk.plays(
        SAM, "refund_purchase", "acme", large.purchase_id, 100, reason="r", key="2", line="ask_refund"
    )
    desk.plays(ADA, "decide", request.waits_for, accepted=False, reason="no", again=False, line="reject")
    says(desk.last(), minutes=0, amount_cents=100, reason="no", sides=({}, usd))


def test_simulated_payments_have_a_line_each(desk: Desk) -> None:
    failed = desk.shop.bought("small", "pm_card_chargeDeclined")
    paid = desk.shop.bought("small")
    visa = {"payment_method": "pm_card_visa"}
    named = ("acme", "small")
    desk.plays(ADA, "simulate_purchase", *named, **visa, fault=None, key="1", line="simulate_purchase")
    page = {"dashboard": "http://localhost", "key": "2"}
    desk.plays(ADA, "simulate_checkout", *named, **page, line="simulate_purchase")
    desk.plays(ADA, "try_again", "acme", failed.purchase_id, **visa, key="3", line="simulate")
    desk.plays(ADA, "play", "acme", paid.purchase_id, "dispute", key="4", again=False, line="simulate")


def test_auto_top_up_is_written_down_before_and_after(desk: Desk) -> None:
    on = {"package": "small", "trigger": 80, "monthly_limit_cents": 9_900, "enabled": True}
    off = on | {"enabled": False}
    desk.plays(ADA, "save_auto_top_up", "acme", **on, key="1", line="auto_top_up")
    says(desk.last(), sides=({}, on))
    desk.plays(ADA, "save_auto_top_up", "acme", **off, key="2", line="auto_top_up")
    says(desk.last(), sides=(on, off))


def test_lists_have_a_line_for_the_list_and_one_for_each_row(desk: Desk) -> None:
    rows = [GrantRequest(1, "acme", 30), GrantRequest(2, "nobody", 5)]
    desk.plays(SAM, "start_batch", rows, title="Outage", reason="outage", key="b1", line="start_batch")
    says(desk.last(), minutes=30, reason="outage", sides=({}, ANY), workspace_id=None)
    assert desk.last().after == {"rows": 2, "good_rows": 1, "title": "Outage"}
    batch_id = request_uuid("b1")
    desk.plays(SAM, "apply_row", batch_id, 1, line="batch_grant")
    says(desk.last(), minutes=30, reason="outage", sides=({}, {"lot_id": ANY, "problem": None}))
    desk.plays(SAM, "stop_batch", batch_id, line="stop_batch")
    says(desk.last(), sides=({"granted": 1, "waiting": 0}, {}), workspace_id=None)
    desk.plays(SAM, "undo_row", batch_id, 1, line="batch_undo")
    says(desk.last(), minutes=30, reason="Bulk grant undone: Outage")

    big = [GrantRequest(1, "acme", 5), GrantRequest(2, "other", 301)]
    desk.plays(SAM, "start_batch", big, title="Big", reason="flood", key="b2", line="ask_batch")
    says(desk.last(), minutes=306, reason="flood", sides=({}, ANY), workspace_id=None)
    desk.plays(ADA, "decide", request_uuid("b2"), accepted=True, again=False, line="approve_batch")
    says(desk.last(), minutes=306, reason="flood", workspace_id=None)


def test_notes_attributes_and_marks_have_a_line(desk: Desk) -> None:
    desk.plays(SAM, "add_note", "acme", "likes tea", key="1", line="note")
    says(desk.last(), sides=({}, {"letters": 9}))
    desk.plays(SAM, "remove_note", "acme", request_uuid("1"), line="remove_note")
    says(desk.last(), sides=({"letters": 9}, {}))
    desk.plays(ADA, "set_attributes", "acme", {"seats": 5}, key="2", line="set_attributes")
    says(desk.last(), sides=({}, {"seats": 5}))
    text = "workspace_id,seats\nacme,6\n"
    desk.plays(ADA, "set_attributes_of_list", text, key="3", line="set_attributes_of_list")

    mark = {"kind": "note", "happened_at": present() - timedelta(hours=1)}
    desk.plays(ADA, "annotate_charts", UUID(int=3), "a note", **mark, line="annotate")
    desk.plays(ADA, "withdraw_annotation", UUID(int=3), line="withdraw_annotation")
    desk.plays(ADA, "set_metric_goal", "conversion", 20.0, source="live", again=False, line="set_goal")
    says(desk.last(), sides=({}, {"value": 20.0, "source": "live"}), workspace_id=None)

    desk.plays(ADA, "export_personal_data", "acme", key="4", line="export")
    desk.plays(ADA, "erase_personal_data", "acme", confirmed="acme", reason="request", key="5", line="erase")
    erased = {"identity": 1, "notes": 0, "receipts": 0, "events": 0}
    says(desk.last(), reason="request", sides=({}, erased))


def test_the_catalogue_has_a_line_for_each_change(desk: Desk) -> None:
    gateway = desk.shop.gateway
    new = NewPackage(code="tiny", name="Tiny", minutes=10, amount_cents=199)
    desk.plays(ADA, "publish_package", new, key="1", line="publish_package")
    arm = NewPackage(code="tiny", name="Tiny", minutes=10, amount_cents=299, arm="dear")
    desk.plays(ADA, "publish_package", arm, key="2", line="publish_package")
    says(desk.last(), sides=({}, {"minutes": 10, "amount_cents": 299, "arm": "dear"}), workspace_id=None)
    arms = ("standard", "dear")
    desk.plays(ADA, "start_price_test", "dearer", arms, ends_at=None, key="3", line="start_price_test")
    desk.plays(ADA, "end_price_test", "dearer", key="4", line="end_price_test")
    desk.plays(ADA, "withdraw_package", "tiny", "dear", key="5", line="withdraw_package")
    desk.plays(ADA, "publish_plan_price", "pro", "monthly", 4_900, key="6", line="publish_plan_price")
    product = gateway.create_product("Old", idempotency_key="old").product
    first, second = (
        gateway.create_price(product, cents, "usd", idempotency_key=f"old {cents}", interval="month").price
        for cents in (1_000, 2_000)
    )
    desk.plays(ADA, "map_price", first, "starter", "monthly", key="7", line="map_price")
    desk.plays(ADA, "mark_price_as_other", second, key="8", line="mark_price_as_other")


def test_experiments_and_rehearsals_have_a_line(desk: Desk) -> None:
    load_modules()
    about = {"source": "sandbox", "share_percent": 20, "hits_needed": 10, "reason": "does it help"}
    desk.plays(ADA, "start_hold_out", "h1", **about, key="1", line="start_hold_out")
    desk.plays(ADA, "end_hold_out", "h1", key="2", line="end_hold_out")
    desk.plays(ADA, "begin_cohort", UUID(int=4), {"members": 3}, {"members": []}, line="begin_cohort")
    desk.plays(ADA, "resume_cohort", UUID(int=4), again=False, line="resume_cohort")
    design = ("dearer", ["standard", "dear"], {"days": 42})
    desk.plays(ADA, "save_design", *design, note="", key="3", line="save_price_test")


def test_operation_and_links_have_a_line(desk: Desk) -> None:
    shop = desk.shop
    shop.bought("small")
    events = "SELECT event_id FROM stripe_events WHERE workspace_id = 'acme' AND status = 'done'"
    desk.plays(ADA, "replay_event", shop.rows(events)[0]["event_id"], key="1", line="replay_event")
    desk.plays(ADA, "reconcile_payments", 2, key="2", line="reconcile")
    with ledger.writing(shop.engine) as db:
        raise_alert(db, "second_payment", "pi_x", detail="d", workspace_id="acme", at=present())
        (alert,) = list_alerts(db)
    desk.plays(ADA, "close_alert", alert.alert_id, key="3", line="close_alert")

    ids = {"customer_id": "cus_1", "subscription_id": None, "starts_at": None}
    desk.plays(ADA, "link_stripe", "acme", **ids, key="4", line="link_stripe")
    says(desk.last(), sides=({}, ids))
    row = LinkRow(line=1, workspace_id="other", **ids | {"customer_id": "cus_2"})
    desk.plays(ADA, "link_list", [row], key="5", line="link_list")
    desk.plays(ADA, "sync_subscriptions", key="6", line="sync_subscriptions")


def test_every_action_is_played_here_or_says_where() -> None:
    load_modules()
    here = "".join(file.read_text() for file in Path(__file__).parent.glob("test_audit_lines*.py"))
    played = {name for name in ACTIONS if f'"{name}",' in here}

    assert played | set(WITHOUT_A_LINE) | set(ELSEWHERE) == set(ACTIONS)
    for test in ELSEWHERE.values():
        assert "audit" in Path(test).read_text(), test


def _lot(desk: Desk) -> int:
    with ledger.reading(desk.shop.engine) as db:
        return max(lot.lot_id for lot in ledger.list_lots(db, "acme"))


def _actors_of_grants(desk: Desk) -> list[str]:
    rows = desk.shop.rows(
        "SELECT actor FROM entries WHERE kind = 'grant' AND workspace_id = 'acme' ORDER BY entry_no"
    )
    return [row["actor"] for row in rows]
