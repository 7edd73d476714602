"""A number over HTTP: of exactly one closed month, it also says what it was when the month closed."""

import pytest
from sqlalchemy import text

import ledger
from ledger.database import writing
from ledger.metrics.closed_months import close_months
from ledger.metrics.fits import refresh_fits
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from tests import mini_ledger
from tests.closing import LATER
from tests.dashboard.api_server import Api
from tests.mini_ledger import AS_OF, when

MARCH = {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z", "source": "live"}


@pytest.fixture
def closed(api: Api) -> Api:
    """March has closed; then a refund dated into it."""
    with writing(api.engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
        close_months(db, at=AS_OF)
        mini_ledger.refund(db, "W01", at=when("03-31 12:00"))
        refresh_rollups(db, at=LATER, sweep=True)
        close_months(db, at=LATER)
    return api


def test_a_closed_month_has_the_number_as_it_closed_beside_the_one_of_now(closed: Api) -> None:
    net, conversion = (
        closed.get(f"/metrics/{slug}", **MARCH).json() for slug in ("revenue-net", "conversion")
    )

    assert net["value"] == 3998.0
    assert net["closed"] == {"value": 4997.0, "as_of": "2026-04-30T00:00:00Z", "revision": 2}
    assert conversion["closed"] == {"value": 50.0, "as_of": "2026-04-30T00:00:00Z", "revision": 1}


@pytest.mark.parametrize(
    "selection",
    [
        {"end": "2026-04-02T00:00:00Z"},
        {"start": "2026-03-01T00:00:01Z"},
        {"start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"},
        {"plan": "starter"},
        {"source": "sandbox"},
        {"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T00:00:00Z"},
    ],
)
def test_any_other_selection_has_no_closed_number(closed: Api, selection: dict[str, str]) -> None:
    answer = closed.get("/metrics/revenue-net", **MARCH | selection)

    assert (answer.status_code, answer.json()["closed"]) == (200, None)


ALL = {"start": "2026-01-01T00:00:00Z", "end": "2026-05-01T00:00:00Z", "source": "live"}


@pytest.fixture
def segmented(api: Api) -> Api:
    """The ten workspaces; the odd ones are German, two have a channel."""
    with writing(api.engine) as db:
        mini_ledger.live_through(db)
        for number in range(1, 11, 2):
            set_attributes(db, f"W{number:02}", {"country": "DE"}, actor="t", at=AS_OF)
        for number in (1, 2):
            set_attributes(db, f"W{number:02}", {"channel": "partner: EU"}, actor="t", at=AS_OF)
        ledger.create_workspace(
            db, "W11", name="W11", owner_email="o@example.com", actor="t", at=mini_ledger.START, source="live"
        )
        ledger.update_plan_allocation(db, "W11", "pro", "annual", key="a", actor="t", at=mini_ledger.START)
        mini_ledger._buys("W11", "large")(db, when("03-20 09:00"))
        refresh_rollups(db, at=AS_OF)
    return api


def test_a_number_is_divided_and_narrowed_by_attributes(segmented: Api) -> None:
    whole = segmented.get("/metrics/revenue-gross", **ALL, by="country").json()
    parts = {part["part"]: part for part in whole["parts"]}
    german = segmented.get("/metrics/revenue-gross", **ALL, attribute="country:DE").json()
    both = segmented.get(
        "/metrics/revenue-gross", **ALL, attribute=["country:DE", "channel:partner: EU"]
    ).json()

    assert set(parts) == {"DE", "none"}
    assert sum(part["value"] for part in parts.values()) == whole["value"]
    assert (parts["DE"]["value"], parts["DE"]["n"]) == (german["value"], german["n"])
    assert 0 < both["value"] < german["value"] < whole["value"]
    assert german["parts"] == []


def test_a_number_is_narrowed_by_billing_cycle_and_package(segmented: Api) -> None:
    by = {
        name: {
            p["part"]: p["value"]
            for p in segmented.get("/metrics/revenue-gross", **ALL, by=name).json()["parts"]
        }
        for name in ("billing_cycle", "package", "month")
    }
    period = {
        (name, code): segmented.get("/metrics/revenue-gross", **ALL, **{name: code}).json()["value"]
        for name in ("billing_cycle", "package")
        for code in by[name]
    }

    assert len(by["billing_cycle"]) == 2
    assert period == {(name, code): by[name][code] for name, code in period}
    assert "2026-03-01" in by["month"]


@pytest.mark.parametrize(
    ("selection", "code"),
    [
        ({"by": "mood"}, "unknown_attribute"),
        ({"attribute": "mood:good"}, "unknown_attribute"),
        ({"by": "By!"}, "invalid_request"),
        ({"billing_cycle": "weekly"}, "invalid_request"),
        ({"currency": "dollars"}, "invalid_request"),
        ({"plan": "gold"}, "unknown_plan"),
    ],
)
def test_a_filter_that_means_nothing_is_named(segmented: Api, selection: dict[str, str], code: str) -> None:
    answer = segmented.get("/metrics/revenue-gross", **ALL, **selection)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_amounts_of_several_currencies_are_divided_once_one_is_chosen(segmented: Api) -> None:
    with writing(segmented.engine) as db:
        db.execute(text("RESET ROLE"))
        db.execute(
            text(
                "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, "
                "valid_from, created_by) VALUES ('small', 2, 'standard', 'Small', 60, 899, 'eur', '2026-01-01', 'test')"
            )
        )
        db.execute(
            text(
                "UPDATE extra_minutes_purchases SET currency = 'eur', package_version = 2 WHERE package = 'small'"
            )
        )
        refresh_rollups(db, at=LATER, sweep=True)

    several = segmented.get("/metrics/revenue-gross", **ALL, by="plan").json()
    euros = segmented.get("/metrics/revenue-gross", **ALL, by="plan", currency="eur").json()

    assert (several["value"], {part["part"] for part in several["parts"]}) == (None, {"eur", "usd"})
    assert {part["part"]: part["currency"] for part in several["parts"]} == {"eur": "eur", "usd": "usd"}
    assert euros["value"] == sum(part["value"] for part in euros["parts"]) > 0


def test_a_missing_estimate_is_requested_and_answered_when_it_is_ready(
    segmented: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.metrics.fits.AT_ONCE", 3)
    monkeypatch.setattr("ledger.metrics.estimating.AT_ONCE", 3)
    selection = {**ALL, "attribute": "country:DE"}

    first = segmented.get("/metrics/incidence", **selection).json()
    with writing(segmented.engine) as db:
        made = refresh_fits(db, at=AS_OF)
    second = segmented.get("/metrics/incidence", **selection).json()

    assert (first["ready"], first["value"], made) == (False, None, 1)
    assert second["ready"]
    assert (second["n"], second["unit"]) == (5, "percent")  # W01, W03, W05, W07 and W09 hit the limit
