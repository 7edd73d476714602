"""Rehearse purchases in test mode with copies, and save designs of price tests. Live workspaces never buy here."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.clock import present
from dashboard.installation import current
from ledger.database import writing
from ledger.payments import buying, simulation_copy
from ledger.pricing import rehearsals


@needs("simulate_purchases")
def begin_cohort(
    operator: Operator, run_id: UUID, settings: Mapping[str, Any], plan: Mapping[str, Any]
) -> None:
    """Record that a cohort starts; `plan` lets an interrupted one continue.

    Raises NotAllowed, SimulationRefused (no test mode: nothing was written).
    """
    rehearsal_gateway().require_test()
    with acting(operator, str(run_id)) as act:
        stored = {**settings, "plan": dict(plan)}
        rehearsals.begin_cohort(act.db, run_id, stored, author=operator.actor, at=act.at)
        if not act.seen("begin_cohort"):
            act.record("begin_cohort", subject=str(run_id), after=dict(settings))


@needs("simulate_purchases")
def resume_cohort(operator: Operator, run_id: UUID) -> rehearsals.CohortRun:
    """Continue an interrupted cohort. Raises NotAllowed, SimulationRefused, RehearsalEnded."""
    rehearsal_gateway().require_test()
    with acting(operator, f"resume:{run_id}:{uuid4()}") as act:  # every continuation is an action of its own
        run = rehearsals.resume_cohort(act.db, run_id)
        act.record("resume_cohort", subject=str(run_id))
    return run


@needs("simulate_purchases")
def take_turn(operator: Operator, run_id: UUID, per_second: float) -> float | None:
    """Return the seconds until this run may buy next; None when it has ended. Raises NotAllowed."""
    with acting(operator, f"turn:{run_id}") as act:
        return rehearsals.take_turn(act.db, run_id, per_second=per_second, at=act.at)


@needs("simulate_purchases")
def buy_as_copy(
    operator: Operator, run_id: UUID, workspace_id: str, package: str, payment_method: str
) -> str:
    """Buy through the real flow as the copy of a workspace; return the purchase's status at Stripe.

    Raises NotAllowed, SimulationRefused, UnknownPackage, GatewayUnavailable.
    """
    gateway = rehearsal_gateway()
    gateway.require_test()
    engine = installation.engine()
    with writing(engine) as db:
        twin = simulation_copy(db, workspace_id, source=gateway.source, actor=operator.actor, at=present())
    purchase = buying.buy(
        engine,
        gateway,
        twin.workspace_id,
        package,
        payment_method=payment_method,
        key=rehearsals.purchase_key(run_id),
        actor=operator.actor,
        at=present(),
    )
    with writing(engine) as db:
        synced = buying.sync_purchase(
            db, gateway, twin.workspace_id, purchase.purchase_id, actor=operator.actor, at=present()
        )
    return synced.status


@needs("simulate_purchases")
def end_cohort(operator: Operator, run_id: UUID, status: str, results: Mapping[str, Any]) -> None:
    """End a cohort with its results. Raises NotAllowed."""
    with acting(operator, f"end:{run_id}") as act:
        rehearsals.end_cohort(act.db, run_id, status, results, at=act.at)


@needs("use_pricing")
def save_design(
    operator: Operator, test: str, arms: Sequence[str], design: Mapping[str, Any], *, note: str, key: str
) -> ActionResult:
    """Save a design of a price test; a repeated key saves one. Raises NotAllowed, WrongTest."""
    with acting(operator, key) as act:
        if act.seen("save_price_test"):
            return ActionResult("This design was already saved.", repeated=True)
        saved = rehearsals.save_design(
            act.db, test, arms, design, note=note, author=operator.actor, at=act.at
        )
        act.record("save_price_test", subject=str(saved.design_id), after={"test": test, "arms": list(arms)})
    return ActionResult("Design saved. An administrator can start it in the catalogue.")


def rehearsal_gateway() -> Any:
    """Return the gateway of rehearsals: the installation's own in test modes, the sandbox where money is real."""
    mode = installation.settings().mode
    return current().gateway("sandbox" if mode == "live" else mode)
