"""What `make test FAST=1` runs: the tests of what changed, and as many others as fit into its time."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests import seconds

MEASURED = {
    "tests/ledger/payments/test_refunds.py": 9.0,
    "tests/ledger/payments/test_refunds_forms.py": 9.0,
    "tests/ledger/payments/test_sales.py": 8.0,
    "tests/ledger/minutes/test_uses.py": 9.0,
    "tests/ledger/minutes/test_lots.py": 1.0,
    "tests/browser/test_purchase.py": 0.5,
    "tests/pages/test_search.py": 2.0,
}


def items(*marked: str) -> list[Any]:
    """Return one test of each file, and of marked files one that is slow."""
    plain = [SimpleNamespace(nodeid=f"{file}::t", get_closest_marker=lambda _: None) for file in MEASURED]
    slow = [SimpleNamespace(nodeid=f"{file}::slow", get_closest_marker=lambda name: name) for file in marked]
    return [*plain, *slow]


def run_when_fast(monkeypatch: pytest.MonkeyPatch, changed: set[str], allowed: float, *slow: str) -> set[str]:
    """Return the tests that are left after these files have changed."""
    monkeypatch.setattr(seconds, "_changed_files", lambda: changed)
    monkeypatch.setattr(seconds, "_measured", lambda: MEASURED)
    monkeypatch.setattr(seconds, "FAST_SECONDS", allowed)
    given = items(*slow)
    left_out = seconds.left_out_when_fast(given)
    return {item.nodeid.removeprefix("tests/") for item in given if item not in left_out}


def test_without_a_change_the_quickest_files_run_until_the_time_is_spent(monkeypatch: pytest.MonkeyPatch):
    assert run_when_fast(monkeypatch, set(), 3.0) == {
        "ledger/minutes/test_lots.py::t",
        "pages/test_search.py::t",
    }
    assert run_when_fast(monkeypatch, set(), 2.9) == {"ledger/minutes/test_lots.py::t"}


def test_the_tests_of_a_changed_module_run_whatever_they_cost_and_its_room_comes_first(
    monkeypatch: pytest.MonkeyPatch,
):
    assert run_when_fast(monkeypatch, {"ledger/payments/refunds.py"}, 26.0) == {
        "ledger/payments/test_refunds.py::t",
        "ledger/payments/test_refunds_forms.py::t",
        "ledger/payments/test_sales.py::t",
    }
    assert run_when_fast(monkeypatch, {"ledger/payments/refunds.py"}, 1.0) == {
        "ledger/payments/test_refunds.py::t",
        "ledger/payments/test_refunds_forms.py::t",
    }


@pytest.mark.parametrize("changed", ["ledger/sql/queries/uses.sql", "ledger/sql/functions/uses/record.sql"])
def test_changed_sql_runs_the_tests_of_its_noun(monkeypatch: pytest.MonkeyPatch, changed: str):
    assert run_when_fast(monkeypatch, {changed}, 0.0) == {"ledger/minutes/test_uses.py::t"}


def test_a_changed_test_file_runs_with_its_slow_tests_and_others_without(monkeypatch: pytest.MonkeyPatch):
    slow = ("tests/browser/test_purchase.py", "tests/ledger/minutes/test_lots.py")

    assert run_when_fast(monkeypatch, {"tests/browser/test_purchase.py"}, 1.5, *slow) == {
        "browser/test_purchase.py::t",
        "browser/test_purchase.py::slow",
        "ledger/minutes/test_lots.py::t",
    }


@pytest.mark.parametrize(("allowed", "runs"), [(4.9, False), (5.0, True)])
def test_a_file_that_was_never_measured_counts_as_a_long_one(
    monkeypatch: pytest.MonkeyPatch, allowed: float, *, runs: bool
):
    monkeypatch.setattr(seconds, "UNKNOWN_SECONDS", 5.0)
    monkeypatch.setattr(seconds, "_measured", dict)
    monkeypatch.setattr(seconds, "_changed_files", set)
    monkeypatch.setattr(seconds, "FAST_SECONDS", allowed)
    new = items()[:1]

    assert seconds.left_out_when_fast(new) == ([] if runs else new)
