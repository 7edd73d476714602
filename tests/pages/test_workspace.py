"""The Workspace page: every tab, minutes that are given once, notes, erasure, and sessions that end in between."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from dashboard.screens.workspace.headline import TABS
from dashboard.text import day
from ledger.database import reading, writing
from ledger.desk import audit, notes, staff
from ledger.notify import create_endpoint
from ledger.notify.events import send_events
from ledger.payments.auto_top_up import set_auto_top_up
from ledger.payments.top_ups import run_top_ups
from tests.pages.visits import hire, visit, words
from tests.receiver import receiving
from tests.shop import open_shop


@pytest.fixture
def acme(engine: Engine) -> str:
    """A workspace with 200 plan minutes, 30 of them used."""
    at = present() - timedelta(days=3)
    with writing(engine) as db:
        ledger.create_workspace(
            db, "acme", name="Acme **Studio**", owner_email="owner@acme.example", actor="test", at=at
        )
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="first", actor="test", at=at)
        ledger.track_minutes(db, "acme", 30, key="call 1", at=at + timedelta(hours=1))
    return "acme"


def _balance(engine: Engine) -> int:
    with reading(engine) as db:
        return ledger.get_balance(db, "acme").total_minutes


def test_the_page_shows_the_balance_and_why_it_is_so(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme)

    assert page.metric[0].value == "170"
    assert "In total: 200 credited − 30 used = 170 left." in page.code[0].value
    assert page.title[0].value == r"Acme \*\*Studio\*\*"


@pytest.mark.parametrize("name", TABS)
def test_every_tab_opens_by_address_and_on_a_workspace_where_nothing_happened(
    engine: Engine, acme: str, name: str
) -> None:
    with writing(engine) as db:
        ledger.create_workspace(db, "new", name="New", owner_email="n@e.example", actor="t", at=present())
    email = hire(engine, "admin")

    for workspace_id in (acme, "new"):
        page = visit(engine, "workspace", email=email, id=workspace_id, tab=name)
        assert not page.exception


def test_a_grant_is_given_and_the_form_is_ready_for_another_one(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, panel="give")
    page.text_input(key="grant_words").set_value("the call dropped")
    key = page.session_state["key of grant"]

    page.button(key="grant_submit").click().run()

    assert "60 minutes granted. The balance is now 230." in words(page)
    assert _balance(engine) == 230
    page.button(key="open_give").click().run()
    assert page.session_state["key of grant"] != key
    assert page.text_input(key="grant_words").value == ""


def test_above_the_limit_the_button_and_the_preview_say_that_it_needs_approval(
    engine: Engine, acme: str
) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, panel="give")
    with reading(engine) as db:
        limit = staff.limits(db)["support"].minutes_per_grant

    page.number_input(key="grant_minutes").set_value(limit).run()
    assert page.button(key="grant_submit").label == "Give minutes"
    assert f"Balance **170** → **{limit + 170:,} min**" in words(page)

    page.number_input(key="grant_minutes").set_value(limit + 1).run()
    page.text_input(key="grant_words").set_value("a lot")
    assert page.button(key="grant_submit").label == "Request approval"
    assert f"Balance **170 now**, {limit + 171:,} if approved: this is above your limit" in words(page)
    page.button(key="grant_submit").click().run()

    assert _balance(engine) == 170
    assert "Approval requested: 301 minutes are above your limit" in words(page)
    assert "waits for approval" not in words(page)  # the panel is closed
    assert "panel" not in page.query_params


@pytest.mark.parametrize("panel", ["give", "refund"])
def test_who_may_not_change_anything_gets_no_panel_by_address(engine: Engine, acme: str, panel: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "pricing"), id=acme, panel=panel)

    assert not page.exception
    assert not [button for button in page.button if button.key in {"grant_submit", "refund_submit"}]


def test_a_blocked_workspace_says_since_when_and_how_many_minutes_were_requested(
    engine: Engine, acme: str
) -> None:
    blocked_at = present() - timedelta(days=1)
    with writing(engine) as db:
        ledger.track_minutes(db, acme, 200, key="all", at=blocked_at)
        ledger.track_minutes(db, acme, 31, key="more", at=blocked_at + timedelta(hours=1))

    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme)

    assert f"**Blocked since {day(blocked_at)}**, requested 61 more minutes." in words(page)
    assert any('class="usage empty large"' in html.proto.body for html in page.get("html"))


def test_the_timeline_holds_bookings_alerts_payments_and_notes(engine: Engine, acme: str) -> None:
    with writing(engine) as db:
        ledger.track_minutes(db, acme, 135, key="call 2", at=present() - timedelta(hours=2))
        notes.add_note(db, acme, uuid4(), "=SUM(A1)", author="sam", at=present() - timedelta(hours=1))
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, tab="activity")

    lines = page.dataframe[0].value
    assert list(lines["what"]) == ["Note", "Use", "80% used", "Use", "Allocation"]
    assert lines["details"].iloc[0] == "'=SUM(A1)"
    assert list(lines["balance"].dropna()) == [35, 170, 200]


def test_every_alert_decline_and_top_up_says_what_became_of_its_message(engine: Engine) -> None:
    with open_shop(engine, present()) as shop, receiving() as receiver:
        silent = shop.bought("small", "pm_card_chargeDeclined")
        with writing(engine) as db:
            create_endpoint(db, receiver.url, ["purchase.paid", "usage.threshold"], actor="t", at=shop.now)
            create_endpoint(
                db, "http://127.0.0.1:9/in", ["purchase.failed", "top_up.failed"], actor="t", at=shop.now
            )
            about = {"package": "small", "trigger": 80, "monthly_limit_cents": 5_000, "enabled": True}
            set_auto_top_up(db, "acme", **about, actor="t", at=shop.now)
        shop.bought("medium")
        shop.bought("large", "pm_card_chargeDeclined")
        shop.uses(120)
        run_top_ups(engine, shop.gateway, at=shop.now)
        send_events(engine, at=datetime.now(UTC))
        page = visit(engine, "workspace", email=hire(engine, "support"), id="acme", tab="activity")

    details = dict(zip(page.dataframe[0].value["what"], page.dataframe[0].value["details"], strict=True))
    today = day(present())
    assert silent.status == "failed"
    assert details["Small for $9.99"] == "Failed. No message was sent, because no address is set up for it."
    assert details["Medium for $19.99"] == f"Paid. The message was delivered on {today}."
    assert details["80% used"] == f"The alert was delivered on {today}."
    assert details["Large for $34.99"].startswith("Failed. The message is still being sent (")
    assert details["Auto top-up"] == "No saved card. The message is still being sent."


def test_one_minute_that_is_given_is_not_counted_like_many(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, panel="give")
    page.number_input(key="grant_minutes").set_value(1)
    page.text_input(key="grant_words").set_value("rounded wrongly")

    page.button(key="grant_submit").click().run()

    assert "1 minute granted. The balance is now 171." in words(page)


def test_a_grant_without_words_is_refused_and_the_form_keeps_what_was_typed(
    engine: Engine, acme: str
) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, panel="give")
    page.text_input(key="grant_ticket").set_value("T-1")
    page.button(key="grant_submit").click().run()

    assert "Enter a reason. It is shown on the statement." in words(page)
    assert page.text_input(key="grant_ticket").value == "T-1"
    assert _balance(engine) == 170


def test_a_session_that_ended_in_the_middle_of_the_form_gives_nothing(engine: Engine, acme: str) -> None:
    email = hire(engine, "support")
    page = visit(engine, "workspace", email=email, id=acme, panel="give")
    page.text_input(key="grant_words").set_value("too late")
    with writing(engine) as db:
        staff.disable_staff(db, email, at=present())

    page.button(key="grant_submit").click().run()

    assert _balance(engine) == 170
    assert "is not on the staff list" in words(page)


def test_an_unused_grant_is_taken_back_with_one_click(engine: Engine, acme: str) -> None:
    with writing(engine) as db:
        lot = ledger.grant_minutes(db, acme, 60, reason="grant", key="g", actor="sam", at=present())
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, panel="give")

    page.button(key=f"void_{lot.lot_id}").click().run()

    assert "60 unused minutes taken back." in words(page)
    assert _balance(engine) == 170


def test_the_selected_line_of_the_statement_says_what_it_drew(engine: Engine, acme: str) -> None:
    email = hire(engine, "support")
    page = visit(engine, "workspace", email=email, id=acme, tab="activity", line="2")

    assert "Line 2: use on" in words(page).replace("*", "")
    assert "−30 min: lot 1 (plan of" in words(page)


def test_a_note_is_stored_as_letters_and_removed_by_its_author(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, tab="notes")
    page.text_area(key="note_text").set_value("<script>=1+1</script>")
    page.button(key="note_submit").click().run()
    assert page.text[0].value == "<script>=1+1</script>"

    next(button for button in page.button if button.label == "Remove").click().run()

    with reading(engine) as db:
        assert notes.list_notes(db, acme) == []


def test_an_administrator_erases_the_identity_after_typing_the_id(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "admin"), id=acme, tab="notes")
    page.text_input(key="erase_reason").set_value("customer request")
    page.text_input(key="erase_confirmed").set_value("acme")
    page.button(key="erase_submit").click().run()

    assert page.title[0].value == "Erased customer"
    assert "owner@acme.example" not in words(page)
    assert _balance(engine) == 170
    with reading(engine) as db:
        assert audit.list_lines(db)[0].action == "erase"


def test_what_is_no_workspace_is_said_in_words(engine: Engine) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id="gone")

    assert "Workspace gone doesn't exist." in words(page)


@pytest.mark.parametrize("page_name", ["workspace", "preview"])
def test_an_unknown_workspace_is_said_and_the_search_is_one_click_away(
    engine: Engine, page_name: str
) -> None:
    page = visit(engine, page_name, email=hire(engine, "support"), id="nobody")

    assert not page.exception
    assert "Workspace nobody doesn't exist." in words(page)
    assert "Search by name, e-mail, payment or receipt" in [
        link.proto.label for link in page.get("page_link")
    ]


def test_warnings_are_shown_in_words(engine: Engine, acme: str) -> None:
    with writing(engine) as db:
        ledger.track_minutes(db, acme, 135, key="call 2", at=present())
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, tab="use")

    line = page.dataframe[0].value.iloc[0]
    assert (line["kind"], list(line["delivery"])) == ("80% used", ["Not sent (no endpoint)"])
