"""The customer preview: drawn from the interface's answers; the purchase window opens by itself at 100 %."""

from urllib.parse import parse_qsl

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.experiments.holdouts import end_hold_out, list_arms, start_hold_out
from ledger.payments.catalogue import withdraw_package
from ledger.payments.purchases import list_purchases
from tests.pages.visits import hire, visit, words


def _use(engine: Engine, minutes: int) -> None:
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="A", owner_email="a@example.com", actor="t", at=present())
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="1", actor="t", at=present())
        ledger.track_minutes(db, "acme", minutes, key="call", at=present())


@pytest.mark.parametrize(
    ("minutes", "banner"), [(10, ""), (160, "80 % of your minutes"), (180, "90 %"), (200, "used up")]
)
def test_the_banner_follows_the_gauge(engine: Engine, minutes: int, banner: str) -> None:
    _use(engine, minutes)

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert not page.exception
    assert page.metric[0].value == f"{200 - minutes:,}"
    assert banner in words(page)
    assert bool(banner) == bool(page.info or page.warning or page.error)


def test_at_one_hundred_percent_the_packages_are_offered_by_themselves(engine: Engine) -> None:
    _use(engine, 200)

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    offered = [one.value for one in page.metric if one.value.endswith("USD")]
    assert offered == ["$9.99", "$19.99", "$34.99", "$59.99"]


def test_the_way_to_a_test_purchase_takes_the_workspace_along(engine: Engine) -> None:
    _use(engine, 200)
    page = visit(engine, "preview", email=hire(engine, "admin"), id="acme")

    (link,) = (one.proto for one in page.get("page_link") if one.proto.page == "purchase")
    query = dict(parse_qsl(link.query_string))
    buying = visit(engine, link.page, email=hire(engine, "pricing"), **query)

    assert buying.text_input(key="buyer").value == "acme"
    assert buying.radio(key="sim_package").value == "small"


def test_below_it_they_wait_for_the_button(engine: Engine) -> None:
    _use(engine, 10)
    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")
    assert "$9.99" not in words(page)

    page.button(key="preview_buy").click().run()

    assert "$9.99" in words(page)


def test_a_workspace_that_is_not_there_is_said_so(engine: Engine) -> None:
    page = visit(engine, "preview", email=hire(engine, "support"), id="gone")

    assert "There is no workspace gone" in page.error[0].value


def _hold_everybody_of(engine: Engine, arm: str) -> str:
    """Start hold-outs until acme is in this arm; gives the name."""
    for number in range(20):
        name = f"spring-{number}"
        asked = {"source": "sandbox", "share_percent": 50, "hits_needed": 195, "reason": "r", "actor": "t"}
        with writing(engine) as db:
            hold_out = start_hold_out(db, name, starts_at=present(), **asked)
            if dict(list_arms(db, hold_out))["acme"] == arm:
                return name
            end_hold_out(db, name, at=present())
    raise AssertionError("twenty coins fell on the same side")


def test_who_is_held_is_neither_invited_nor_shown_an_offer(engine: Engine) -> None:
    _use(engine, 200)
    name = _hold_everybody_of(engine, "held")

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert not page.exception
    assert page.error[0].value == "Your minutes are used up."
    assert "$9.99" not in words(page)
    assert not [button for button in page.button if button.key == "preview_buy"]
    assert f"Held out by {name}" in words(page)


def test_the_other_arm_is_invited_as_ever(engine: Engine) -> None:
    _use(engine, 200)
    _hold_everybody_of(engine, "offered")

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert page.error[0].value == "Your minutes are used up. Buy extra minutes to go on recording."
    assert "$9.99" in words(page)


def test_a_purchase_simulated_for_who_is_held_says_so_and_works(engine: Engine) -> None:
    _use(engine, 200)
    name = _hold_everybody_of(engine, "held")

    page = visit(engine, "purchase", email=hire(engine, "pricing"), id="acme")
    said = words(page)
    page.button(key="sim_submit").click().run()

    assert not page.exception
    assert f"Held out by {name}: this workspace is shown no offer" in said
    with reading(engine) as db:
        assert len(list_purchases(db, "acme")) == 1


def test_when_nothing_is_on_sale_the_customer_is_not_invited(engine: Engine) -> None:
    _use(engine, 200)
    with writing(engine) as db:
        for code in ("small", "medium", "large", "jumbo"):
            withdraw_package(db, code, at=present())

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert not page.exception
    assert "Nothing is on sale" in words(page)
