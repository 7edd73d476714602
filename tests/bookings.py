"""What an import has booked, and a death in the middle of one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

import ledger


def balances(engine: Engine) -> dict[str, tuple[int, int]]:
    """Return the plan minutes and the extra minutes left in each workspace."""
    with ledger.reading(engine) as db:
        rows = db.execute(
            text("SELECT workspace_id, minutes_remaining, extra_minutes_remaining FROM workspace_minutes")
        )
        return {row[0]: (row[1], row[2]) for row in rows}


def contents(engine: Engine) -> list[Any]:
    """Return all entries with the balances after them."""
    with ledger.reading(engine) as db:
        entries = (
            "SELECT workspace_id, entry_no, kind, key, at, plan_after, extra_after FROM entries ORDER BY 1, 2"
        )
        return list(db.execute(text(entries)))


def dies_after(portions: int) -> Callable[..., None]:
    """Return a `progress` that ends the import by KeyboardInterrupt once it has booked that many portions."""
    left = iter(range(portions))

    def die(step: str, *_: object) -> None:
        if step == "book" and next(left, None) is None:
            raise KeyboardInterrupt

    return die
