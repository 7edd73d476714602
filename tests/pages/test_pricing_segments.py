"""The lab asks for some of the workspaces: chips narrow it, and the link carries them."""

import pytest
from sqlalchemy import Engine, text

from ledger.database import reading, writing
from ledger.minutes.attributes import set_attributes
from tests.pages.visits import hire, visit, words
from tests.pricing_company import NOW, START, make_company


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Twenty-four workspaces of which the first half is German."""
    make_company(engine)
    with reading(engine) as db:
        names = db.scalars(text("SELECT workspace_id FROM workspaces ORDER BY 1")).all()
    with writing(engine) as db:
        for name in names[:12]:
            set_attributes(db, name, {"country": "DE"}, actor="t", at=START)
    return engine


def revenue(page):
    """Return today's replayed revenue as the table shows it."""
    (table,) = [f.value for f in page.dataframe if "scenario" in f.value.columns and "range" in f.value]
    return table.set_index("output")["today"]["Replayed revenue"]


def test_an_attribute_narrows_the_lab_and_its_link_until_the_chip_is_removed(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    everybody = revenue(page)

    page.selectbox(key="pr_trait_country").select("DE").run()
    german, code = revenue(page), page.query_params["ask"]
    linked = visit(company, "pricing", email="pricing@example.com", at=NOW, ask=code)

    assert not page.exception
    assert german != everybody
    assert revenue(linked) == german
    assert linked.button(key="chip_country").label == "Country: DE"
    linked.button(key="chip_country").click().run()
    assert revenue(linked) == everybody
    assert "ask" not in linked.query_params


def test_a_segment_without_anybody_is_said(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    page.selectbox(key="pr_trait_billing_cycle").select("annual").run()

    assert not page.exception
    assert "No workspace is in this segment" in words(page)
