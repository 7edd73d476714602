"""An export is everything, says how much that is, and does nothing when a spreadsheet opens it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard import spreadsheet
from dashboard.kit import exports
from ledger.database import reading, writing
from ledger.metrics import measure
from ledger.metrics.rollups import refresh_rollups
from ledger.payments.catalogue import price_test_arm
from ledger.payments.sales import PurchaseFilters
from tests import random_company
from tests.pages import visits
from tests.random_company import AS_OF, BEGIN


@pytest.fixture
def company(engine):
    with writing(engine) as db:
        random_company.live_through(db, seed=31, workspaces=6, things=25)
        refresh_rollups(db, at=AS_OF)
    visits.use(engine)
    return engine


def parsed(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_csv_has_all_rows_and_its_first_line_proves_it(company):
    request = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}

    head, names, *rows = parsed(exports.of_rows("revenue-net", request))

    with reading(company) as db:
        result = measure(db, "revenue-net", **request)
    value = names.index("value")
    assert f"rows {len(rows)};" in head[0]
    assert f"control sum {result.value:.0f};" in head[0]
    assert sum(int(row[value]) for row in rows) == result.value


@pytest.mark.usefixtures("company")
def test_a_csv_of_purchases_has_each_of_them_once():
    wanted = PurchaseFilters(start=BEGIN, end=AS_OF + timedelta(days=1), source="sandbox")

    head, names, *rows = parsed(exports.of_purchases(wanted))

    ids = [row[names.index("purchase_id")] for row in rows]
    assert f"rows {len(rows)};" in head[0]
    assert len(set(ids)) == len(ids) > 5


@pytest.mark.usefixtures("company")
def test_purchases_can_be_chosen_by_state_and_package():
    wanted = PurchaseFilters(
        start=BEGIN, end=AS_OF, source="sandbox", states=("refunded",), packages=("small",)
    )

    _head, *rest = parsed(exports.of_purchases(wanted))

    rows = [dict(zip(rest[0], row, strict=True)) for row in rest[1:]] if rest else []
    assert all((row["status"], row["package"]) == ("refunded", "small") for row in rows)


def test_no_cell_is_taken_for_a_formula():
    row = {
        "name": '=HYPERLINK("http://evil")',
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "value": Decimal("-12.500"),
        "none": None,
    }

    head, names, cells = parsed("".join(spreadsheet.lines(iter([row]), "head")).encode())

    assert (head, names) == (["head"], ["name", "at", "value", "none"])
    assert cells == ['\'=HYPERLINK("http://evil")', "2026-01-01T00:00:00+00:00", "-12.5", ""]


@pytest.mark.usefixtures("company")
def test_nothing_to_export_is_a_file_that_says_so():
    request = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "live"}

    assert "rows 0;" in parsed(exports.of_rows("conversion", request))[0][0]


def test_the_arms_of_a_price_test_are_counted_and_an_id_that_is_a_formula_does_nothing():
    ids = [f"w{number}" for number in range(40)] + ["=cmd()|x"]

    head, names, *rows = parsed(exports.of_test_arms("up-15", ("standard", "up"), ids))

    answer = [price_test_arm(each, "up-15", ("standard", "up")) for each in ids]
    assert head == [f"arms of up-15; rows 41; standard {answer.count('standard')}; up {answer.count('up')}"]
    assert names == ["workspace_id", "arm"]
    assert [arm for _id, arm in rows] == answer
    assert rows[-1][0] == "'=cmd()|x"
