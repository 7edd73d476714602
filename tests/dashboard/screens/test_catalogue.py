"""The catalogue: the answer in each case, and what a new price of a package starts with."""

from dataclasses import replace

from sqlalchemy import Engine

from dashboard.clock import present
from dashboard.screens.catalogue import answer
from ledger.database import writing
from ledger.payments.catalogue import Package, publish_package
from tests.pages.visits import hire, visit
from tests.stories import START

SMALL = Package(
    code="small", version=1, arm="standard", name="Small", minutes=60, amount_cents=999, currency="usd",
    valid_from=START, valid_to=None, stripe_product=None, stripe_price=None, created_by="t",
)  # fmt: skip
JUMBO = replace(SMALL, code="jumbo", amount_cents=5999)


def test_the_form_begins_with_the_newest_version_of_the_package(engine: Engine) -> None:
    with writing(engine) as db:
        about = {"name": "Small plus", "minutes": 70, "amount_cents": 1099, "valid_from": present()}
        publish_package(db, "small", actor="test", **about)

    page = visit(engine, "catalogue", email=hire(engine, "admin"))
    page.selectbox(key="package_code").set_value("small").run()

    assert page.text_input(key="package_name_small").value == "Small plus"
    assert page.number_input(key="package_minutes_small").value == 70
    assert page.number_input(key="package_price_small").value == 10.99


def test_the_answer_says_what_is_on_sale_and_which_price_test_runs() -> None:
    assert answer([JUMBO, SMALL], "").replace("\\", "") == "**2 packages on sale**, $9.99 to $59.99."
    assert answer([SMALL], "spring").replace("\\", "") == (
        "**1 package on sale**, $9.99; price test **spring** is running."
    )
    assert answer([], "").startswith("**Nothing is on sale**")
