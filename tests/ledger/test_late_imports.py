"""A room imports what is slow when somebody asks for it, and not before."""

import json
import subprocess
import sys

import pytest

from ledger.late_imports import importer


def test_a_name_comes_from_the_module_that_has_it() -> None:
    attribute = importer("ledger.room", {"dumps": "json", "Fraction": "fractions"})

    assert attribute("dumps") is json.dumps
    assert attribute("Fraction")(1, 2) == 0.5


def test_a_name_that_no_module_has_is_refused_with_the_room() -> None:
    attribute = importer("ledger.room", {"dumps": "json"})

    with pytest.raises(AttributeError, match=r"'ledger\.room' has no attribute 'loads'"):
        attribute("loads")


def test_the_rooms_load_statistics_when_they_are_used() -> None:
    program = """
import sys
import ledger, ledger.experiments, ledger.notify
print("scipy" in sys.modules)
ledger.measure, ledger.METRICS, ledger.experiments.design_test, ledger.notify.MetricAlert
print("scipy" in sys.modules)
"""
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == ["False", "True"]
