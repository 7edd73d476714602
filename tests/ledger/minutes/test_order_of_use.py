"""The order of use is one SQL function: a copy of the SQL that differs in it alone books, replays and verifies by another order."""

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger import database, migrations
from tests.databases import empty_database
from tests.oracle import Lot, Oracle
from tests.stories import Story

BODY = "CREATE OR REPLACE FUNCTION burn_order(kind lot_kind, acquired_at timestamptz, expires_at timestamptz) RETURNS bigint\n"
BODY += "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {body};\n"
AGE = "(extract(epoch FROM acquired_at - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint"
ORDERS: dict[str, tuple[str, Callable[[Lot], Any]]] = {
    "extra before plan": (
        f"CASE kind WHEN 'plan' THEN 1000000000000000000 ELSE 0 END + {AGE}",
        lambda lot: (lot.kind == "plan", lot.age, lot.number),
    ),
    "the newest lot first": (f"-{AGE}", lambda lot: (-lot.age.timestamp(), lot.number)),  # type: ignore[attr-defined]
    "by age whatever the pool": (AGE, lambda lot: (lot.age, lot.number)),
}


def copy_with_order(body: str, to: Path) -> Path:
    """Copy the SQL and write another order of use into its one place."""
    shutil.copytree(database.SQL, to)
    (to / "functions" / "lots" / "burn_order.sql").write_text(BODY.format(body=body))
    return to


def live(story: Story, oracle: Oracle, luck: random.Random, *, in_batches: bool) -> None:
    """Let credits and uses happen to the ledger and to the oracle; every answer must be the same."""
    for _ in range(12):
        story.later(hours=luck.randint(1, 50))
        if luck.random() < 0.45:
            pool = luck.choice(["plan", "grant"])
            minutes = story.plan("starter", "annual") and 2400 if pool == "plan" else luck.randint(5, 900)
            if pool == "grant":
                story.gets(minutes)
            oracle.credit(pool, minutes, story.now)
        wanted = [luck.choice([1, 30, 200, 900, 2000]) for _ in range(3)]
        said = [oracle.use(minutes) for minutes in wanted]
        uses = [
            {"workspace_id": story.workspace_id, "minutes": each, "key": story.key(), "at": story.now}
            for each in wanted
        ]
        if in_batches:
            answers = ledger.track_uses(story.db, uses)
        else:
            answers = [story.uses(use["minutes"], key=use["key"]) for use in uses]  # type: ignore[arg-type]
        for answer, (draws, thresholds, _) in zip(answers, said, strict=True):
            assert isinstance(answer, ledger.Use)
            result = {
                each.lot_id: each.minutes
                for each in ledger.explain_entry(story.db, story.workspace_id, answer.entry_no)
            }
            assert (result, list(answer.thresholds)) == (draws, thresholds)
        balance = ledger.get_balance(story.db, story.workspace_id)
        assert (balance.plan_minutes, balance.extra_minutes) == (oracle.pool("plan"), oracle.pool("extra"))


@pytest.mark.parametrize("order", ORDERS)
def test_another_order_of_use_is_one_function_and_everything_follows_it(
    order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, sort_key = ORDERS[order]
    monkeypatch.setattr(migrations, "SQL", copy_with_order(body, tmp_path / "sql"))
    with empty_database() as url:
        engine = database.connect(url)
        migrations.migrate(engine)
        for seed in range(6):
            with ledger.writing(engine) as db:
                for in_batches in (False, True):
                    live(Story(db), Oracle(order=sort_key), random.Random(seed), in_batches=in_batches)
        with ledger.reading(engine) as db:
            assert [str(each) for each in ledger.verify(db)] == []


def balance_of(engine: Engine, workspace_id: str) -> tuple[int, int]:
    with ledger.reading(engine) as db:
        balance = ledger.get_balance(db, workspace_id)
        return balance.plan_minutes, balance.extra_minutes


def test_migrate_orders_existing_lots_again_when_the_order_of_use_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_database() as url:
        engine = database.connect(url)
        migrations.migrate(engine)
        with ledger.writing(engine) as db:
            acme, beta = Story(db, workspace_id="acme"), Story(db, workspace_id="beta")
            for each in (acme, beta):
                each.plan("starter", "annual")
                each.gets(60)
                each.uses(30)
        monkeypatch.setattr(
            migrations, "SQL", copy_with_order(ORDERS["extra before plan"][0], tmp_path / "sql")
        )

        migrations.migrate(engine)
        with ledger.writing(engine) as db:
            ledger.track_minutes(db, "acme", 50, key="after", at=acme.now + timedelta(days=1))

        assert balance_of(engine, "acme") == (2370, 10), "used before: plan; used after: extra"
        assert balance_of(engine, "beta") == (2370, 60)
        with ledger.reading(engine) as db:
            assert [str(each) for each in ledger.verify(db)] == []
            before = db.execute(
                text("SELECT applied_at FROM schema_migrations WHERE version = 'burn_order'")
            ).scalar_one()
        migrations.migrate(engine)
        with ledger.reading(engine) as db:
            again = db.execute(
                text("SELECT applied_at FROM schema_migrations WHERE version = 'burn_order'")
            ).scalar_one()
        assert again == before, "an order that stays is not written again"
