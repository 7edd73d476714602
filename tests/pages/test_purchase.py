"""The page Simulate purchase: a test card pays, the events bring the minutes, nobody else may."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from dashboard.installation import current
from ledger.minutes.workspaces import cancel_plan
from ledger.payments.purchases import list_purchases
from ledger.webhooks.inbox import work_inbox
from tests.pages.visits import hire, labels, visit, words


@pytest.fixture
def acme(engine: Engine) -> str:
    """A workspace without a plan."""
    with ledger.writing(engine) as db:
        about = {"name": "Acme", "owner_email": "owner@acme.example", "actor": "test", "at": present()}
        ledger.create_workspace(db, "acme", **about)
    return "acme"


def _extra(engine: Engine, workspace_id: str = "acme") -> int:
    with ledger.reading(engine) as db:
        return ledger.get_balance(db, workspace_id).extra_minutes


def _pay(engine: Engine, method: str = "pm_card_visa", workspace_id: str = "acme"):
    page = visit(engine, "purchase", email=hire(engine, "pricing"), id=workspace_id)
    page.selectbox(key="sim_method").set_value(method)
    page.radio(key="sim_package").set_value("medium")
    page.button(key="sim_submit").click().run()
    return page


@pytest.mark.usefixtures("acme")
def test_a_test_card_pays_and_the_minutes_come_with_the_event(engine: Engine) -> None:
    page = _pay(engine)
    assert not page.exception
    assert "The minutes are added when" in words(page)
    assert _extra(engine) == 0

    work_inbox(engine, {"sandbox": current().gateway("sandbox")}, at=present())
    page.run()

    assert _extra(engine) == 150
    assert page.metric[0].value == "150"


@pytest.mark.usefixtures("acme")
def test_a_declined_card_is_explained_and_tried_again(engine: Engine) -> None:
    page = _pay(engine, "pm_card_chargeDeclinedInsufficientFunds")
    assert "does not have enough funds" in words(page)

    page.selectbox(key="again_method").set_value("pm_card_visa")
    page.button(key="again").click().run()
    work_inbox(engine, {"sandbox": current().gateway("sandbox")}, at=present())

    assert _extra(engine) == 150


@pytest.mark.usefixtures("acme")
def test_half_and_then_all_of_it_is_refunded_and_the_page_says_what_went_back(engine: Engine) -> None:
    page = _pay(engine)
    gateways = {"sandbox": current().gateway("sandbox")}
    work_inbox(engine, gateways, at=present())
    page.run()

    page.button(key="move_refund_half").click().run()
    work_inbox(engine, gateways, at=present())
    page.run()

    assert "74 of 150 min taken back" in words(page)
    assert _extra(engine) == 76

    page.button(key="move_refund").click().run()
    work_inbox(engine, gateways, at=present())
    page.run()

    assert "$19.99 of $19.99 refunded" in words(page)
    assert _extra(engine) == 0
    assert not page.exception


@pytest.mark.usefixtures("acme")
def test_a_workspace_whose_plan_ended_may_still_buy(engine: Engine) -> None:
    at = present()
    with ledger.writing(engine) as db:
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="plan", actor="test", at=at)
        cancel_plan(db, "acme", key="end", actor="test", at=at)

    page = _pay(engine)
    work_inbox(engine, {"sandbox": current().gateway("sandbox")}, at=present())
    page.run()

    assert "150 min added" in words(page)
    assert _extra(engine) == 150


@pytest.mark.usefixtures("acme")
def test_the_list_of_purchases_says_states_in_words(engine: Engine) -> None:
    page = _pay(engine, "pm_card_authenticationRequired")

    assert labels(page.dataframe[0].value, "status") == ["Awaiting cardholder"]
    assert "requires" not in page.dataframe[0].value.to_string()
    assert "requires action" not in words(page)


@pytest.mark.usefixtures("acme")
def test_the_bank_can_be_played(engine: Engine) -> None:
    page = _pay(engine)
    gateways = {"sandbox": current().gateway("sandbox")}
    work_inbox(engine, gateways, at=present())
    page.run()

    page.button(key="move_dispute").click().run()
    work_inbox(engine, gateways, at=present())
    page.run()

    assert _extra(engine) == 0
    assert not page.exception

    page.button(key="move_lose").click().run()
    work_inbox(engine, gateways, at=present())
    page.run()

    assert "The dispute was lost" in words(page)
    assert "move_lose" not in {button.key for button in page.button}


def test_a_workspace_of_another_mode_is_never_charged_its_copy_buys(engine: Engine) -> None:
    with ledger.writing(engine) as db:
        about = {"name": "Real", "owner_email": "owner@real.example", "actor": "test", "at": present()}
        ledger.create_workspace(db, "real", source="live", **about)

    page = _pay(engine, workspace_id="real")
    work_inbox(engine, {"sandbox": current().gateway("sandbox")}, at=present())

    assert not page.exception
    assert (_extra(engine, "real"), _extra(engine, "sim:real")) == (0, 150)


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_who_may_not_simulate_sees_no_form(engine: Engine, acme: str, role: str) -> None:
    page = visit(engine, "purchase", email=hire(engine, role), id=acme)

    assert [error.proto.title for error in page.error] == ["You don't have access"]
    assert not page.get("form")


def test_signed_out_nobody_sees_anything(engine: Engine, acme: str) -> None:
    page = visit(engine, "purchase", email=None, id=acme)

    assert not page.get("form")


def test_stripes_own_page_leads_back_to_a_page_that_waits_until_it_is_true(engine: Engine, acme: str) -> None:
    page = visit(engine, "purchase", email=hire(engine, "pricing"), id=acme)
    page.radio(key="sim_package").set_value("large")
    page.button(key="sim_page").click().run()
    assert "pay on Stripe" in words(page)
    gateways = {"sandbox": current().gateway("sandbox")}
    with ledger.reading(engine) as db:
        (purchase,) = list_purchases(db, acme)
    back = visit(engine, "confirming", email=hire(engine, "pricing"), purchase=str(purchase.purchase_id))
    assert "pay on Stripe" in words(back)

    page.button(key="move_pay_page").click().run()
    back.run()
    assert _extra(engine) == 0
    work_inbox(engine, gateways, at=present())
    back.run()

    assert not back.exception
    assert _extra(engine) == 300
    assert back.metric[0].value == "300"


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(("role", "shown"), [("admin", "Acme · `acme`"), ("pricing", "`acme`")])
def test_workspaces_are_offered_by_name_to_those_who_may_see_names(
    engine: Engine, role: str, shown: str
) -> None:
    page = visit(engine, "purchase", email=hire(engine, role))

    assert page.button_group[0].options == [shown]


def test_where_there_is_no_workspace_yet_it_says_what_makes_one(engine: Engine) -> None:
    page = visit(engine, "purchase", email=hire(engine, "pricing"))

    assert "No workspaces yet" in words(page)
    assert "No workspace matches" not in words(page)
