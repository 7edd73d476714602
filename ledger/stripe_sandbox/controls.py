"""The sandbox's clock and faults: scheduled work and planned failures."""

import json
from collections.abc import Callable

from ledger.database import query
from ledger.stripe_sandbox import charges, checkout, refunds, subscriptions
from ledger.stripe_sandbox.answers import Answer, Json, Request, RequestRefused
from ledger.stripe_sandbox.faults import DUNNING_ENDS, FAULTS
from ledger.stripe_sandbox.sandbox import Sandbox, refuse_foreign_key
from ledger.stripe_sandbox.transaction import KEY_SECONDS, Transaction

DUE_WORK: dict[str, Callable[[Transaction, Json], None]] = {
    "charge": charges.book_late_fee,
    "checkout.session": checkout.expire_now,
    "refund": refunds.happen,
    "invoice": subscriptions.pay_draft,
    "subscription": subscriptions.happen,
}


def clock(sandbox: Sandbox, request: Request) -> Json:
    """Read the clock, or advance it; everything due until then runs at its own time."""
    now = time_of(sandbox)
    if request.method == "post":
        until = whole(request.params, "until")
        if until < now:
            raise RequestRefused(400, "The clock can't run backwards.", "sandbox_clock", "until")
        run_objects(sandbox, until)
        ahead = until - int(sandbox.clock().timestamp())
        with sandbox.engine.begin() as db:
            db.execute(query("sandbox_set_ahead"), {"ahead_seconds": ahead})
        sandbox.deliveries.run(until)
        now = until
    return {"object": "sandbox.clock", "now": now}


def run(sandbox: Sandbox, _request: Request) -> Json:
    """Run and deliver due work, and delete expired idempotency keys."""
    now = time_of(sandbox)
    with sandbox.engine.begin() as db:
        db.execute(query("sandbox_forget"), {"before": now - KEY_SECONDS})
    return {"object": "sandbox.run", "done": run_objects(sandbox, now) + sandbox.deliveries.run(now)}


def fault(sandbox: Sandbox, request: Request) -> Json:
    """Plan a fault for the next matching requests."""
    name = request.params.get("fault")
    if name not in (*FAULTS, *DUNNING_ENDS):
        raise RequestRefused(400, f"The sandbox has no fault {name}.", "sandbox_unimplemented", "fault")
    with sandbox.engine.begin() as db:
        tx, _ = sandbox.begin(db, None)
        tx.faults[name] = whole(request.params, "times")
        db.execute(query("sandbox_set_faults"), {"faults": json.dumps(tx.faults)})
    return {"object": "sandbox.faults", "faults": tx.faults}


def time_of(sandbox: Sandbox) -> int:
    """Return the sandbox's time in unix seconds."""
    with sandbox.engine.begin() as db:
        return sandbox.begin(db, None)[0].now


def whole(params: Json, name: str) -> int:
    """Return an integer parameter. Raise RequestRefused when it is not one."""
    try:
        return int(params[name])
    except (KeyError, ValueError):
        raise RequestRefused(400, f"Invalid integer: {name}", "parameter_invalid_integer", name) from None


def run_objects(sandbox: Sandbox, until: int) -> int:
    """Run everything due by `until`, each in its own transaction. Return the number of things run."""
    done = 0
    while run_next(sandbox, until):
        done += 1
    return done


def run_next(sandbox: Sandbox, until: int) -> bool:
    """Run the next due thing at its own time. Return False when nothing is due."""
    with sandbox.engine.begin() as db:
        row = db.execute(query("sandbox_due"), {"now": until}).one_or_none()
        if row is None:
            return False
        tx = sandbox.begin(db, None)[0].at(row.due, f"due:{row.id}:{row.due}")
        body = tx.load(row.object, row.id)
        DUE_WORK[row.object](tx, body)
        after = tx.dues[row.id]
        if after is not None and after <= row.due:
            raise AssertionError(f"{row.id} would be due forever")
        plan = sandbox.deliveries.plan(tx)
        tx.flush(200, {}, plan.due)
    sandbox.deliveries.send(plan)
    return True


CONTROLS: dict[str, Callable[[Sandbox, Request], Json]] = {
    "/v1/sandbox/clock": clock,
    "/v1/sandbox/run": run,
    "/v1/sandbox/faults": fault,
}


def answer(sandbox: Sandbox, request: Request) -> Answer:
    """Return the response of a control, or of the sandbox for Stripe's own paths."""
    control = CONTROLS.get(request.path)
    if control is None:
        return sandbox.answer(request)
    try:
        refuse_foreign_key(request.api_key)
        return Answer(200, control(sandbox, request))
    except RequestRefused as refusal:
        return Answer(refusal.status, refusal.body)
