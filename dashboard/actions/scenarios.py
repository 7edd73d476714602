"""Save pricing scenarios. Nothing here changes a price, a plan or a balance."""

from collections.abc import Mapping
from typing import Any

from dashboard.access import Operator
from dashboard.actions.acting import acting, needs
from ledger.pricing import Question, Scenario, Snapshot, keep_what_is_linked
from ledger.pricing import get_scenario as saved_scenario
from ledger.pricing import save_scenario as save


@needs("use_pricing")
def save_scenario(
    operator: Operator,
    *,
    name: str,
    note: str,
    question: Question,
    taken: Snapshot,
    results: Mapping[str, Any],
    seed: int,
    parent: Scenario | None,
    duplicate: bool,
    key: str,
) -> Scenario:
    """Save a scenario and the facts behind it; a repeated key returns the saved one.

    Raises NotAllowed, ScenarioChanged (somebody saved the next version first), WrongScenarioText.
    """
    with acting(operator, key) as act:
        seen = act.seen("save_scenario")
        if seen and seen.subject:
            return saved_scenario(act.db, seen.subject)
        saved = save(
            act.db,
            name=name,
            note=note,
            question=question,
            snapshot=taken.facts,
            results=results,
            seed=seed,
            author=operator.actor,
            at=act.at,
            parent=parent,
            duplicate=duplicate,
        )
        keep_what_is_linked(act.db, taken, at=act.at)
        after = {"name": saved.name, "version": saved.version}
        act.record("save_scenario", subject=str(saved.scenario_id), after=after)
    return saved
