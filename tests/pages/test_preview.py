"""The customer preview: the customer's own page in a frame; the packages open by themselves at 100%."""

import asyncio
import re
from urllib.parse import parse_qsl

import httpx
import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.api import app as api
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.experiments.holdouts import end_hold_out, list_arms, start_hold_out
from ledger.payments.catalogue import withdraw_package
from ledger.payments.purchases import list_purchases
from tests.pages.visits import hire, visit, words


def framed(page: AppTest, query: str = "") -> str:
    """Return the customer's page that the frame shows."""
    (frame,) = page.get("iframe")

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app=api)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(frame.proto.src + query)

    return asyncio.run(get()).raise_for_status().text


def banner_of(page: AppTest) -> str:
    return "".join(re.findall(r'role="alert">([^<]+)', framed(page)))


def _use(engine: Engine, minutes: int) -> None:
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="A", owner_email="a@example.com", actor="t", at=present())
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="1", actor="t", at=present())
        ledger.track_minutes(db, "acme", minutes, key="call", at=present())


@pytest.mark.parametrize(
    ("minutes", "banner"), [(10, ""), (160, "80% of your minutes"), (180, "90%"), (200, "used up")]
)
def test_the_banner_follows_the_gauge(engine: Engine, minutes: int, banner: str) -> None:
    _use(engine, minutes)

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert not page.exception
    assert f"{200 - minutes:,} min left" in framed(page)
    assert banner in banner_of(page)
    assert bool(banner) == bool(banner_of(page))


def test_at_one_hundred_percent_the_packages_are_offered_by_themselves(engine: Engine) -> None:
    _use(engine, 200)

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    offered = re.findall(r">Buy for ([^<]+)</button>", framed(page))
    assert offered == ["$9.99", "$19.99", "$34.99", "$59.99"]


def test_the_way_to_a_test_purchase_takes_the_workspace_along(engine: Engine) -> None:
    _use(engine, 200)
    page = visit(engine, "preview", email=hire(engine, "admin"), id="acme")

    (link,) = (
        one.proto for one in page.get("page_link") if one.proto.page == "purchase" and one.proto.query_string
    )
    query = dict(parse_qsl(link.query_string))
    buying = visit(engine, link.page, email=hire(engine, "pricing"), **query)

    assert buying.text_input(key="id_field").value == "acme"
    assert buying.radio(key="sim_package").value == "small"


def test_below_it_they_wait_for_the_button(engine: Engine) -> None:
    _use(engine, 10)
    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")
    assert "Buy for $9.99" not in framed(page)
    assert 'href="/api/portal/' in framed(page)

    assert "Buy for $9.99" in framed(page, "?buy=1")


def test_a_workspace_that_is_not_there_is_said_so(engine: Engine) -> None:
    page = visit(engine, "preview", email=hire(engine, "support"), id="gone")

    assert "Workspace gone doesn't exist" in page.error[0].value


def _hold_everybody_of(engine: Engine, arm: str) -> str:
    """Start hold-outs until acme is in this arm; gives the name."""
    for number in range(20):
        name = f"spring-{number}"
        request = {"source": "sandbox", "share_percent": 50, "hits_needed": 195, "reason": "r", "actor": "t"}
        with writing(engine) as db:
            hold_out = start_hold_out(db, name, starts_at=present(), **request)
            if dict(list_arms(db, hold_out))["acme"] == arm:
                return name
            end_hold_out(db, name, at=present())
    raise AssertionError("twenty coins fell on the same side")


def test_who_is_held_is_neither_invited_nor_shown_an_offer(engine: Engine) -> None:
    _use(engine, 200)
    name = _hold_everybody_of(engine, "control")

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert not page.exception
    assert banner_of(page) == "Your minutes are used up."
    assert "Buy for" not in framed(page, "?buy=1")
    assert "Buy extra minutes" not in framed(page)
    assert f"Held out by {name}" in words(page)


def test_the_other_arm_is_invited_as_ever(engine: Engine) -> None:
    _use(engine, 200)
    _hold_everybody_of(engine, "treatment")

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert banner_of(page) == "Your minutes are used up. Buy extra minutes to go on."
    assert "Buy for $9.99" in framed(page)


def test_a_purchase_simulated_for_who_is_held_says_so_and_works(engine: Engine) -> None:
    _use(engine, 200)
    name = _hold_everybody_of(engine, "control")

    page = visit(engine, "purchase", email=hire(engine, "pricing"), id="acme")
    said = words(page)
    page.button(key="sim_submit").click().run()

    assert not page.exception
    assert f"Held out by {name}: this workspace sees no offer" in said
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
    assert banner_of(page) == "Your minutes are used up."


def test_in_the_preview_nothing_can_be_bought_and_a_second_look_uses_the_same_address(engine: Engine) -> None:
    _use(engine, 200)
    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")
    first = page.get("iframe")[0].proto.src

    page.run()

    assert page.get("iframe")[0].proto.src == first
    assert re.findall(r"<button( disabled)?>Buy for", framed(page)) == [" disabled"] * 4
