"""The catalogue: what a new price of a package begins with."""

from sqlalchemy import Engine

from dashboard.clock import present
from ledger.database import writing
from ledger.payments.catalogue import publish_package
from tests.pages.visits import hire, visit


def test_the_form_begins_with_the_newest_version_of_the_package(engine: Engine) -> None:
    with writing(engine) as db:
        about = {"name": "Small plus", "minutes": 70, "amount_cents": 1099, "valid_from": present()}
        publish_package(db, "small", actor="test", **about)

    page = visit(engine, "catalogue", email=hire(engine, "admin"))
    page.selectbox(key="package_code").set_value("small").run()

    assert page.text_input(key="package_name_small").value == "Small plus"
    assert page.number_input(key="package_minutes_small").value == 70
    assert page.number_input(key="package_price_small").value == 10.99
