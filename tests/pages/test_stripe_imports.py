"""The Import page reads the Stripe account, asks for its mapping, and books it."""

import re
from datetime import date

import pytest
from sqlalchemy import Engine, text

import ledger
from dashboard.actions.imports import JOBS
from dashboard.screens.stripe_imports import totals_frame
from ledger.database import reading
from ledger.transfer import BalanceTotal
from tests.pages.visits import hire, visit, words
from tests.stripe_company import ANSWERS, BEGIN, StripeCompany


def test_an_account_is_read_answered_and_booked_from_the_page(engine: Engine) -> None:
    company = StripeCompany(engine)
    page = visit(engine, "imports", email=hire(engine, "admin"))
    page.date_input(key="stripe_since").set_value(date(BEGIN.year, BEGIN.month, 1))
    page.button(key="stripe_read").click().run()
    assert "6 customers" in words(page)
    assert "Bonus minutes" in page.warning[0].value

    choices = page.text_area(key="stripe_choices").value
    for group, answer in ANSWERS["payments"].items():
        choices = re.sub(rf'"{re.escape(group)}" = "\?"', f'"{group}" = "{answer}"', choices)
    page.text_area(key="stripe_choices").set_value(choices)
    page.button(key="stripe_answer").click().run()
    assert not page.warning

    for key, sentence in (("stripe_try", "Nothing was booked"), ("stripe_book", "rows booked and verified")):
        page.button(key=key).click().run()
        JOBS.wait()
        assert sentence in words(page.run())
    with reading(engine) as db:
        booked = db.execute(text("SELECT count(*) FROM workspaces")).scalar_one()
        audited = db.execute(
            text("SELECT action FROM audit WHERE action LIKE '%stripe%' ORDER BY audit_no")
        ).scalars()
        assert (booked, list(audited)[-1]) == (len(company.customers), "start_stripe_import")
        assert ledger.verify(db) == []


def test_open_questions_stop_the_import_and_a_wrong_answer_is_named(engine: Engine) -> None:
    StripeCompany(engine)
    page = visit(engine, "imports", email=hire(engine, "admin"))
    page.date_input(key="stripe_since").set_value(date(BEGIN.year, BEGIN.month, 1))
    page.button(key="stripe_read").click().run()
    page.button(key="stripe_book").click().run()
    JOBS.wait()
    assert "Open questions: 4" in words(page.run())
    page.text_area(key="stripe_choices").set_value('[payments]\n"Consulting, 500.00 USD" = "gold"')
    page.button(key="stripe_answer").click().run()
    assert "'gold' is not a package" in words(page)


@pytest.mark.parametrize(("cents", "shown"), [(0, "$0.00"), (-150, "−$1.50")])
def test_amounts_of_the_balance_report_have_their_currency(cents: int, shown: str) -> None:
    total = BalanceTotal(
        what="refunds",
        currency="usd",
        stripe_cents=cents,
        packages_cents=cents,
        plans_cents=0,
        left_out_cents=0,
    )
    [row] = totals_frame([total]).to_dict("records")
    assert (row["what"], row["stripe_cents"], row["difference_cents"]) == ("Refunds, USD", shown, "$0.00")
