"""What the Scenarios page answers first."""

from dataclasses import replace

import pytest

from dashboard.screens.pricing.library import answer
from tests.dashboard.screens.pricing.test_report import scenario


def test_without_scenarios_the_answer_says_how_to_save_one() -> None:
    assert answer([]) == "**No saved scenarios yet**. Try a price on the Pricing page and save it."


@pytest.mark.parametrize(
    ("chance", "said"), [(0.5, "none is likely to increase revenue"), (0.51, "**Cheaper** (51.0%)")]
)
def test_the_answer_names_the_scenario_that_most_likely_increases_revenue(chance: float, said: str) -> None:
    worse = replace(scenario("Smaller"), results={"chance_up": 0.2})
    better = replace(scenario("Cheaper"), results={"chance_up": chance})

    assert answer([worse, better]).startswith("**2 scenarios**")
    assert said in answer([worse, better])
