"""The metric pages of a company that is paid in two currencies: amounts of one, chosen in the filter row.

The ten workspaces of the story, whose Small and Large are paid in euros. Paid in dollars: Medium on 2 March, 20 March
and 9 April, Jumbo on 22 April. In euros: Small on 5 and 29 March, the second given back on 30 March, Large on 5 April.
"""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from ledger.database import writing
from ledger.metrics.rollups import refresh_rollups
from tests import mini_ledger
from tests.databases import as_owner, migrated_database
from tests.pages.test_metric_pages_cost import STATEMENTS_AT_MOST, sent_again
from tests.pages.visits import hire, main_chart, visit, words

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}
IN_EUROS = (
    "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, valid_from, "
    "created_by) SELECT code, 2, arm, name, minutes, amount_cents, 'eur', valid_from, 'test' "
    "FROM extra_minutes_packages WHERE code IN ('small', 'large')",
    "UPDATE extra_minutes_purchases SET currency = 'eur', package_version = 2 WHERE package IN ('small', 'large')",
    "UPDATE refunds SET currency = 'eur'",
)


@pytest.fixture(scope="module")
def europeans() -> Iterator[Engine]:
    """The ten workspaces, of which some pay in euros, with a viewer on the staff."""
    with migrated_database() as engine:
        with writing(engine) as db:
            mini_ledger.live_through(db)
            with as_owner(db):
                for sentence in IN_EUROS:
                    db.execute(text(sentence))
            refresh_rollups(db, at=mini_ledger.AS_OF)
        hire(engine, "viewer")
        yield engine


def visited(engine: Engine, page: str, **query: str) -> AppTest:
    """Return a page as of the end of the story."""
    app = visit(engine, page, email="viewer@example.com", **THEN, **query)
    assert not app.exception
    return app


def menu(app: AppTest) -> list[tuple[str, list[str]]]:
    """Return what the choice of a currency holds and offers; nothing without one."""
    return [(box.value, box.options) for box in app.selectbox if box.label == "Currency"]


def tiles(app: AppTest) -> dict[str, str]:
    """Return the numbers of the tiles by their labels."""
    return {tile.label: tile.value for tile in app.metric}


def drawn(spec: str) -> dict[str, dict[str, float]]:
    """Return what a chart draws: of each trace with a name, its values by their place, zeros left out."""
    return {
        trace.get("name", ""): {x[:10]: y for x, y in zip(trace["x"], trace["y"], strict=True) if y}
        for trace in json.loads(spec)["data"]
    }


@pytest.mark.parametrize(
    ("chosen", "page", "expected"),
    [  # dollars: 3 x 19.99 + 59.99; euros: 2 x 9.99 + 34.99, and 9.99 given back
        ({}, "overview", {"Net revenue": "$120", "Revenue per package": "$29.99", "Refunds": "$0.00"}),
        (
            {"currency": "eur"},
            "overview",
            {"Net revenue": "€44.98", "Revenue per package": "€18.32", "Refunds": "€9.99"},
        ),
        ({}, "packages", {"Net revenue": "$120", "Revenue per package": "$29.99"}),
        ({"currency": "eur"}, "packages", {"Net revenue": "€44.98", "Revenue per package": "€18.32"}),
        # nine reached the limit; W02, W09 and W07 paid 99.97 dollars after it, W01 and W04 paid 44.98 euros
        ({}, "conversion", {"Revenue per limit hit": "$11.11"}),
        ({"currency": "eur"}, "conversion", {"Revenue per limit hit": "€5.00"}),
        # unused: two Mediums and 570 of 600 minutes of the Jumbo; 15 of 60 of the Small and 180 of 300 of the Large
        ({}, "liability", {"Owed money": "$96.97", "Earned money": "$22.99"}),
        ({"currency": "eur"}, "liability", {"Owed money": "€23.49", "Earned money": "€21.49"}),
    ],
)
def test_tiles_show_the_amounts_of_one_currency_that_of_most_payments_first(
    europeans: Engine, chosen: dict[str, str], page: str, expected: dict[str, str]
) -> None:
    app = visited(europeans, page, **chosen)

    assert menu(app) == [(chosen.get("currency", "usd"), ["USD", "EUR"])]
    assert {name: value for name, value in tiles(app).items() if name in expected} == expected


def test_the_choice_is_held_by_the_address_and_counts_of_minutes_and_workspaces_stay(
    europeans: Engine,
) -> None:
    app = visited(europeans, "overview")
    before = tiles(app)
    (box,) = [box for box in app.selectbox if box.label == "Currency"]

    box.select("eur").run()

    assert app.query_params["currency"] == "eur"
    changed = {name for name, value in tiles(app).items() if value != before[name]}
    assert changed == {"Net revenue", "Revenue per package", "Refunds"}
    app.button(key="filter_reset").click().run()
    assert "currency" not in app.query_params


