"""A company of 500 workspaces and 24 months through the ledger's own functions, and its growth to any size by copies.

No screen reads uses, so a month has a few large ones. Limit hits and purchases are at least as many as those of the
demo company: four hits and three purchases for each workspace in 24 months. A copy is every row of a workspace under another id, some days earlier but never in another month, so that resets
stay on their days; constraints hold for copies as for their models.
"""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import reading, writing
from ledger.minutes.uses import Use
from ledger.minutes.verify import Known, verify_workspaces
from ledger.minutes.workspaces import cancel_plan, reset_due
from ledger.payments.purchases import place_purchase
from tests.mini_ledger import pay, refund

BEGIN, MONTHS = (2024, 3), 24
AS_OF = datetime(2026, 2, 28, 14, 30, tzinfo=UTC)
SOURCE = "sandbox"
CALLS, BUYS, REFUNDS, LEAVES = 4, 0.75, 0.04, 0.01
"""Rounds of calls in a month; shares: of limit hits that are followed by a purchase, of purchases refunded, of
workspaces leaving in a month."""
GROW = Path(__file__).parent / "grow_company.sql"


def build_company(engine: Engine, workspaces: int) -> None:
    """Book the history of `workspaces` workspaces (`w00000` ...) month by month. Raises SystemExit when it is not sound."""
    dice = random.Random(1)
    active: list[str] = []
    for month in range(MONTHS):
        year, number = divmod(BEGIN[0] * 12 + BEGIN[1] - 1 + month, 12)
        with writing(engine) as db:
            while reset_due(db, at=min(AS_OF, _day(year, number + 1, 28) + timedelta(hours=24))):
                pass
            for new in range(workspaces * month // MONTHS, workspaces * (month + 1) // MONTHS):
                _sign_up(db, f"w{new:05}", dice, _day(year, number + 1, 1 + new % 28, new % 24))
                active.append(f"w{new:05}")
            _live(db, active, year, number + 1, dice)
            for name in [name for name in active if dice.random() < LEAVES]:
                _leave(db, name, _anchor(name, year, number + 1) + timedelta(days=24))
                active.remove(name)
    with reading(engine) as db:
        _sound(ledger.verify(db))


def _day(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def _anchor(name: str, year: int, month: int) -> datetime:
    number = int(name[1:])
    return _day(year, month, 1 + number % 28, number % 24)


def _sign_up(db: Connection, name: str, dice: random.Random, at: datetime) -> None:
    email = f"owner@{name}.example"
    ledger.create_workspace(db, name, name=name, owner_email=email, actor="bench", at=at, source=SOURCE)
    cycle = "annual" if dice.random() < 0.15 else "monthly"
    plan = "pro" if dice.random() < 0.4 else "starter"
    ledger.update_plan_allocation(db, name, plan, cycle, key="start", actor="bench", at=at)


def _live(db: Connection, names: Iterable[str], year: int, month: int, dice: random.Random) -> None:
    """One month: everybody calls; who is blocked may buy, and then calls again or wants the money back."""
    calls = []
    for name in names:
        at = _anchor(name, year, month) + timedelta(minutes=dice.randrange(3 * 1440, 14 * 1440))
        calls.append((name, at, max(1, round(dice.lognormvariate(5.25, 0.7)))))
    for _ in range(CALLS):
        more = []
        for (name, at, _), answer in zip(calls, _call(db, calls), strict=True):
            if answer is None or answer.total_minutes or dice.random() > BUYS:
                continue
            paid = at + timedelta(hours=dice.randrange(1, 48))
            if paid + timedelta(days=2) < AS_OF:
                _buy(db, name, dice, paid)
                more.append((name, paid + timedelta(days=2), dice.randrange(20, 400)))
        calls = more


def _call(db: Connection, calls: list[tuple[str, datetime, int]]) -> list[Use | None]:
    """Book one call of each; None for what lies after the end of the history."""
    output = [
        {"workspace_id": name, "minutes": minutes, "key": f"{at:%y%m%d%H%M}", "at": at}
        for name, at, minutes in calls
        if at < AS_OF
    ]
    answers = iter(ledger.track_uses(db, output) if output else [])
    return [next(answers) if at < AS_OF else None for _, at, _ in calls]  # type: ignore[misc]


def _buy(db: Connection, name: str, dice: random.Random, at: datetime) -> None:
    package = dice.choices(["small", "medium", "large", "jumbo"], [50, 30, 15, 5])[0]
    bought = place_purchase(
        db, name, package, mode=SOURCE, key=f"{at:%y%m%d%H}", actor="owner", at=at - timedelta(minutes=2)
    )
    pay(db, name, bought.purchase_id, at=at)
    if dice.random() < REFUNDS:
        refund(db, name, at=at + timedelta(days=1))


def _leave(db: Connection, name: str, at: datetime) -> None:
    if at < AS_OF:
        cancel_plan(db, name, key="leave", actor="owner", at=at)


def grow_company(engine: Engine, times: int) -> None:
    """Copy everybody until there are `times` as many. Raises SystemExit when a sample of the copies is not sound."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("RESET ROLE"))
        db.connection.cursor().execute(GROW.read_text().encode())
        db.execute(text("CALL grow_company(:times)"), {"times": times})
    with reading(engine) as db:
        ids = db.execute(text("SELECT workspace_id FROM workspaces ORDER BY md5(workspace_id) LIMIT 400"))
        _sound(verify_workspaces(db, [Known(each, True) for each in ids.scalars()], None).findings)


def settle(engine: Engine) -> None:
    """What a server does by itself in time: statistics and visibility."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("RESET ROLE"))
        db.execute(text("VACUUM ANALYZE"))


def _sound(findings: list[ledger.Finding]) -> None:
    if findings:
        raise SystemExit(f"the benchmark broke the ledger: {findings[0]}")