@pytest.mark.parametrize(
    ("chosen", "paid", "refunded", "net"),
    [
        (
            {},
            {"2026-03-02": 19.99, "2026-03-16": 19.99, "2026-04-06": 19.99, "2026-04-20": 59.99},
            {},
            {"2026-03-02": 19.99, "2026-03-16": 19.99, "2026-04-06": 19.99, "2026-04-20": 59.99},
        ),
        (
            {"currency": "eur"},
            {"2026-03-02": 9.99, "2026-03-23": 9.99, "2026-03-30": 34.99},
            {"2026-03-30": -9.99},
            {"2026-03-02": 9.99, "2026-03-23": 9.99, "2026-03-30": 25.0},
        ),
    ],
)
def test_revenue_by_week_is_drawn_in_the_currency_of_the_page(
    europeans: Engine,
    chosen: dict[str, str],
    paid: dict[str, float],
    refunded: dict[str, float],
    net: dict[str, float],
) -> None:
    chart = drawn(main_chart(visited(europeans, "overview", chart="revenue-net", **chosen)))

    assert (chart["Paid"], chart.get("Refunded", {})) == (paid, refunded)
    assert chart["Net"] == net


@pytest.mark.parametrize(
    ("chosen", "lines", "months", "buyer"),
    [
        ({}, ["$119.96", "$0.00", "$0.00", "$0.00", "$119.96"], [39.98, 79.98], "$29.99"),
        (
            {"currency": "eur"},
            ["€54.97", "€9.99", "€0.00", "€0.00", "€44.98"],
            [9.99, 34.99],
            "€22.49",
        ),
    ],
)
def test_from_gross_to_net_twelve_months_and_buyers_are_in_the_currency_of_the_page(
    europeans: Engine, chosen: dict[str, str], lines: list[str], months: list[float], buyer: str
) -> None:
    app = visited(europeans, "packages", **chosen)

    profit, _mix, buyers = [frame.value for frame in app.dataframe]
    assert list(profit["amount"]) == lines
    assert list(drawn(main_chart(app))[""].values()) == months
    assert dict(zip(buyers["name"], buyers["value"], strict=True))["Revenue per buyer"] == buyer


@pytest.mark.parametrize(
    ("chosen", "steps", "check"),
    [
        ({}, [0, 119.96, -22.99, 96.97], "$22.99 + $96.97 = $119.96"),
        ({"currency": "eur"}, [0, 54.97, -21.49, -9.99, 23.49], "€21.49 + €23.49 = €44.98"),
    ],
)
def test_what_is_owed_moves_and_is_checked_in_the_currency_of_the_page(
    europeans: Engine, chosen: dict[str, str], steps: list[float], check: str
) -> None:
    app = visited(europeans, "liability", unit="money", **chosen)

    (moves,) = [chart for chart in app.get("plotly_chart") if chart.key == "moves_liability-moves-money"]
    assert json.loads(moves.proto.spec)["data"][0]["y"] == pytest.approx(steps, abs=0.006)
    assert check in words(app)


def test_the_rows_behind_an_amount_are_those_of_its_currency(europeans: Engine) -> None:
    opened = {
        chosen: visited(europeans, "packages", currency=chosen, about="revenue-gross", about_tab="rows")
        for chosen in ("usd", "eur")
    }

    amounts = {
        chosen: sorted(
            amount for frame in app.dataframe if "value" in frame.value and "at" in frame.value
            for amount in frame.value["value"]
        )
        for chosen, app in opened.items()
    }  # fmt: skip
    assert amounts == {
        "usd": ["$19.99", "$19.99", "$19.99", "$59.99"],
        "eur": ["€34.99", "€9.99", "€9.99"],
    }


@pytest.mark.parametrize("page", ["overview", "conversion", "packages", "liability"])
def test_a_currency_in_which_nothing_was_paid_is_said_and_dropped(europeans: Engine, page: str) -> None:
    app = visited(europeans, page, currency="gbp")

    assert any("unknown value for currency: gbp" in toast.value for toast in app.toast)
    assert ("currency" in app.query_params, menu(app)) == (False, [("usd", ["USD", "EUR"])])


@pytest.mark.parametrize("page", ["overview", "conversion", "packages", "liability"])
def test_a_company_that_is_paid_in_one_currency_has_no_choice(story: Engine, page: str) -> None:
    app = visited(story, page, currency="eur")

    assert menu(app) == []
    assert any("unknown value for currency: eur" in toast.value for toast in app.toast)
    assert "currency" not in app.query_params


@pytest.mark.parametrize("page", ["purchases", "retention"])
def test_a_page_that_shows_all_money_or_none_keeps_the_choice_for_the_others(
    europeans: Engine, page: str
) -> None:
    app = visited(europeans, page, currency="eur")

    assert (menu(app), app.query_params["currency"]) == ([], "eur")


@pytest.mark.parametrize("page", ["conversion", "packages", "liability"])
def test_the_choice_keeps_a_page_within_its_statements(europeans: Engine, page: str) -> None:
    queries = sent_again(europeans, visited(europeans, page, currency="eur"))

    assert 1 < len(queries) <= STATEMENTS_AT_MOST, "\n".join(statement[:120] for statement in queries)
